/**
 * The rows of a view as a grid that stays quick at a million of them. In: the table's columns and windows. Out: role "grid" with
 * only what is in sight in the document. Rows have one height and are placed by `gridGeometry`; columns by TanStack Virtual. The
 * grid keeps the focus itself and names the active cell, so that scrolling that cell away loses nothing.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import type { Column } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { useStudio } from "../../../components/StudioContext";
import { barHeight } from "../../../state/gridGeometry";
import { type GridPlace, moveInGrid } from "../../../state/gridKeys";
import type { RowWindows } from "../../../state/rowWindows";
import { askTable, setWidth, type TableView, toggleSort } from "../../../state/tableView";
import { columnWidth } from "./columnWidth";
import css from "./Grid.module.css";
import { GridHeader } from "./GridHeader";
import { type GridPress, GridRow } from "./GridRow";
import { useGridScroll } from "./useGridScroll";

const GUTTER = 72;
const WIDTH_STEP = 16;
const COLUMN_OVERSCAN = 3;

export interface RowsGridProps {
  readonly table: TableView;
  readonly columns: readonly Column[];
  readonly windows: RowWindows;
  readonly rows: number;
  readonly label: string;
  /** What can be typed in: nothing, a cell on F2, or any cell on Enter. */
  readonly editing: "never" | "on F2" | "on Enter";
  readonly onOpen: (place: GridPlace) => void;
  /** Returns where the keyboard goes next. */
  readonly onEdit: (place: GridPlace, text: string) => Promise<void>;
  readonly onPastEnd: () => void;
}

export function RowsGrid({ table, columns, windows, rows, label, editing, onOpen, onEdit, onPastEnd }: RowsGridProps) {
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const sizes = useSizes();
  const { sort, search, filters, widths } = useStore(table.store);
  const [place, setPlace] = useState<GridPlace>({ row: 0, column: 0 });
  const [typing, setTyping] = useState(false);
  const arrivals = useSyncExternalStore(windows.subscribe, () => windows.arrivals);
  const { span, geometry, showRow, toTop } = useGridScroll(scroller, rows, sizes.row, sizes.head);

  const across = useVirtualizer({
    horizontal: true, count: columns.length, getScrollElement: () => scroller.current, overscan: COLUMN_OVERSCAN, paddingStart: GUTTER, scrollPaddingStart: GUTTER,
    estimateSize: (index) => widths.get(columns[index]?.name ?? "") ?? columnWidth(columns, index) * sizes.scale,
  });
  useEffect(() => across.measure(), [across, widths, columns, sizes.scale]);
  const items = across.getVirtualItems();
  const [firstColumn, lastColumn] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];

  useEffect(() => windows.want({ fromRow: span.from, toRow: span.to, fromColumn: firstColumn, toColumn: lastColumn + 1 }), [windows, span.from, span.to, firstColumn, lastColumn]);
  // Another question: its answer is read from the top.
  useEffect(toTop, [toTop, search, filters, sort]);

  const go = useCallback(
    (next: GridPlace) => {
      setPlace(next);
      setTyping(false);
      if (next.row >= 0) showRow(next.row);
      across.scrollToIndex(next.column, { align: "auto" });
    },
    [across, showRow],
  );
  const at: GridPlace = { row: Math.min(place.row, rows - 1), column: Math.min(place.column, columns.length - 1) };
  const isInSight = at.row < 0 || (at.row >= span.from && at.row < span.to);

  const names = useMemo(() => columns.map(({ name }) => name), [columns]);
  const edited = (text: string | null, then: "down" | "right" | "stay") => {
    if (!typing) return;
    setTyping(false);
    if (text !== null) void onEdit(at, text);
    if (then !== "stay" || document.activeElement === document.body) scroller.current?.focus();
    if (then === "stay") return scroller.current?.focus();
    const isLast = at.row === rows - 1 && (then === "down" || at.column === columns.length - 1);
    if (isLast && editing === "on Enter") return onPastEnd();
    const next = then === "down" ? { row: at.row + 1, column: at.column } : at.column + 1 < columns.length ? { row: at.row, column: at.column + 1 } : { row: at.row + 1, column: 0 };
    if (next.row < rows) go(next);
  };

  const press = useLatest({
    place: (row: number, column: number) => {
      if (!typing || row !== at.row || column !== at.column) setPlace({ row, column });
    },
    open: (row: number, column: number) => (editing === "on Enter" ? setTyping(true) : onOpen({ row, column })),
    edited,
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const column = columns[at.column];
    const moved = event.altKey ? undefined : moveInGrid(event, at, { rows, columns: columns.length, page: Math.max(1, Math.floor(geometry.viewport / geometry.rowHeight) - 1) });
    if (moved) go(moved);
    else if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight") && column) {
      const width = across.getVirtualItems().find(({ index }) => index === at.column)?.size ?? columnWidth(columns, at.column);
      setWidth(table, column.name, width + (event.key === "ArrowRight" ? WIDTH_STEP : -WIDTH_STEP));
    } else if ((event.key === "Enter" || event.key === " ") && at.row < 0 && column) toggleSort(table, column.name);
    else if (at.row >= 0 && ((event.key === "F2" && editing !== "never") || (event.key === "Enter" && editing === "on Enter"))) {
      if (windows.cell(at.row, at.column)) setTyping(true);
    } else if (event.key === "Enter" && at.row >= 0) onOpen(at);
    else return;
    event.preventDefault();
  };

  return (
    <>
      {windows.failure ? <Lost table={table} message={windows.failure} /> : null}
      <div
        ref={scroller} role="grid" aria-label={label} aria-rowcount={rows + 1} aria-colcount={columns.length} tabIndex={0} className={css["grid"]}
        aria-activedescendant={isInSight && !typing ? (at.row < 0 ? `${gridId}-head-${at.column}` : `${gridId}-${at.row}-${at.column}`) : undefined}
        aria-describedby={`${gridId}-keys`}
        onKeyDown={onKeyDown}
      >
        <p id={`${gridId}-keys`} hidden>
          Arrow keys move, Enter opens a cell or, on a head, sorts; Alt with arrow keys changes the width of a column.
        </p>
        <div className={css["content"]} style={{ width: across.getTotalSize(), height: sizes.head + barHeight(geometry) }} role="presentation">
          <GridHeader
            table={table} columns={columns} items={items} sort={sort} rows={rows} height={sizes.head} gridId={gridId} active={at.row < 0 ? at.column : null}
            onPlace={(column) => setPlace({ row: -1, column })}
          />
          <div role="presentation" className={css["rows"]} style={{ transform: `translateY(${Math.round(span.offset)}px)` }}>
            {Array.from({ length: Math.max(0, span.to - span.from) }, (_, index) => span.from + index).map((row) => (
              <GridRow
                key={row} row={row} windows={windows} arrivals={arrivals} items={items} names={names} gridId={gridId} height={sizes.row}
                active={row === at.row ? at.column : null} editing={typing && row === at.row ? at.column : null} press={press}
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
