/**
 * Drops rows that say the same as another row. In: the text of the chosen columns, simplified (NFC, lower case, spaces as one). Out: one row of each
 * group of equal texts stays. Rows without any text there are left alone.
 */
import { z } from "zod";
import { createExactFinder, NO_ROW } from "../../duplicates/exact";
import { keepField, pickSimplification, simplifyFields } from "../../duplicates/fields";
import { chooseKeepers, scoreRow } from "../../duplicates/keepers";
import { rowText } from "../../duplicates/rowText";
import { defineStep } from "../defineStep";
import { comparedColumns } from "../targets";

export const exactDuplicates = defineStep({
  id: "exact-duplicates",
  label: "Exact duplicates",
  summary: "Drops rows whose text another row has already, apart from case and spacing.",
  words: "dedupe deduplicate deduplication double repeated copies same identical unique distinct",
  group: "Duplicates",
  defaultColumns: "text",
  version: 1,
  settings: z.object({ keep: keepField, ...simplifyFields }),
  start(chosen, context) {
    const columns = comparedColumns(context);
    const simplification = pickSimplification(chosen);
    const finder = createExactFinder(context.rows);
    const scores = new Uint32Array(context.rows);
    let keepers = new Uint32Array(0);
    return {
      passes: [(cells, row) => {
        const text = rowText(cells, columns, simplification);
        finder.add(row, text);
        scores[row] = scoreRow(chosen.keep, cells, text);
      }],
      finishPass() {
        keepers = chooseKeepers(finder.firstOf, scores);
      },
      apply(_, row) {
        const first = finder.firstOf(row);
        return first === NO_ROW || keepers[first] === row ? undefined : { action: "drop", reason: "Same text as a row that stays" };
      },
    };
  },
});
