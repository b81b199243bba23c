/**
 * One cell, whole. In: a place of the view. Out: a drawer with its text, JSON laid out, a conversation as turns, hidden
 * characters as signs, and the way to the cells beside it; own datasets can be changed here.
 */
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Heading } from "react-aria-components";
import type { Cell, Column, DatasetSummary, Result, ViewInfo } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { ModalDialog } from "../../../components/ModalDialog";
import { useStudio } from "../../../components/StudioContext";
import { formatCount } from "../../../state/format";
import type { GridPlace } from "../../../state/gridKeys";
import type { RowWindows } from "../../../state/rowWindows";
import { settle } from "../../../state/settle";
import { editCell, type TableView } from "../../../state/tableView";
import css from "./CellDrawer.module.css";
import { CellReading } from "./CellReading";

export interface CellDrawerProps {
  readonly table: TableView;
  readonly dataset: DatasetSummary;
  readonly columns: readonly Column[];
  readonly windows: RowWindows;
  readonly view: ViewInfo;
  /** Null: closed. */
  readonly place: GridPlace | null;
  readonly onPlace: (place: GridPlace | null) => void;
  readonly canEdit: boolean;
}

export function CellDrawer(props: CellDrawerProps) {
  const { place, onPlace, columns } = props;
  const column = place ? columns[place.column] : undefined;
  return (
    <ModalDialog isOpen={place !== null && column !== undefined} onClose={() => onPlace(null)} size="drawer">
      {place && column ? <Body {...props} place={place} column={column} /> : null}
    </ModalDialog>
  );
}

function Body({ dataset, windows, view, place, column, columns, onPlace, canEdit }: CellDrawerProps & { readonly place: GridPlace; readonly column: Column }) {
  const answer = useCell(view, place.row, column.name);
  const id = windows.id(place.row);
  const step = (rows: number, at: number) => onPlace({ row: place.row + rows, column: at });
  return (
    <>
      <div className={css["head"]}>
        <Heading slot="title" dir="auto">
          {column.name}, row {id === null ? "…" : formatCount(id + 1)}
        </Heading>
        <span className={css["steps"]}>
          <Button look="plain" icon={ChevronUp} compact="always" isDisabled={place.row === 0} onPress={() => step(-1, place.column)}>
            Row above
          </Button>
          <Button look="plain" icon={ChevronDown} compact="always" isDisabled={place.row >= view.rows - 1} onPress={() => step(1, place.column)}>
            Row below
          </Button>
          <Button look="plain" icon={X} compact="always" onPress={() => onPlace(null)}>
            Close
          </Button>
        </span>
      </div>
      {columns.length > 1 ? (
        <select
          aria-label="Column" className={`${fields["control"] ?? ""} ${fields["select"] ?? ""} ${css["column"] ?? ""}`} value={place.column}
          onChange={(event) => step(0, Number(event.currentTarget.value))}
        >
          {columns.map(({ name }, index) => (
            <option key={name} value={index}>
              {name}
            </option>
          ))}
        </select>
      ) : null}
      {!answer ? <p className={css["quiet"]}>Opening…</p> : answer.ok ? <CellReading key={`${place.row}:${place.column}`} cell={answer.value} /> : <p className={css["problem"]}>{`${answer.failure.message} ${answer.failure.hint}`}</p>}
      {canEdit && answer?.ok && id !== null ? <Editor key={`${id}:${column.name}`} dataset={dataset} row={id} column={column.name} cell={answer.value} onSaved={() => onPlace(null)} /> : null}
    </>
  );
}

/** Null while it is on its way. */
function useCell({ view }: ViewInfo, row: number, column: string): Result<Cell> | null {
  const studio = useStudio();
  const key = `${view}:${row}:${column}`;
  const [read, setRead] = useState<{ readonly key: string; readonly answer: Result<Cell> } | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void settle(studio.connection.data.readCell(view, row, column)).then((answer) => {
      if (isCurrent) setRead({ key, answer });
    });
    return () => {
      isCurrent = false;
    };
  }, [studio, view, row, column, key]);
  return read?.key === key ? read.answer : null;
}

interface EditorProps {
  readonly dataset: DatasetSummary;
  readonly row: number;
  readonly column: string;
  readonly cell: Cell;
  readonly onSaved: () => void;
}

function Editor({ dataset, row, column, cell, onSaved }: EditorProps) {
  const studio = useStudio();
  const [text, setText] = useState<string | null>(null);
  if (text === null) {
    return (
      <footer>
        <Button onPress={() => setText(cell === null || cell === undefined ? "" : String(cell))}>Edit</Button>
      </footer>
    );
  }
  const save = async () => {
    if (await editCell(studio, dataset.id, row, column, text)) onSaved();
  };
  return (
    <>
      <textarea aria-label={`Edit ${column}`} autoFocus dir="auto" rows={8} className={`${fields["control"] ?? ""} ${fields["text"] ?? ""}`} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <footer>
        <Button onPress={() => setText(null)}>Cancel</Button>
        <Button look="primary" onPress={() => void save()}>
          Save
        </Button>
      </footer>
    </>
  );
}
