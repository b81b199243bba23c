/**
 * Where one is in the grid and whether a cell is being typed in. In: the table's size, ways to bring a cell into sight and to keep
 * a text. Out: the place, and what the mouse, the keys and the cell's editor do to it.
 */
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useState } from "react";
import { type GridPlace, moveInGrid } from "../../../state/gridKeys";

export type EditingWish = "never" | "on F2" | "on Enter";
export type AfterEdit = "down" | "right" | "stay";

export interface GridEditingProps {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly rows: number;
  readonly columns: number;
  /** Rows seen at once. */
  readonly page: number;
  readonly editing: EditingWish;
  readonly isHere: (place: GridPlace) => boolean;
  readonly show: (place: GridPlace) => void;
  readonly onOpen: (place: GridPlace) => void;
  readonly onEdit: (place: GridPlace, text: string) => Promise<void>;
  /** Tab in the last cell: another row is wanted. */
  readonly onPastEnd: () => void;
  readonly onSort: (column: number) => void;
  readonly onWiden: (column: number, direction: 1 | -1) => void;
}

export interface GridEditing {
  readonly at: GridPlace;
  readonly typing: boolean;
  readonly place: (place: GridPlace) => void;
  readonly open: (place: GridPlace) => void;
  readonly edited: (text: string | null, then: AfterEdit) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

export function useGridEditing(props: GridEditingProps): GridEditing {
  const { scroller, rows, columns, editing, show } = props;
  const [placed, setPlaced] = useState<GridPlace>({ row: 0, column: 0 });
  const [typing, setTyping] = useState(false);
  const at: GridPlace = { row: Math.min(placed.row, rows - 1), column: Math.min(placed.column, columns - 1) };
  const go = useCallback(
    (next: GridPlace) => {
      setPlaced(next);
      setTyping(false);
      show(next);
    },
    [show],
  );
  const waitForRow = useComingRow(rows, go);

  const edited = (text: string | null, then: AfterEdit) => {
    if (!typing) return;
    setTyping(false);
    scroller.current?.focus();
    if (text !== null) void props.onEdit(at, text);
    const next = placeAfter(at, then, columns);
    if (next.row < rows) return then === "stay" ? undefined : go(next);
    // Enter ends the typing at the last row; only Tab, which goes on, asks for another.
    if (editing !== "on Enter" || then !== "right") return;
    waitForRow();
    props.onPastEnd();
  };
  const open = (next: GridPlace) => {
    if (editing === "on Enter" && props.isHere(next)) setTyping(true);
    else props.onOpen(next);
  };
  const place = (next: GridPlace) => {
    if (!typing || next.row !== at.row || next.column !== at.column) setPlaced(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moved = event.altKey ? undefined : moveInGrid(event, at, props);
    if (moved) go(moved);
    else if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) props.onWiden(at.column, event.key === "ArrowRight" ? 1 : -1);
    else if ((event.key === "Enter" || event.key === " ") && at.row < 0) props.onSort(at.column);
    else if (event.key === "F2" && editing !== "never" && props.isHere(at)) setTyping(true);
    else if (event.key === "Enter" && at.row >= 0) open(at);
    else return;
    event.preventDefault();
  };
  return { at, typing, place, open, edited, onKeyDown };
}

function placeAfter({ row, column }: GridPlace, then: AfterEdit, columns: number): GridPlace {
  if (then === "stay") return { row, column };
  if (then === "right" && column + 1 < columns) return { row, column: column + 1 };
  return { row: row + 1, column: then === "down" ? column : 0 };
}

/** Goes to a row that was asked for, once it is there. */
function useComingRow(rows: number, go: (place: GridPlace) => void): () => void {
  const [coming, setComing] = useState<number | null>(null);
  useEffect(() => {
    if (coming === null || rows <= coming) return;
    setComing(null);
    go({ row: coming, column: 0 });
  }, [coming, rows, go]);
  return () => setComing(rows);
}
