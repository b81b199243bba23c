/**
 * The faces of a cleaning step. In: its settings, the columns it works on, and the rows, one by one, in order, as they leave the step
 * before it. Out: for each row whether it stays, and how its cells change, as edits with their places, so that offsets of labels
 * survive every step. A step is one file and one line in `cleaning/index.ts`; it knows nothing of the store.
 *
 * A step that must see all rows first (duplicates, medians, leakage) asks for passes: `passes[k]` is called once per row, in
 * order, pass after pass, each pass over the same rows; `finishPass` after the last row of each; then `apply` once per row. Where a later
 * step asks for passes, `apply` goes through all rows again, so it must answer the same for the same row; `restart` says when.
 */
import type { z } from "zod";
import type { FieldValue } from "../../settings/field";
import type { StepInfo, TextEdit } from "../types/cleaning";
import type { Cell, Column } from "../types/table";

export type Row = readonly Cell[];

export interface CellChange {
  readonly column: number;
  readonly after: Cell;
  /** For text: how `after` came from before. Absent when the cell was replaced as a whole. */
  readonly edits?: readonly TextEdit[];
}

/** Undefined: the row stays as it is. */
export type RowOutcome =
  | undefined
  /** Rows are counted by `reason`; `detail` is about this row: "Mean word length over 10" and "11.2". */
  | { readonly action: "drop"; readonly reason: string; readonly detail?: string }
  | { readonly action: "change"; readonly changes: readonly CellChange[] };

export type Part = "train" | "validation" | "test";

/** What a step is given besides its settings. */
export interface StepContext {
  readonly columns: readonly Column[];
  /** Indices of the columns it works on: those the user named, or the step's default. */
  readonly targets: readonly number[];
  /** What stands between two rows read as one text; "" where they are paragraphs of one document, whose line ends must stay. */
  readonly joiner: string;
  /** Rows that come in at most (the table's, before any step). */
  readonly rows: number;
  /** Where a row (by its number in the table) belongs; all are "train" until a split is chosen. */
  partOf(row: number): Part;
  readonly hasSplit: boolean;
  /** Await it in long work: lets other messages in, and throws when the work was canceled. */
  breathe(): Promise<void> | undefined;
}

export interface StepRun {
  /**
   * `row` is the number in the table; a step before may have dropped the one before it. `cells` are good only until the call returns:
   * steps share one array per row.
   */
  readonly passes?: readonly ((cells: Row, row: number) => void)[];
  finishPass?(pass: number): Promise<void> | void;
  /** Called before `apply` goes through the rows, each time: what it counts for its notes starts from nothing. */
  restart?(): void;
  /** Read once the passes are over, as `retypes` is. Columns added at the end (a was-missing flag, tags); their cells come from `apply` as changes of `columns.length + index`. */
  readonly adds?: readonly Column[];
  /** What the added columns hold where `apply` says nothing, in their order: `false` for a flag. Default nothing. */
  readonly fills?: readonly Cell[];
  /** Columns whose kind or type becomes another: index -> the new column. */
  readonly retypes?: ReadonlyMap<number, Column>;
  apply(cells: Row, row: number): RowOutcome;
  /** What to tell after all rows: "3 groups had conflicting labels." */
  notes?(): readonly string[];
}

export interface CleaningStep {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly words: StepInfo["words"];
  readonly group: StepInfo["group"];
  readonly settings: z.ZodObject;
  readonly presets?: StepInfo["presets"];
  readonly defaultColumns: StepInfo["defaultColumns"];
  /** Bumped when the same settings would give other rows, so that cleaned versions are made anew. */
  readonly version: number;
  start(settings: Readonly<Record<string, FieldValue>>, context: StepContext): StepRun | Promise<StepRun>;
}
