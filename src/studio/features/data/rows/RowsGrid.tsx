/**
 * The rows of a view as a grid that stays quick at a million of them. In: the table's columns and windows. Out: role "grid" with
 * only what is in sight in the document. Rows have one height and are placed by `gridGeometry`; columns by TanStack Virtual. The
 * grid keeps the focus itself and names the active cell, so that scrolling that cell away loses nothing.
 */
import { useCallback, useEffect, useId, useMemo, useRef, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import type { Column } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { useStudio } from "../../../components/StudioContext";
import { barHeight } from "../../../state/gridGeometry";
import type { GridPlace } from "../../../state/gridKeys";
import type { RowWindows } from "../../../state/rowWindows";
import { askTable, type TableView, toggleSort } from "../../../state/tableView";
import css from "./Grid.module.css";
import { GridHeader } from "./GridHeader";
import { type GridPress, GridRow } from "./GridRow";
import { useColumnsInSight } from "./useColumnsInSight";
import { type EditingWish, useGridEditing } from "./useGridEditing";
import { useGridScroll } from "./useGridScroll";

export interface RowsGridProps {
  readonly table: TableView;
  readonly columns: readonly Column[];
  readonly windows: RowWindows;
  readonly rows: number;
  readonly label: string;
  readonly editing: EditingWish;
  readonly onOpen: (place: GridPlace) => void;
  readonly onEdit: (place: GridPlace, text: string) => Promise<void>;
  readonly onPastEnd: () => void;
}

export function RowsGrid({ table, columns, windows, rows, label, editing, onOpen, onEdit, onPastEnd }: RowsGridProps) {
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const sizes = useSizes();
  const { sort, search, filters, widths } = useStore(table.store);
  const arrivals = useSyncExternalStore(windows.subscribe, () => windows.arrivals);
  const { span, geometry, width: room, showRow, toTop } = useGridScroll(scroller, rows, sizes.row, sizes.head);
  const { items, width, showColumn, widen } = useColumnsInSight({ scroller, table, columns, widths, scale: sizes.scale, room });
  const [firstColumn, lastColumn] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => windows.want({ fromRow: span.from, toRow: span.to, fromColumn: firstColumn, toColumn: lastColumn + 1 }), [windows, span.from, span.to, firstColumn, lastColumn]);
  // Another question: its answer is read from the top.
  useEffect(toTop, [toTop, search, filters, sort]);
  const show = useCallback(
    ({ row, column }: GridPlace) => {
      if (row >= 0) showRow(row);
      showColumn(column);
    },
    [showRow, showColumn],
  );
  const { at, typing, place, open, edited, onKeyDown } = useGridEditing({
    scroller, rows, columns: columns.length, page: Math.max(1, Math.floor(geometry.viewport / geometry.rowHeight) - 1), editing, show, onOpen, onEdit, onPastEnd, onWiden: widen,
    isHere: ({ row, column }) => windows.cell(row, column) !== null,
    onSort: (column) => toggleSort(table, columns[column]?.name ?? ""),
  });
  const press = useLatest({ place: (row, column) => place({ row, column }), open: (row, column) => open({ row, column }), edited });
  const isInSight = at.row < 0 || (at.row >= span.from && at.row < span.to);
  return (
    <>
      {windows.failure ? <Lost table={table} message={windows.failure} /> : null}
      <div
        ref={scroller} role="grid" aria-label={label} aria-rowcount={rows + 1} aria-colcount={columns.length} tabIndex={0} className={css["grid"]} aria-describedby={`${gridId}-keys`}
        aria-activedescendant={isInSight && !typing ? (at.row < 0 ? `${gridId}-head-${at.column}` : `${gridId}-${at.row}-${at.column}`) : undefined}
        onKeyDown={onKeyDown}
      >
        <p id={`${gridId}-keys`} hidden>
          Arrow keys move, Enter opens a cell or, on a head, sorts; Alt with arrow keys changes the width of a column.
        </p>
        <div className={css["content"]} style={{ width, height: sizes.head + barHeight(geometry) }} role="presentation">
          <GridHeader
            table={table} columns={columns} items={items} sort={sort} rows={rows} height={sizes.head} gridId={gridId} active={at.row < 0 ? at.column : null}
            onPlace={(column) => place({ row: -1, column })}
          />
          <div role="presentation" className={css["rows"]} style={{ transform: `translateY(${Math.round(span.offset)}px)` }}>
            {Array.from({ length: Math.max(0, span.to - span.from) }, (_, index) => span.from + index).map((row) => (
              <GridRow
                key={row} row={row} windows={windows} arrivals={arrivals} items={items} columns={columns} gridId={gridId} height={sizes.row} press={press}
                active={row === at.row ? at.column : null} editing={typing && row === at.row ? at.column : null}
              />
            ))}
          </div>
        </div>
      </div>
    </>
  );
}

/** Rows that the worker could not give. */
function Lost({ table, message }: { readonly table: TableView; readonly message: string }) {
  return (
    <p role="alert" className={css["lost"]}>
      {message} <Button onPress={() => askTable(table, {})}>Read again</Button>
    </p>
  );
}

/** The same object for ever, which calls what was given last: rows that did not change need not be drawn again. */
function useLatest(given: GridPress): GridPress {
  const latest = useRef(given);
  useEffect(() => {
    latest.current = given;
  });
  return useMemo<GridPress>(
    () => ({
      place: (row, column) => latest.current.place(row, column),
      open: (row, column) => latest.current.open(row, column),
      edited: (text, then) => latest.current.edited(text, then),
    }),
    [],
  );
}

/** Heights of a row and of the heads, in px, by theme: the projector's letters are larger. */
function useSizes(): { readonly row: number; readonly head: number; readonly scale: number } {
  const { preferences } = useStudio();
  const theme = useStore(preferences, (state) => state.theme);
  return theme === "projector" ? { row: 42, head: 68, scale: 1.3 } : { row: 32, head: 52, scale: 1 };
}
