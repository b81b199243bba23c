/**
 * What is in one column. In: a table and the column's name. Out: types, missing cells, different values, the most frequent ones; of numbers their
 * distribution; of text lengths, words, languages, kinds of characters; which other columns are missing together with it. One scan, bounded memory.
 */
import { countCharacters, findWords } from "../cleaning/textUnits";
import { typeOfCell } from "../table/cellType";
import { indexOfColumn, type Table } from "../table/table";
import type { ColumnStatistics } from "../types/analysis";
import { isMissing, type Cell, type Column } from "../types/table";
import { numberOf } from "../views/filter";
import { createCharacterCounter } from "./characterClasses";
import { createDistinctCounter } from "./distinct";
import { createFrequencyCounter } from "./frequent";
import { createLanguageSample } from "./languages";
import { createNumberSummary } from "./numbers";

type Breathe = () => Promise<void> | undefined;

const TOP_VALUES = 20;
interface Reader {
  read(cell: Cell, row: number): void;
  finish(breathe: Breathe): Promise<Partial<ColumnStatistics>> | Partial<ColumnStatistics>;
}

function readValues(): Reader {
  const unique = createDistinctCounter();
  const frequent = createFrequencyCounter();
  const types = new Map<string, number>();
  return {
    read(cell) {
      const text = String(cell);
      unique.add(text);
      frequent.add(text);
      const type = typeOfCell(cell);
      types.set(type, (types.get(type) ?? 0) + 1);
    },
    finish: () => ({
      unique: unique.count, uniqueIsExact: unique.isExact, top: frequent.top(TOP_VALUES),
      types: Array.from(types, ([type, rows]) => ({ type, rows })).sort((a, b) => b.rows - a.rows),
    }),
  };
}

function readNumbers(): Reader {
  const summary = createNumberSummary();
  return {
    read(cell) {
      const value = numberOf(cell);
      if (Number.isFinite(value)) summary.add(value);
    },
    finish() {
      if (summary.count === 0) return {};
      const { min, max, mean, deviation } = summary;
      return { numbers: { min, max, mean, deviation, quartiles: [summary.quantile(0.25), summary.quantile(0.5), summary.quantile(0.75)], histogram: summary.histogram() } };
    },
  };
}

function readTexts(): Reader {
  const lengths = createNumberSummary();
  const characters = createCharacterCounter();
  const languages = createLanguageSample();
  let words = 0;
  return {
    read(cell, row) {
      const text = String(cell);
      lengths.add(countCharacters(text));
      characters.add(text);
      words += findWords(text).length;
      languages.add(text, row);
    },
    async finish(breathe) {
      if (lengths.count === 0) return {};
      const found = await languages.shares(breathe);
      return {
        lengths: { mean: lengths.mean, longest: lengths.max, histogram: lengths.histogram() },
        words: { mean: words / lengths.count, total: words },
        characters: characters.shares(),
        ...(found.length > 0 && { languages: found }),
      };
    },
  };
}

/** Counts, per other column, the rows where both are missing. */
function readMissing(columns: readonly Column[], own: number): { read(cells: readonly (readonly Cell[])[], index: number): void; result(): NonNullable<ColumnStatistics["missingWith"]> } {
  const counts = new Float64Array(columns.length);
  return {
    read(cells, index) {
      for (const [column, values] of cells.entries()) if (column !== own && isMissing(values[index])) counts[column]!++;
    },
    result: () => columns.map(({ name }, index) => ({ column: name, rows: counts[index]! })).filter(({ rows }) => rows > 0).sort((a, b) => b.rows - a.rows),
  };
}

export async function columnStatistics(table: Table, name: string, breathe: Breathe): Promise<ColumnStatistics> {
  const own = indexOfColumn(table, name);
  const column = table.columns[own]!;
  const isNumeric = column.kind === "number" || column.type === "integer" || column.type === "number";
  const readers = [readValues(), ...(isNumeric ? [readNumbers()] : []), ...(column.kind === "text" || column.kind === "json" ? [readTexts()] : [])];
  const together = readMissing(table.columns, own);
  let missing = 0;
  for await (const batch of table.scan()) {
    const cells = batch.columns[own]!;
    for (let index = 0; index < batch.rows; index++) {
      const cell = cells[index];
      if (isMissing(cell)) {
        missing++;
        together.read(batch.columns, index);
      } else for (const reader of readers) reader.read(cell, batch.firstRow + index);
      if ((index & 31) === 0) await breathe();
    }
  }
  const found: ColumnStatistics = { column: name, rows: table.rows, missing, unique: 0, uniqueIsExact: true, types: [], top: [], ...(missing > 0 && { missingWith: together.result() }) };
  const parts: Partial<ColumnStatistics>[] = [];
  for (const reader of readers) parts.push(await reader.finish(breathe));
  return Object.assign(found, ...parts) as ColumnStatistics;
}
