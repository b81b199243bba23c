/**
 * Writes different spellings of the same value alike. In: the values of the chosen columns. Out: each value as the most frequent of its cluster is spelled, the first of
 * equals. A cluster is all values with the same fingerprint (OpenRefine's key collision). Values are counted in all parts: a spelling says nothing about a label.
 */
import { z } from "zod";
import { choice, integer } from "../../../settings/field";
import { isMissing, type Column } from "../../types/table";
import { defineStep } from "../defineStep";
import { fingerprint, ngramFingerprint } from "../fingerprints";
import type { CellChange, StepContext, StepRun } from "../step";

const settings = z.object({
  method: choice({
    label: "Same value if", help: "How different two spellings of one value may be.", group: "Data", default: "fingerprint",
    options: [
      { id: "fingerprint", label: "The words are the same", summary: "Whatever their order, case, accents and punctuation: \"Müller, Anna\" and \"anna muller\"." },
      { id: "n-gram", label: "The letters are nearly the same", summary: "Spaces and doubled letters do not count either; look at the clusters before you trust them." },
    ],
  }),
  length: integer({ label: "Letters in a piece", help: "Of the second method; 1 forgives most.", group: "Data", unit: "letters", min: 1, max: 5, step: 1, default: 2, advanced: true }),
});

/** More different values than this are no categories; those beyond are left as they are. */
const MOST_VALUES = 100_000;
const SHOWN_CLUSTERS = 20;
const SHOWN_SPELLINGS = 6;

interface Clustered {
  readonly index: number;
  readonly column: Column;
  readonly counts: Map<string, number>;
  readonly spelling: Map<string, string>;
  clusters: { readonly to: string; readonly from: readonly string[]; readonly rows: number }[];
}

/** Among the targets, columns of values; where there is none of them, the text columns the user must have meant. */
function chooseColumns({ columns, targets }: StepContext): Clustered[] {
  const texts = targets.filter((index) => columns[index]?.kind === "text" && columns[index].role !== "id");
  const values = texts.filter((index) => columns[index]!.type === "category" || ["label", "group", "source", "target"].includes(columns[index]!.role));
  return (values.length > 0 ? values : texts).map((index) => ({ index, column: columns[index]!, counts: new Map(), spelling: new Map(), clusters: [] }));
}

function cluster(one: Clustered, keyOf: (value: string) => string): void {
  const byKey = new Map<string, string[]>();
  for (const value of one.counts.keys()) {
    const key = keyOf(value);
    // A value of nothing but punctuation has no key and is like no other.
    if (key !== "") byKey.set(key, [...(byKey.get(key) ?? []), value]);
  }
  const countOf = (value: string): number => one.counts.get(value)!;
  for (const values of byKey.values()) {
    if (values.length < 2) continue;
    const [to, ...from] = values.sort((a, b) => countOf(b) - countOf(a)) as [string, ...string[]];
    for (const value of from) one.spelling.set(value, to);
    one.clusters.push({ to, from, rows: from.reduce((sum, value) => sum + countOf(value), 0) });
  }
  one.clusters.sort((a, b) => b.rows - a.rows);
}

function describe({ column, clusters, counts }: Clustered): string[] {
  const shown = clusters.slice(0, SHOWN_CLUSTERS).map(({ to, from, rows }) => {
    const spellings = from.slice(0, SHOWN_SPELLINGS).map((value) => JSON.stringify(value)).join(", ");
    return `${column.name}: ${spellings}${from.length > SHOWN_SPELLINGS ? ` and ${from.length - SHOWN_SPELLINGS} more` : ""} → ${JSON.stringify(to)} (${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"})`;
  });
  if (clusters.length > SHOWN_CLUSTERS) shown.push(`${column.name}: ${(clusters.length - SHOWN_CLUSTERS).toLocaleString("en")} more clusters.`);
  if (counts.size >= MOST_VALUES) shown.push(`${column.name} has more than ${MOST_VALUES.toLocaleString("en")} different values; only the first of them were looked at.`);
  return shown;
}

function startWith(clustered: readonly Clustered[], keyOf: (value: string) => string, { breathe }: StepContext): StepRun {
  return {
    passes: [(cells) => {
      for (const { index, counts } of clustered) {
        const cell = cells[index];
        if (typeof cell !== "string" || isMissing(cell)) continue;
        const count = counts.get(cell) ?? 0;
        if (count > 0 || counts.size < MOST_VALUES) counts.set(cell, count + 1);
      }
    }],
    async finishPass() {
      for (const one of clustered) {
        cluster(one, keyOf);
        await breathe();
      }
    },
    apply(cells) {
      const changes: CellChange[] = [];
      for (const { index, spelling } of clustered) {
        const cell = cells[index];
        const after = typeof cell === "string" ? spelling.get(cell) : undefined;
        if (after !== undefined) changes.push({ column: index, after });
      }
      return changes.length > 0 ? { action: "change", changes } : undefined;
    },
    notes: () => clustered.flatMap(describe),
  };
}

export const valueClusters = defineStep({
  id: "value-clusters",
  label: "Spellings of a value",
  summary: "Writes \"Spam\", \"spam \" and \"SPAM\" alike, as most rows do.",
  words: "categories typos misspellings variants merge unify fingerprint clustering inconsistent values case",
  group: "Table",
  defaultColumns: "all",
  version: 1,
  settings,
  start: ({ method, length }, context) => startWith(chooseColumns(context), method === "fingerprint" ? fingerprint : (value) => ngramFingerprint(value, length), context),
});
