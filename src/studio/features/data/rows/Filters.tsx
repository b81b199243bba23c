/** Filters of a table as chips. In: its columns. Out: the question; a press on a chip takes it away. */
import { ListFilter, X } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useStore } from "zustand";
import type { Column, Filter } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { readNumber } from "../../../state/format";
import { askTable, filterText, type TableView } from "../../../state/tableView";
import css from "./Filters.module.css";

export interface FiltersProps {
  readonly table: TableView;
  readonly columns: readonly Column[];
}

export function Filters({ table, columns }: FiltersProps) {
  const filters = useStore(table.store, (state) => state.filters);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
        <Button look="plain" icon={ListFilter} isDisabled={columns.length === 0}>
          Filter
        </Button>
        <Popover className={css["popover"] ?? ""} placement="bottom start">
          <Dialog aria-label="Add a filter" className={css["dialog"] ?? ""}>
            <FilterForm
              columns={columns}
              onAdd={(filter) => {
                setOpen(false);
                askTable(table, { filters: [...filters, filter] });
              }}
            />
          </Dialog>
        </Popover>
      </DialogTrigger>
      {filters.map((filter, index) => (
        <AriaButton
          key={filterText(filter)} className={css["chip"] ?? ""} aria-label={`Remove filter: ${filterText(filter)}`}
          onPress={() => askTable(table, { filters: filters.filter((_, at) => at !== index) })}
        >
          <bdi>{filterText(filter)}</bdi>
          <X aria-hidden size="1.1em" />
        </AriaButton>
      ))}
    </>
  );
}

type Condition = Filter["is"];
const CONDITIONS: readonly { readonly id: Condition; readonly label: string }[] = [
  { id: "missing", label: "is missing" }, { id: "present", label: "is present" }, { id: "one of", label: "is one of" },
  { id: "between", label: "is between" }, { id: "length between", label: "has a length between" },
];

function FilterForm({ columns, onAdd }: { readonly columns: readonly Column[]; readonly onAdd: (filter: Filter) => void }) {
  const id = useId();
  const [column, setColumn] = useState(columns[0]?.name ?? "");
  const [is, setIs] = useState<Condition>("missing");
  const [values, setValues] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const filter = makeFilter(column, is, values, from, to);
  const select = `${fields["control"] ?? ""} ${fields["select"] ?? ""} ${css["select"] ?? ""}`;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (filter) onAdd(filter);
  };
  return (
    <form className={css["form"]} onSubmit={submit}>
      <label htmlFor={`${id}-column`}>Column</label>
      <select id={`${id}-column`} className={select} value={column} onChange={(event) => setColumn(event.currentTarget.value)}>
        {columns.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <label htmlFor={`${id}-is`}>Condition</label>
      <select id={`${id}-is`} className={select} value={is} onChange={(event) => setIs(event.currentTarget.value as Condition)}>
        {CONDITIONS.map((condition) => (
          <option key={condition.id} value={condition.id}>
            {condition.label}
          </option>
        ))}
      </select>
      {is === "one of" ? (
        <>
          <label htmlFor={`${id}-values`}>Values, one per line</label>
          <textarea id={`${id}-values`} rows={3} dir="auto" className={fields["control"]} value={values} onChange={(event) => setValues(event.currentTarget.value)} />
        </>
      ) : null}
      {is === "between" || is === "length between" ? (
        <>
          <label htmlFor={`${id}-from`}>From</label>
          <input id={`${id}-from`} inputMode="decimal" className={fields["control"]} value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
          <label htmlFor={`${id}-to`}>To</label>
          <input id={`${id}-to`} inputMode="decimal" className={fields["control"]} value={to} onChange={(event) => setTo(event.currentTarget.value)} />
        </>
      ) : null}
      <Button type="submit" isDisabled={filter === null}>
        Add filter
      </Button>
    </form>
  );
}

/** Null while it says nothing. */
function makeFilter(column: string, is: Condition, values: string, from: string, to: string): Filter | null {
  if (is === "missing" || is === "present") return { column, is };
  if (is === "one of") {
    const lines = values.split("\n").map((line) => line.trim()).filter(Boolean);
    return lines.length === 0 ? null : { column, is, values: lines };
  }
  const [low, high] = [readNumber(from) ?? null, readNumber(to) ?? null];
  const isBad = (low === null && from.trim() !== "") || (high === null && to.trim() !== "");
  return isBad || (low === null && high === null) ? null : { column, is, from: low, to: high };
}
