/** One row of the grid. In: its place, the windows that hold its cells, the columns in sight. Out: its cells; gray bars until they are here. */
import type { VirtualItem } from "@tanstack/react-virtual";
import { memo } from "react";
import type { Column } from "../../../../worker/protocol";
import { CellText } from "../../../components/CellText";
import { formatCount } from "../../../state/format";
import type { RowWindows } from "../../../state/rowWindows";
import { CellEditor } from "./CellEditor";
import css from "./Grid.module.css";

/** Numbers stand under each other, also where a file kept them as text. */
const isNumber = (column: Column | undefined): boolean => column?.type === "integer" || column?.type === "number";

/** What a row tells the grid. */
export interface GridPress {
  readonly place: (row: number, column: number) => void;
  readonly open: (row: number, column: number) => void;
  readonly edited: (text: string | null, then: "down" | "right" | "stay") => void;
}

export interface GridRowProps {
  readonly row: number;
  readonly windows: RowWindows;
  /** Changes when cells arrived. */
  readonly arrivals: number;
  readonly items: readonly VirtualItem[];
  readonly columns: readonly Column[];
  readonly gridId: string;
  readonly height: number;
  readonly active: number | null;
  readonly editing: number | null;
  readonly press: GridPress;
}

export const GridRow = memo(function GridRow({ row, windows, items, columns, gridId, height, active, editing, press }: GridRowProps) {
  const id = windows.id(row);
  return (
    <div role="row" aria-rowindex={row + 2} className={css["row"]} style={{ height }}>
      <span className={css["number"]}>{id === null ? "" : formatCount(id + 1)}</span>
      {items.map((item) => {
        const cell = windows.cell(row, item.index);
        return (
          <div
            key={item.index} role="gridcell" tabIndex={-1} id={`${gridId}-${row}-${item.index}`} aria-colindex={item.index + 1} className={css["cell"]}
            data-active={active === item.index || undefined} data-number={isNumber(columns[item.index]) || undefined} style={{ left: item.start, width: item.size }}
            onPointerDown={() => press.place(row, item.index)}
            onDoubleClick={() => press.open(row, item.index)}
          >
            {editing === item.index && cell ? (
              <CellEditor label={columns[item.index]?.name ?? ""} value={cell.value} onDone={press.edited} />
            ) : cell ? (
              <CellText cell={cell.value} />
            ) : (
              <span className={css["skeleton"]} aria-hidden="true" />
            )}
          </div>
        );
      })}
    </div>
  );
});
