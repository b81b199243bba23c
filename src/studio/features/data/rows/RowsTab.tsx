/**
 * The rows of a dataset: searched, filtered, sorted, opened, typed. In: the dataset. Out: a bar of tools above the grid; a text
 * can also be read as the model will read it.
 */
import { Plus } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { useStore } from "zustand";
import type { Column, DatasetSummary } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { headingOf } from "../../../components/Messages";
import toggles from "../../../components/Toggles.module.css";
import { useStudio } from "../../../components/StudioContext";
import { columnsOf, originalRows } from "../../../state/datasets";
import type { GridPlace } from "../../../state/gridKeys";
import { askTable, editCell, openTable, type TableView } from "../../../state/tableView";
import { CellDrawer } from "./CellDrawer";
import { Filters } from "./Filters";
import { RowsGrid } from "./RowsGrid";
import css from "./RowsTab.module.css";
import { SearchBar } from "./SearchBar";
import { TextPreview } from "./TextPreview";

export function RowsTab({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const table = useMemo(() => studio.tables.of(dataset.id), [studio, dataset.id]);
  const layout = useStore(studio.dataRoom, (room) => room.rowsAs);
  const version = useStore(table.store, ({ shows, version: asked }) => shows ?? asked);
  const columns = columnsOf(dataset, version);
  return (
    <div className={css["tab"]}>
      <div className={css["tools"]}>
        <Toggle label="Show as" value={layout} options={[["rows", "Rows"], ["text", "Text"]]} onChange={(rowsAs) => studio.dataRoom.setState({ rowsAs })} />
        {layout === "rows" ? <Tools table={table} dataset={dataset} columns={columns} /> : null}
      </div>
      {layout === "rows" ? <Rows table={table} dataset={dataset} columns={columns} /> : <TextPreview dataset={dataset} />}
    </div>
  );
}

interface ToggleProps<Id extends string> {
  readonly label: string;
  readonly value: Id;
  readonly options: readonly (readonly [Id, string])[];
  readonly onChange: (value: Id) => void;
}

function Toggle<Id extends string>({ label, value, options, onChange }: ToggleProps<Id>) {
  return (
    <ToggleButtonGroup
      aria-label={label} className={toggles["group"] ?? ""} selectionMode="single" disallowEmptySelection selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const chosen = options.find(([id]) => keys.has(id));
        if (chosen) onChange(chosen[0]);
      }}
    >
      {options.map(([id, words]) => (
        <ToggleButton key={id} id={id} className={toggles["button"] ?? ""}>
          {words}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

interface PartProps {
  readonly table: TableView;
  readonly dataset: DatasetSummary;
  readonly columns: readonly Column[];
}

function Tools({ table, dataset, columns }: PartProps) {
  const studio = useStudio();
  const version = useStore(table.store, (state) => state.version);
  const typing = useStore(studio.dataRoom, (room) => room.typing === dataset.id);
  return (
    <>
      {dataset.cleaned ? (
        <Toggle label="Version" value={version} options={[["original", "Original"], ["cleaned", "Cleaned"]]} onChange={(next) => askTable(table, { version: next })} />
      ) : null}
      <SearchBar table={table} />
      <Filters table={table} columns={columns} />
      {dataset.origin === "user" && version === "original" ? (
        <>
          <Toggle
            label="Grid" value={typing ? "typing" : "reading"} options={[["reading", "Read"], ["typing", "Type"]]}
            onChange={(next) => studio.dataRoom.setState({ typing: next === "typing" ? dataset.id : null })}
          />
          {typing ? (
            <Button icon={Plus} onPress={() => void addRow(studio, dataset, columns)}>
              Add row
            </Button>
          ) : null}
        </>
      ) : null}
    </>
  );
}

const addRow = (studio: ReturnType<typeof useStudio>, dataset: DatasetSummary, columns: readonly Column[]): Promise<boolean> =>
  editCell(studio, dataset.id, originalRows(dataset), columns[0]?.name ?? "", "");

function Rows({ table, dataset, columns }: PartProps) {
  const studio = useStudio();
  const { status, view, windows, failure, version, shows } = useStore(table.store);
  const isTyping = useStore(studio.dataRoom, (room) => room.typing === dataset.id);
  const [opened, setOpened] = useState<GridPlace | null>(null);
  const names = useMemo(() => columns.map(({ name }) => name), [columns]);
  useEffect(() => {
    if (status === "new") void openTable(studio, table);
  }, [studio, table, status]);
  if (status === "failed" && failure) {
    return (
      <div role="alert" className={css["failure"]}>
        <h3>{headingOf(failure)}</h3>
        <p>{failure.message}</p>
        <p>{failure.hint}</p>
      </div>
    );
  }
  if (!view || !windows || columns.length === 0) return <p className={css["quiet"]}>{status === "open" ? "This dataset has no columns." : "Opening…"}</p>;
  // While the other version is on its way, the rows in sight have other numbers.
  const canEdit = dataset.origin === "user" && version === "original" && shows === "original";
  return (
    <>
      {view.of === 0 ? <p className={css["quiet"]}>{canEdit && isTyping ? "No rows yet: press Add row, then Enter to type in a cell." : "This dataset has no rows."}</p> : null}
      {view.of > 0 && view.rows === 0 ? <p className={css["quiet"]}>No row matches. Search for less, or take a filter away.</p> : null}
      <RowsGrid
        table={table} columns={columns} windows={windows} rows={view.rows} label={`Rows of ${dataset.name}`} editing={!canEdit ? "never" : isTyping ? "on Enter" : "on F2"}
        onOpen={setOpened}
        onEdit={async ({ row, column }, text) => {
          const id = windows.id(row);
          if (id === null) return;
          windows.put(row, column, text);
          if (!(await editCell(studio, dataset.id, id, names[column] ?? "", text))) studio.tables.forget(dataset.id);
        }}
        onPastEnd={() => void addRow(studio, dataset, columns)}
      />
      <CellDrawer table={table} dataset={dataset} columns={columns} windows={windows} view={view} place={opened} onPlace={setOpened} canEdit={canEdit} />
    </>
  );
}
