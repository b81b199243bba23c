/** Every step says the words that people type when they look for it; the page searches label, summary and words for each word typed. */
import { expect, test } from "vitest";
import { describeSteps } from "./index";

const found = (typed: string): string[] =>
  describeSteps().flatMap(({ id, label, summary, words }) => (typed.toLowerCase().split(/[\s/]+/).every((word) => `${label} ${summary} ${words}`.toLowerCase().includes(word)) ? [id] : []));

const LOOKED_FOR: readonly (readonly [string, string])[] = [
  ["e-mail", "personal-data"], ["email", "personal-data"], ["phone", "personal-data"], ["address", "personal-data"], ["card", "personal-data"], ["IBAN", "personal-data"], ["PII", "personal-data"], ["phone numbers", "personal-data"],
  ["spaces", "whitespace"], ["whitespace", "whitespace"], ["dedupe", "exact-duplicates"], ["dedupe", "near-duplicates"], ["duplicates", "exact-duplicates"], ["duplicates", "near-duplicates"],
  ["profanity", "inappropriate-words"], ["swear", "inappropriate-words"], ["toxic", "inappropriate-words"], ["NaN", "missing-values"], ["empty", "missing-values"], ["impute", "missing-values"],
  ["train/test leakage", "leakage"], ["contamination", "leakage"], ["regex", "find-replace"], ["lowercase", "lower-case"], ["URLs", "links"], ["tags", "html"], ["mojibake", "unicode"], ["typos", "value-clusters"],
  ["english", "language"], ["too short", "length"], ["decimal comma", "type-fix"], ["anomalies", "outliers"], ["wrong labels", "conflicting-labels"], ["gibberish", "character-shares"], ["boilerplate", "fineweb"],
  ["lorem ipsum", "c4"], ["n-grams", "gopher-repetition"], ["stop words", "gopher-quality"],
];

test.each(LOOKED_FOR)("%s finds %s", (typed, id) => {
  expect(found(typed)).toContain(id);
});

test("no step is left without such words, and what none does finds none", () => {
  expect(new Set(LOOKED_FOR.map(([, id]) => id))).toEqual(new Set(describeSteps().map(({ id }) => id)));
  expect(found("image resolution")).toEqual([]);
  expect(found("e-mail")).toEqual(["personal-data"]);
});
