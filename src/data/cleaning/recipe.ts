/**
 * Runs a recipe over a table. In: the table, the steps in order, a context that breathes. Out: the columns and rows that are left,
 * batch by batch with their numbers in the table, and what each step did; or examples of what one step changes. Rows stream through
 * all steps at once, so memory stays flat; a step that must see all rows first has them streamed through the steps before it.
 */
import { FailureError } from "../../settings/failure";
import type { Table } from "../table/table";
import type { Recipe, RecipeCounts, RecipeStep, RowChange, StepCount } from "../types/cleaning";
import type { Cell, Column } from "../types/table";
import { findStep } from "./index";
import type { CleaningStep, Part, RowOutcome, StepContext, StepRun } from "./step";
import { findTargets } from "./targets";

export interface RecipeContext {
  /** Where a row belongs; absent until a split is chosen, then all are "train". */
  partOf?(row: number): Part;
  breathe(): Promise<void> | undefined;
  /** Called about ten times a second. */
  onCounts?(counts: RecipeCounts): void;
}

export interface CleanedBatch {
  /** Numbers of the kept rows in the table before. */
  readonly rows: readonly number[];
  /** columns[column][index into `rows`], as in `CleanedTable.columns`. */
  readonly columns: readonly (readonly Cell[])[];
}

export interface CleanedTable {
  readonly columns: readonly Column[];
  batches(): AsyncGenerator<CleanedBatch, void, undefined>;
  /** Of the batches taken so far. */
  counts(): RecipeCounts;
}

/** A step of the recipe at work, and what it did so far. */
interface Stage {
  readonly step: RecipeStep;
  readonly kind: CleaningStep;
  readonly run: StepRun;
  readonly columnsIn: readonly Column[];
  readonly targets: readonly number[];
  changed: number;
  dropped: number;
  rows: number;
  readonly reasons: Map<string, number>;
}

interface Stream {
  readonly table: Table;
  readonly stages: readonly Stage[];
  readonly context: RecipeContext;
  rowsSeen: number;
  rowsKept: number;
  reportedAt: number;
}

interface KeptRows {
  readonly numbers: readonly number[];
  readonly cells: readonly Cell[][];
}

const REPORT_MS = 100;
/** Characters worked through between two breaths; a breath costs a look at the clock. */
const BREATH_CHARACTERS = 4096;

/** The same for recipes that make the same rows of the same table. */
export function recipeKey(recipe: Recipe): string {
  const steps = recipe.filter((step) => step.on).map(({ step, columns, settings }) => [
    step, findStep(step).version, columns, Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  return JSON.stringify(steps);
}

/** Starts the steps that are on and takes them through their passes; the rows come when the batches are asked for. */
export async function runRecipe(table: Table, recipe: Recipe, context: RecipeContext): Promise<CleanedTable> {
  const { stages, columns } = await startStages(table, recipe.filter((step) => step.on), context);
  const stream = openStream(table, stages, context);
  return {
    columns,
    counts: () => countStream(stream),
    async *batches() {
      for await (const { numbers, cells } of streamRows(stream)) {
        yield { rows: numbers, columns: columns.map((_, column) => cells.map((row) => row[column])) };
      }
      context.onCounts?.(countStream(stream));
    },
  };
}

/** Up to `count` rows that the step changes or drops, as they reach it and as they leave it. */
export async function collectChanges(table: Table, recipe: Recipe, stepKey: string, count: number, context: RecipeContext): Promise<RowChange[]> {
  const on = recipe.filter((step) => step.on || step.key === stepKey);
  const place = on.findIndex((step) => step.key === stepKey);
  if (place < 0) throw unknownKey(stepKey);
  const { stages } = await startStages(table, on.slice(0, place + 1), context);
  const last = stages.at(-1)!;
  last.run.restart?.();
  const changes: RowChange[] = [];
  for await (const { numbers, cells } of streamRows(openStream(table, stages.slice(0, -1), context))) {
    for (const [index, row] of numbers.entries()) {
      if (changes.length >= count) return changes;
      const outcome = guard(last, row, () => last.run.apply(cells[index]!, row));
      changes.push(...describeOutcome(last, outcome, cells[index]!, row));
      await context.breathe();
    }
  }
  return changes.slice(0, count);
}

function unknownKey(stepKey: string): FailureError {
  return new FailureError({ kind: "bad-settings", message: `The recipe has no step "${stepKey}".`, hint: "It was removed meanwhile; choose another step.", where: stepKey });
}

function describeOutcome(stage: Stage, outcome: RowOutcome, cells: readonly Cell[], row: number): RowChange[] {
  if (!outcome) return [];
  const nameOf = (column: number): string => stage.columnsIn[column]?.name ?? stage.run.adds?.[column - stage.columnsIn.length]?.name ?? "";
  if (outcome.action === "drop") {
    const column = stage.targets[0] ?? 0;
    return [{ row, column: nameOf(column), before: cells[column], reason: outcome.detail === undefined ? outcome.reason : `${outcome.reason}: ${outcome.detail}` }];
  }
  return outcome.changes.map(({ column, after, edits }) => ({ row, column: nameOf(column), before: cells[column], after, ...(edits && { edits }) }));
}

async function startStages(table: Table, steps: Recipe, context: RecipeContext): Promise<{ readonly stages: Stage[]; readonly columns: readonly Column[] }> {
  const stages: Stage[] = [];
  let columns = table.columns;
  for (const step of steps) {
    const kind = findStep(step.step);
    const stepContext: StepContext = {
      columns, rows: table.rows, joiner: table.joiner, targets: findTargets(columns, step.columns, kind),
      partOf: (row) => context.partOf?.(row) ?? "train",
      hasSplit: context.partOf !== undefined,
      breathe: () => context.breathe(),
    };
    const run = await kind.start(step.settings, stepContext);
    const stage: Stage = { step, kind, run, columnsIn: columns, targets: stepContext.targets, changed: 0, dropped: 0, rows: 0, reasons: new Map() };
    await runPasses(table, stages, stage, context);
    columns = [...columns.map((column, index) => run.retypes?.get(index) ?? column), ...(run.adds ?? [])];
    stages.push(stage);
  }
  return { stages, columns };
}

async function runPasses(table: Table, before: readonly Stage[], stage: Stage, context: RecipeContext): Promise<void> {
  const { passes = [] } = stage.run;
  for (const [index, pass] of passes.entries()) {
    for await (const { numbers, cells } of streamRows(openStream(table, before, context))) {
      for (const [place, row] of numbers.entries()) {
        guard(stage, row, () => pass(cells[place]!, row));
        await context.breathe();
      }
    }
    await stage.run.finishPass?.(index);
  }
}

function openStream(table: Table, stages: readonly Stage[], context: RecipeContext): Stream {
  return { table, stages, context, rowsSeen: 0, rowsKept: 0, reportedAt: performance.now() };
}

/** The rows that are left after all stages, as many at a time as the table hands out; all counts start anew. */
async function* streamRows(stream: Stream): AsyncGenerator<KeptRows, void, undefined> {
  const { table, stages, context } = stream;
  for (const stage of stages) restartStage(stage);
  [stream.rowsSeen, stream.rowsKept] = [0, 0];
  let characters = 0;
  for await (const batch of table.scan()) {
    const [numbers, kept]: [number[], Cell[][]] = [[], []];
    for (let index = 0; index < batch.rows; index++) {
      const cells = batch.columns.map((column) => column[index]);
      const isKept = passThrough(stages, cells, batch.firstRow + index);
      stream.rowsSeen++;
      if (isKept) {
        stream.rowsKept++;
        numbers.push(batch.firstRow + index);
        kept.push(cells);
      }
      characters += 64 + cells.reduce<number>((sum, cell) => sum + (typeof cell === "string" ? cell.length : 0), 0);
      if (characters > BREATH_CHARACTERS) {
        characters = 0;
        await context.breathe();
        report(stream);
      }
    }
    yield { numbers, cells: kept };
  }
}

function restartStage(stage: Stage): void {
  [stage.changed, stage.dropped, stage.rows] = [0, 0, 0];
  stage.reasons.clear();
  stage.run.restart?.();
}

/** Takes one row through the stages, changing `cells` in place; false where one drops it. */
function passThrough(stages: readonly Stage[], cells: Cell[], row: number): boolean {
  for (const stage of stages) {
    stage.rows++;
    const outcome = guard(stage, row, () => stage.run.apply(cells, row));
    if (outcome?.action === "drop") {
      stage.dropped++;
      stage.reasons.set(outcome.reason, (stage.reasons.get(outcome.reason) ?? 0) + 1);
      return false;
    }
    for (let added = 0; added < (stage.run.adds?.length ?? 0); added++) cells[stage.columnsIn.length + added] = stage.run.fills?.[added];
    if (outcome) {
      stage.changed++;
      for (const { column, after } of outcome.changes) cells[column] = after;
    }
  }
  return true;
}

/** What a step throws names the step and the row; a cancel stays a cancel. */
function guard<T>(stage: Stage, row: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const failure = error instanceof FailureError ? error.failure : undefined;
    if (failure?.kind === "canceled") throw error;
    const cause = failure?.message ?? (error instanceof Error ? error.message : String(error));
    throw new FailureError({
      kind: failure?.kind ?? "bug",
      message: `${stage.kind.label} stopped at row ${(row + 1).toLocaleString("en")}: ${cause}`,
      hint: failure?.hint ?? "Turn this step off, or look at that row; nothing was changed.",
      where: stage.kind.label,
    }, error);
  }
}

function report(stream: Stream): void {
  if (!stream.context.onCounts || performance.now() - stream.reportedAt < REPORT_MS) return;
  stream.reportedAt = performance.now();
  stream.context.onCounts(countStream(stream));
}

function countStream({ table, stages, rowsSeen, rowsKept }: Stream): RecipeCounts {
  const steps = stages.map(({ step, kind, run, targets, changed, dropped, rows, reasons }): StepCount => ({
    key: step.key, changed, dropped, rows,
    reasons: Array.from(reasons, ([reason, count]) => ({ reason, rows: count })).sort((a, b) => b.rows - a.rows),
    notes: [...(targets.length === 0 ? [`${kind.label} found no column to work on; name one.`] : []), ...(run.notes?.() ?? [])],
  }));
  return { steps, rowsBefore: table.rows, rowsAfter: rowsKept, rowsSeen };
}
