/**
 * What holds for every step that edits texts: its edits are in order and make what it says, offsets of labels survive them, some have
 * nothing left to do on their own result, and 256 KB of the worst characters take no longer than they must (a test that hangs fails).
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FieldValue } from "../../settings/field";
import { applyEdits, mapSpan } from "./edits";
import { cleaningSteps, describeSteps } from "./index";
import { collectChanges, runRecipe } from "./recipe";
import { noBreath, recipeStep, runTexts, textTable } from "./testing/runStep";

/** Settings that make a step do the most it can, where its defaults do little. */
const BUSY = new Map<string, Record<string, FieldValue>>([
  ["unicode", { form: "NFKC", quotes: true, dashes: true, fullWidth: true }],
  ["html", { unknownTags: true }],
  ["whitespace", { indentation: "remove", blankLines: 0 }],
  ["find-replace", { find: "[a-e]+|^", mode: "regex", replacement: "<$0>" }],
  ["length", { shortest: 0, longest: 5, tooLong: "cut" }],
  ["c4", { sentences: 0, curly: false, loremIpsum: false }],
]);
const textSteps = cleaningSteps.filter((step) => ["Text", "Quality", "Personal data"].includes(step.group) && step.defaultColumns === "text");
const ids = textSteps.map((step) => step.id);

const piece = fc.oneof(
  fc.constantFrom(
    "<p>", "</p>", "<br>", "<!-- x -->", "<script>", "</script>", "&amp;", "&nbsp;", "\r\n", "\n\n", "\t ", "\u00A0", "\u200B", "\u200D", "e\u0301", "ﬁ", "â€™", "Ã©", "😀", "👩\u200D🚀", "“so”", "Ａ", "İ", "ΑΣ",
    "https://example.org/a", "me@example.org", "+49 30 901820", "4111 1111 1111 1111", "192.168.0.1", "DE89370400440532013000", "A sentence. ", "damn", "sh1t", "[12]", "cookie policy ", "- item\n", "...",
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.string({ maxLength: 6 }),
);
const nastyText = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));

describe.each(ids)("%s", (id) => {
  const settings = BUSY.get(id) ?? {};
  const recipe = [recipeStep(id, settings)];

  test("edits are in order, make the text after, and carry spans along", async () => {
    await fc.assert(fc.asyncProperty(fc.array(nastyText, { minLength: 1, maxLength: 20 }), async (texts) => {
      for (const { before, after, edits, reason } of await collectChanges(textTable(texts), recipe, id, Infinity, noBreath)) {
        if (reason !== undefined || edits === undefined || typeof before !== "string") continue;
        expect(applyEdits(before, edits)).toBe(after);
        edits.reduce((at, { start, end }) => {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThanOrEqual(start);
          return end;
        }, 0);
        checkSpans(before, String(after), edits);
      }
    }), { numRuns: 60 });
  }, 60_000);

  test.each([["spaces", " "], ["letters", "a"], ["digits", "1"], ["dots", "."], ["line feeds", "\n"], ["less-than signs", "<"], ["at signs", "a@"], ["digits and dots", "1."], ["colons", "f:"], ["hyphens", "1-"], ["marks", "e\u0301\u0323"], ["slashes", "http://"], ["capitals and digits", "A1"], ["brackets", "("], ["words", "ab "], ["wrong decoding", "â€"]])("256 KB of %s", async (_, unit) => {
    const text = `${unit.repeat(Math.ceil(2 ** 18 / unit.length))}!x`;
    const cleaned = await runRecipe(textTable([text]), recipe, noBreath);
    for await (const batch of cleaned.batches()) expect(batch.rows.length).toBeLessThanOrEqual(1);
    expect(cleaned.counts().rowsSeen).toBe(1);
  }, 20_000);
});

test.each(["whitespace", "lower-case", "personal-data"])("%s has nothing left to do on its own result", async (id) => {
  const settings = BUSY.get(id) ?? {};
  await fc.assert(fc.asyncProperty(nastyText, async (text) => {
    const [once] = await runTexts(id, [text], settings);
    expect(await runTexts(id, [once as string], settings)).toEqual([once]);
  }), { numRuns: 100 });
});

/** Spans between two edits are the same characters after; every span keeps its order. */
function checkSpans(before: string, after: string, edits: Parameters<typeof mapSpan>[0]): void {
  let [at, last] = [0, 0];
  for (const edit of [...edits, { start: before.length, end: before.length, text: "" }]) {
    if (edit.start > at) {
      const mapped = mapSpan(edits, { start: at, end: edit.start });
      expect(after.slice(mapped.start, mapped.end)).toBe(before.slice(at, edit.start));
      expect(mapped.start).toBeGreaterThanOrEqual(last);
      last = mapped.end;
    }
    at = edit.end;
  }
}

test("every step says what it does, with fields, and its presets are settings it takes", () => {
  for (const { id, label, summary, fields, presets = [] } of describeSteps()) {
    expect(label.length * summary.length, id).toBeGreaterThan(0);
    const schema = cleaningSteps.find((step) => step.id === id)!.settings;
    for (const preset of presets) {
      expect(schema.safeParse(preset.settings).success, `${id}: ${preset.label}`).toBe(true);
      expect(fields.map((field) => field.id), `${id}: ${preset.label}`).toEqual(expect.arrayContaining(Object.keys(preset.settings)));
    }
  }
  expect(new Set(cleaningSteps.map((step) => step.id)).size).toBe(cleaningSteps.length);
});
