/** The step around the recognizers: what each action writes, numbers that stay the same over rows and passes, notes, and settings. */
import { expect, test } from "vitest";
import { collectChanges } from "../recipe";
import { noBreath, recipeStep, runAll, runTexts, textTable } from "../testing/runStep";

const texts = ["ann@example.org wrote to bob@example.org", "Bob@Example.org, +49 30 901820", "nothing here", "ann@example.org"];

test("equal values get equal numbers over all rows", async () => {
  expect(await runTexts("personal-data", texts)).toEqual(["[EMAIL_1] wrote to [EMAIL_2]", "[EMAIL_2], [PHONE_1]", "nothing here", "[EMAIL_1]"]);
});

test("numbers stay when a later step goes through the rows again", async () => {
  const { rows, counts } = await runAll(textTable([...texts, "ann@example.org"]), [recipeStep("personal-data"), recipeStep("exact-duplicates")]);
  expect(rows.map(([text]) => text)).toEqual(["[EMAIL_1] wrote to [EMAIL_2]", "[EMAIL_2], [PHONE_1]", "nothing here", "[EMAIL_1]"]);
  expect(counts.steps[0]).toMatchObject({ changed: 4, notes: ["Found 5 × EMAIL, 1 × PHONE."] });
});

test("a plain mask, a hash that depends on its key, and dropping", async () => {
  expect(await runTexts("personal-data", [texts[1]!], { action: "fixed" })).toEqual(["[EMAIL], [PHONE]"]);
  const [hashed, other, again] = await Promise.all([{ key: "" }, { key: "k" }, { key: "" }].map((given) => runTexts("personal-data", ["bob@example.org BOB@example.org"], { action: "hash", ...given })));
  expect(hashed![0]).toMatch(/^(\[EMAIL:[0-9a-f]{8}\]) \1$/);
  expect(other).not.toEqual(hashed);
  expect(again).toEqual(hashed);
  expect(await runTexts("personal-data", texts, { action: "drop" })).toEqual([{ drop: "Personal data: EMAIL" }, { drop: "Personal data: EMAIL" }, "nothing here", { drop: "Personal data: EMAIL" }]);
});

test("a list in a new column, with the text as it was", async () => {
  const { columns, rows } = await runAll(textTable(texts), [recipeStep("personal-data", { action: "tag" })]);
  expect(columns).toEqual(["text", "personal data"]);
  expect(rows[1]).toEqual([texts[1], "EMAIL bob@example.org; PHONE +4930901820"]);
  expect(rows[2]).toEqual(["nothing here", undefined]);
});

test("kinds that are off, and sureness", async () => {
  expect(await runTexts("personal-data", texts.slice(0, 2), { email: false })).toEqual([texts[0], "Bob@Example.org, [PHONE_1]"]);
  expect(await runTexts("personal-data", ["6502530000"], { sureness: 0.3 })).toEqual(["[PHONE_1]"]);
  expect(await runTexts("personal-data", ["6502530000"])).toEqual(["6502530000"]);
});

test("edits say what was found, so that the page can color them", async () => {
  expect(await collectChanges(textTable(["x ann@example.org"]), [recipeStep("personal-data")], "personal-data", 1, noBreath)).toEqual([
    { row: 0, column: "text", before: "x ann@example.org", after: "x [EMAIL_1]", edits: [{ start: 2, end: 17, text: "[EMAIL_1]", what: "EMAIL" }] },
  ]);
});
