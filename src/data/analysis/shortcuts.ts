/**
 * Words that give a label away. In: the texts of labeled rows. Out: words that stand in many rows and, by pointwise mutual information, far more often with one
 * label than chance would have it: a model may learn them instead of the task. Each word counts once a row. A word must stand in at least
 * ten rows and one in two thousand, and its likelihood ratio must be beyond chance at 0.1%, divided by the number of pairs looked at (Bonferroni).
 */
import { findWords } from "../cleaning/textUnits";
import type { BalanceReport } from "../types/analysis";
import type { Cell, Column } from "../types/table";
import type { BalanceReader } from "./balance";
import { createFrequencyCounter } from "./frequent";
import { chanceAbove, likelihoodRatio, pointwiseInformation } from "./statistics";

const FEWEST_ROWS = 10;
const SMALLEST_SHARE = 1 / 2000;
const MOST_WORDS = 20_000;
const SHOWN = 30;
const CHANCE = 0.001;
/** Bits: twice as frequent with the label as without it would be half of this. */
const LEAST_INFORMATION = 0.5;
/** Words of a text looked at. */
const LOOKED_AT = 100_000;

function wordsOf(cells: readonly Cell[], columns: readonly number[]): Set<string> {
  const words = new Set<string>();
  for (const column of columns) {
    const cell = cells[column];
    if (typeof cell === "string") for (const word of findWords(cell.slice(0, LOOKED_AT))) words.add(word.toLowerCase());
  }
  return words;
}

export function shortcutReader(columns: readonly Column[], without: readonly (number | undefined)[]): BalanceReader & { result(): BalanceReport["shortcuts"] } {
  const texts = columns.flatMap(({ kind, type, role }, index) => (kind === "text" && (type === "text" || role === "text") && !without.includes(index) ? [index] : []));
  const frequent = createFrequencyCounter(400_000);
  let classes: readonly { readonly label: string; readonly rows: number }[] = [];
  let total = 0;
  const crossed = new Map<string, Uint32Array>();
  return {
    look(cells) {
      for (const word of wordsOf(cells, texts)) frequent.add(word);
    },
    begin(given) {
      classes = given;
      total = classes.reduce((sum, { rows }) => sum + rows, 0);
      const floor = Math.max(FEWEST_ROWS, total * SMALLEST_SHARE);
      for (const { value, rows } of frequent.top(MOST_WORDS)) if (rows >= floor) crossed.set(value, new Uint32Array(classes.length));
    },
    cross(cells, label) {
      for (const word of wordsOf(cells, texts)) {
        const counts = crossed.get(word);
        if (counts) counts[label]!++;
      }
    },
    result() {
      const pairs = crossed.size * classes.length;
      const found = [...crossed].flatMap(([token, counts]) => {
        const rows = counts.reduce((sum, count) => sum + count, 0);
        return classes.flatMap(({ label, rows: labelRows }, index) => {
          const both = counts[index]!;
          if (both < FEWEST_ROWS) return [];
          const pmi = pointwiseInformation(both, rows, labelRows, total);
          const ratio = likelihoodRatio(both, rows, labelRows, total);
          if (pmi < LEAST_INFORMATION || chanceAbove(ratio) * pairs > CHANCE) return [];
          return [{ token, label, pmi, rows, share: both / rows, ratio }];
        });
      });
      // The most telling first: how far from chance, which weighs how often the word stands.
      return found.sort((a, b) => b.ratio - a.ratio || (a.token < b.token ? -1 : 1)).slice(0, SHOWN).map(({ token, label, pmi, rows, share }) => ({ token, label, pmi, rows, share }));
    },
  };
}
