/**
 * Which columns go with the label. In: the cells of labeled rows. Out: bias-corrected Cramér's V of each column and the label. Numbers are put into ten bins of equally
 * many rows; missing cells are a value of their own, since that they are missing may say the label. Columns of free text or of names that hardly repeat are left out.
 */
import type { BalanceReport } from "../types/analysis";
import { isMissing, type Cell, type Column } from "../types/table";
import { numberOf } from "../views/filter";
import type { BalanceReader } from "./balance";
import { createNumberSummary, type NumberSummary } from "./numbers";
import { cramersV } from "./statistics";

const BINS = 10;
/** A column with more values is no category. */
const MOST_VALUES = 200;
const MISSING = "\0missing";

interface Crossed {
  readonly name: string;
  readonly column: number;
  readonly numbers?: NumberSummary;
  edges: readonly number[];
  readonly counts: Map<string, Uint32Array>;
  isTooVaried: boolean;
}

function open({ name, kind, type, role }: Column, column: number): Crossed[] {
  if (role === "id" || type === "json" || type === "empty") return [];
  const isNumeric = kind === "number" || type === "integer" || type === "number";
  if (!isNumeric && type === "text" && role === "text") return [];
  return [{ name, column, ...(isNumeric && { numbers: createNumberSummary(100_000) }), edges: [], counts: new Map(), isTooVaried: false }];
}

function valueOf({ numbers, edges, column }: Crossed, cells: readonly Cell[]): string {
  const cell = cells[column];
  if (isMissing(cell)) return MISSING;
  if (!numbers) return String(cell);
  const value = numberOf(cell);
  return Number.isNaN(value) ? MISSING : String(edges.filter((edge) => value > edge).length);
}

export function associationReader(columns: readonly Column[], label: number): BalanceReader & { result(): BalanceReport["associations"] } {
  const crossed = columns.flatMap((column, index) => (index === label ? [] : open(column, index)));
  let classes = 0;
  return {
    look(cells) {
      for (const { numbers, column } of crossed) {
        const value = numbers ? numberOf(cells[column]) : NaN;
        if (Number.isFinite(value)) numbers!.add(value);
      }
    },
    begin(given) {
      classes = given.length;
      for (const one of crossed) {
        if (one.numbers) one.edges = [...new Set(Array.from({ length: BINS - 1 }, (_, index) => one.numbers!.quantile((index + 1) / BINS)))];
      }
    },
    cross(cells, place) {
      for (const one of crossed) {
        if (one.isTooVaried) continue;
        const value = valueOf(one, cells);
        const counts = one.counts.get(value) ?? new Uint32Array(classes);
        counts[place]!++;
        one.counts.set(value, counts);
        if (one.counts.size > MOST_VALUES) {
          one.isTooVaried = true;
          one.counts.clear();
        }
      }
    },
    result() {
      const kept = crossed.filter(({ isTooVaried, counts }) => !isTooVaried && counts.size > 1);
      return kept.map(({ name, counts }) => ({ column: name, cramersV: cramersV(Array.from(counts.values(), (row) => [...row])) })).sort((a, b) => b.cramersV - a.cramersV);
    },
  };
}
