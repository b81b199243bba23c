/** Figures of the data tools by hand: shares of a mix, settings of a split, tokens of a text, CSV. */
import { expect, test } from "vitest";
import type { BalanceReport, Piece } from "../../worker/protocol";
import { associationsCsv, classesCsv, evennessWords, groupsCsv, imbalanceWords, likelyLabel, shortcutsCsv } from "./balance";
import { csvText } from "./csvText";
import { mixProblem, mixShares } from "./mixes";
import { NEW_SPLIT_VALUES, splitFieldsOf, splitSettings, splitValues } from "./splits";
import { cutsDiffer, tokenFigures } from "./tokenView";

test("shares of a mix are weights over their sum; a weight that is no number makes none", () => {
  expect(mixShares([{ dataset: "a", weight: 1 }, { dataset: "b", weight: 3 }])).toEqual([0.25, 0.75]);
  expect(mixShares([{ dataset: "a", weight: 1 }, { dataset: "b", weight: "x" }])).toEqual([Number.NaN, Number.NaN]);
  const parts = [{ dataset: "a", weight: 1 }, { dataset: "b", weight: 2 }];
  expect(mixProblem({ name: "n", parts: parts.slice(1) })).toBe("Choose at least two datasets.");
  expect(mixProblem({ name: "n", parts: [...parts, { dataset: "c", weight: 0 }] })).toContain("0.01 to 100");
  expect(mixProblem({ name: " ", parts })).toBe("Give the mix a name.");
  expect(mixProblem({ name: "n", parts })).toBeUndefined();
});

test("a split has the settings of its way only, and the form counts folds from one", () => {
  expect(splitFieldsOf(NEW_SPLIT_VALUES).map(({ id }) => id)).toEqual(["validation", "test"]);
  expect(splitFieldsOf({ ...NEW_SPLIT_VALUES, by: "random", folds: 5 }).map(({ id }) => id)).toEqual(["test", "seed", "folds", "fold"]);
  expect(splitSettings({ ...NEW_SPLIT_VALUES, stratify: "label" })).toEqual({ by: "end", validation: 0.1, test: 0, seed: 1337 });
  const folded = { by: "random", validation: 0.1, test: 0, seed: 7, folds: 5, fold: 0, group: "president" } as const;
  expect(splitSettings(splitValues(folded))).toEqual(folded);
  expect(splitSettings({ ...NEW_SPLIT_VALUES, validation: 0.9 })).toBeNull();
  expect(splitSettings({ ...NEW_SPLIT_VALUES, by: "column" })).toBeNull();
});

const piece = (start: number, end: number): Piece => ({ id: 1, token: "", start, end, isUnknown: false });

test("tokens are counted by code points and bytes", () => {
  expect(tokenFigures("a😀", { pieces: [piece(0, 1), piece(1, 3)], bytes: 5, unknown: 0 })).toEqual({ tokens: 2, bytesPerToken: 2.5, charactersPerToken: 1, unknown: 0 });
  expect(tokenFigures("", { pieces: [], bytes: 0, unknown: 0 }).bytesPerToken).toBeNaN();
});

test("only other cuts differ: the white space before a word does not count", () => {
  const text = "the whale";
  expect(cutsDiffer(text, [piece(0, 3), piece(3, 9)], [piece(0, 3), piece(4, 9)])).toEqual([false, false]);
  expect(cutsDiffer(text, [piece(0, 3), piece(3, 4), piece(4, 9)], [piece(0, 3), piece(4, 7), piece(7, 9)])).toEqual([false, false, true]);
});

const report: BalanceReport = {
  label: "kind", rows: 10, unlabeled: 1, classes: [{ label: "ham", rows: 6, share: 2 / 3, weight: 0.75 }, { label: "=spam", rows: 3, share: 1 / 3, weight: 1.5 }],
  imbalance: 2, evenness: 0.918, findings: [], shortcuts: [{ token: 'say "x", now', label: "ham", pmi: 1.5, rows: 4, share: 1 }], associations: [{ column: "from", cramersV: 0.5 }],
  groups: { column: "who", smallest: 30, suppressed: { groups: 0, rows: 0 }, disparities: [], table: [{ group: "a", rows: 4, rates: [{ rows: 3, rate: 0.75, interval: { low: 0.3, high: 0.95 } }, { rows: 1, rate: 0.25, interval: { low: 0.05, high: 0.7 } }] }] },
};

test("tables of the balance report as CSV: quoted where needed, formulas disarmed", () => {
  expect(classesCsv(report)).toBe("kind,rows,share,weight\r\nham,6,0.6666666666666666,0.75\r\n'=spam,3,0.3333333333333333,1.5\r\n");
  expect(groupsCsv(report)).toBe("who,label,rows,rate,low95,high95\r\na,ham,3,0.75,0.3,0.95\r\na,'=spam,1,0.25,0.05,0.7\r\n");
  expect(shortcutsCsv(report)).toBe('token,label,pmiBits,rows,share\r\n"say ""x"", now",ham,1.5,4,1\r\n');
  expect(associationsCsv(report)).toBe("column,cramersV\r\nfrom,0.5\r\n");
  expect(csvText(["a"], [[undefined], [-1]])).toBe("a\r\n\r\n-1\r\n");
});

test("the report in words", () => {
  expect(imbalanceWords(report)).toBe("2.00 to 1, mild");
  expect(imbalanceWords({ ...report, imbalance: Infinity })).toBe("a class is empty, severe");
  expect(imbalanceWords({ ...report, classes: report.classes.slice(1) })).toBe("only one class");
  expect(evennessWords(report)).toBe("92% of even");
  expect(likelyLabel([{ name: "n", kind: "number", type: "number", role: "feature" }, { name: "c", kind: "text", type: "category", role: "none" }, { name: "l", kind: "text", type: "text", role: "label" }])).toBe("l");
});
