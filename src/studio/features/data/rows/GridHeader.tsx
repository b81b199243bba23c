/**
 * The heads of the grid's columns. In: the columns in sight, the sort, what is known of them. Out: a sticky row: type, name, role,
 * a bar for the share that is missing; a press sorts, the right edge changes the width.
 */
import type { VirtualItem } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type PointerEvent, useEffect } from "react";
import { useStore } from "zustand";
import type { Column } from "../../../../worker/protocol";
import { TypeIcon } from "../../../components/TypeIcon";
import { useStudio } from "../../../components/StudioContext";
import { roleLabel } from "../../../state/columnWords";
import { formatShare } from "../../../state/format";
import { setWidth, type TableState, type TableView, toggleSort } from "../../../state/tableView";
import css from "./Grid.module.css";

/** Counting larger tables only for the bars would keep the worker from what is asked for. */
const COUNTED_ROWS = 200_000;

export interface GridHeaderProps {
  readonly table: TableView;
  readonly columns: readonly Column[];
  readonly items: readonly VirtualItem[];
  readonly sort: TableState["sort"];
  readonly rows: number;
  readonly height: number;
  readonly gridId: string;
  /** The head that the keyboard is at. */
  readonly active: number | null;
  readonly onPlace: (column: number) => void;
}

export function GridHeader({ table, columns, items, sort, rows, height, gridId, active, onPlace }: GridHeaderProps) {
  return (
    <div role="row" aria-rowindex={1} className={css["header"]} style={{ height }}>
      <div className={css["corner"]} aria-hidden="true" />
      {items.map((item) => {
        const column = columns[item.index];
        return column ? (
          <ColumnHead
            key={column.name} table={table} column={column} item={item} sort={sort?.column === column.name ? sort.direction : null} rows={rows}
            id={`${gridId}-head-${item.index}`} isActive={active === item.index} onPlace={() => onPlace(item.index)}
          />
        ) : null;
      })}
    </div>
  );
}

interface ColumnHeadProps {
  readonly table: TableView;
  readonly column: Column;
  readonly item: VirtualItem;
  readonly sort: "ascending" | "descending" | null;
  readonly rows: number;
  readonly id: string;
  readonly isActive: boolean;
  readonly onPlace: () => void;
}

function ColumnHead({ table, column, item, sort, rows, id, isActive, onPlace }: ColumnHeadProps) {
  const sorted = sort === "ascending" ? <ArrowUp aria-hidden size="1.1em" /> : sort === "descending" ? <ArrowDown aria-hidden size="1.1em" /> : null;
  return (
    <div
      role="columnheader" id={id} aria-colindex={item.index + 1} aria-sort={sort ?? "none"} className={css["head"]} data-active={isActive || undefined}
      style={{ left: item.start, width: item.size }}
    >
      <div
        className={css["press"]}
        onPointerDown={onPlace}
        onClick={() => toggleSort(table, column.name)}
        title={`${column.name}: ${roleLabel(column.role)}${column.notes ? `. ${column.notes.join(" ")}` : ""}`}
        role="presentation"
      >
        <span className={css["name"]}>
          <TypeIcon type={column.type} />
          <bdi>{column.name}</bdi>
          {sorted}
        </span>
        <span className={css["role"]}>{column.role === "none" ? "" : roleLabel(column.role)}</span>
      </div>
      <MissingBar dataset={table.dataset} column={column.name} rows={rows} />
      <Resizer table={table} column={column.name} width={item.size} />
    </div>
  );
}

function MissingBar({ dataset, column, rows }: { readonly dataset: string; readonly column: string; readonly rows: number }) {
  const { columnFacts } = useStudio();
  const fact = useStore(columnFacts.store, () => columnFacts.factOf(dataset, column));
  useEffect(() => {
    if (rows > 0 && rows <= COUNTED_ROWS && !fact) columnFacts.ask(dataset, column);
  }, [columnFacts, dataset, column, rows, fact]);
  if (fact?.status !== "known" || fact.statistics.rows === 0) return null;
  const share = fact.statistics.missing / fact.statistics.rows;
  return (
    <span className={css["missing"]} role="img" aria-label={`${formatShare(share)} missing`} title={`${formatShare(share)} missing`}>
      <span style={{ width: `${100 - share * 100}%` }} />
    </span>
  );
}

function Resizer({ table, column, width }: { readonly table: TableView; readonly column: string; readonly width: number }) {
  const drag = (event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    const from = event.clientX;
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => setWidth(table, column, width + moved.clientX - from);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
  };
  return <span className={css["resize"]} aria-hidden="true" onPointerDown={drag} />;
}
