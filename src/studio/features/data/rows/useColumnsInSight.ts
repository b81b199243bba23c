/** Which columns of the grid are in sight, by TanStack Virtual. In: the columns, widths that were chosen, the scrolling element. Out: their places. */
import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect } from "react";
import type { Column } from "../../../../worker/protocol";
import { setWidth, type TableView } from "../../../state/tableView";
import { columnWidth } from "./columnWidth";

/** The column of row numbers, in px. */
const GUTTER = 72;
const WIDTH_STEP = 16;
const OVERSCAN = 3;

export interface ColumnsInSight {
  readonly items: readonly VirtualItem[];
  readonly width: number;
  readonly showColumn: (column: number) => void;
  readonly widen: (column: number, direction: 1 | -1) => void;
}

export interface ColumnsProps {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly table: TableView;
  readonly columns: readonly Column[];
  readonly widths: ReadonlyMap<string, number>;
  /** Widens for a theme with larger letters. */
  readonly scale: number;
  /** Px that there are. */
  readonly room: number;
}

export function useColumnsInSight({ scroller, table, columns, widths, scale, room }: ColumnsProps): ColumnsInSight {
  // A lone column takes what there is.
  const only = columns.length === 1 ? Math.max(240, room - GUTTER) : undefined;
  const widthOf = (index: number): number => widths.get(columns[index]?.name ?? "") ?? only ?? columnWidth(columns, index) * scale;
  const across = useVirtualizer({
    horizontal: true, count: columns.length, getScrollElement: () => scroller.current, overscan: OVERSCAN, paddingStart: GUTTER, scrollPaddingStart: GUTTER, estimateSize: widthOf,
  });
  useEffect(() => across.measure(), [across, widths, columns, scale, only]);
  const showColumn = useCallback((column: number) => across.scrollToIndex(column, { align: "auto" }), [across]);
  const widen = (column: number, direction: 1 | -1) => {
    const name = columns[column]?.name;
    if (name !== undefined) setWidth(table, name, widthOf(column) + direction * WIDTH_STEP);
  };
  return { items: across.getVirtualItems(), width: across.getTotalSize(), showColumn, widen };
}
