/**
 * Drops rows that say nearly the same as another row. In: the text of the chosen columns, simplified. Out: of each group of rows, connected by pairs
 * whose exact Jaccard similarity reaches the threshold, one stays. Candidates come from MinHash bands (Broder 1997; Leskovec,
 * Rajaraman, Ullman: Mining of Massive Datasets, ch. 3).
 */
import { z } from "zod";
import { NO_ROW } from "../../duplicates/exact";
import { describeChance, keepField, nearFields, nearSettings, pickSimplification, simplifyFields } from "../../duplicates/fields";
import { chooseKeepers, scoreRow } from "../../duplicates/keepers";
import { createNearFinder } from "../../duplicates/near";
import { rowText } from "../../duplicates/rowText";
import { defineStep } from "../defineStep";
import { comparedColumns } from "../targets";

export const nearDuplicates = defineStep({
  id: "near-duplicates",
  label: "Near-duplicates",
  summary: "Drops rows whose text another row has but for a few words.",
  words: "dedupe deduplicate deduplication fuzzy similar almost same copies minhash lsh jaccard plagiarism",
  group: "Duplicates",
  defaultColumns: "text",
  version: 1,
  settings: z.object({ ...nearFields, keep: keepField, ...simplifyFields }),
  presets: [
    { label: "short messages", settings: { compare: "characters", threshold: 0.8 } },
    { label: "web pages", settings: { compare: "words", threshold: 0.75 } },
  ],
  start(chosen, context) {
    const columns = comparedColumns(context);
    const simplification = pickSimplification(chosen);
    const settings = nearSettings(chosen);
    const finder = createNearFinder(settings, context.rows, () => context.breathe());
    const scores = new Uint32Array(context.rows);
    let keepers = new Uint32Array(0);
    return {
      passes: [
        (cells, row) => {
          const text = rowText(cells, columns, simplification);
          finder.add(row, text);
          scores[row] = scoreRow(chosen.keep, cells, text);
        },
        (cells, row) => finder.verify(row, rowText(cells, columns, simplification)),
      ],
      async finishPass(pass) {
        if (pass === 0) return finder.finishAdding();
        finder.finishVerifying();
        keepers = chooseKeepers(finder.firstOf, scores);
      },
      apply(_, row) {
        const first = finder.firstOf(row);
        if (first === NO_ROW || keepers[first] === row) return undefined;
        const isCopy = finder.exactFirstOf(row) === finder.exactFirstOf(keepers[first]!);
        return { action: "drop", reason: isCopy ? "Same text as a row that stays" : "Nearly the same text as a row that stays" };
      },
      notes: () => [describeChance(settings)],
    };
  },
});
