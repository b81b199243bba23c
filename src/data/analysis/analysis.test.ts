import { describe, expect, it } from "vitest";
import { column, memoryTable } from "../table/table";
import type { BalanceReport } from "../types/analysis";
import type { Cell } from "../types/table";
import { balanceReport } from "./balance";
import { columnStatistics } from "./columnStatistics";
import { wilson } from "./statistics";
import { NO_SOURCE, sourceShares } from "./sourceShares";
import { vocabularyGrowth } from "./vocabularyGrowth";

const never = (): undefined => undefined;

describe("one column", () => {
  const table = memoryTable(
    [column("text"), column("n", { kind: "number", type: "number" }), column("when", { type: "date" })],
    [
      ["Hello world", 1, "2021-03-04"],
      ["", 2, ""],
      [null, 3.5, null],
      ["Hello world", undefined, "2021-03-05T10:00:00Z"],
      ["12 €, ДА 👩", 4, "soon"],
    ],
    { batchRows: 2 },
  );

  it("of text", async () => {
    expect(await columnStatistics(table, "text", never)).toEqual({
      column: "text", rows: 5, missing: 2, unique: 2, uniqueIsExact: true,
      types: [{ type: "text", rows: 3 }],
      top: [{ value: "Hello world", rows: 2 }, { value: "12 €, ДА 👩", rows: 1 }],
      lengths: { mean: expect.closeTo(32 / 3, 12), longest: 11, histogram: { edges: [10, 11, 12], counts: [1, 2] } },
      words: { mean: 2, total: 6 },
      // 32 characters: 20 in "Helloworld" twice, ДА, 12, two and three spaces, a comma, € and the emoji.
      characters: [
        { name: "Latin letters", share: 20 / 32 }, { name: "letters of other scripts", share: 2 / 32 }, { name: "digits", share: 2 / 32 },
        { name: "white space", share: 5 / 32 }, { name: "punctuation", share: 1 / 32 }, { name: "symbols", share: 2 / 32 },
      ],
      missingWith: [{ column: "when", rows: 2 }],
    });
  });

  it("of numbers", async () => {
    expect(await columnStatistics(table, "n", never)).toMatchObject({
      missing: 1, unique: 4, types: [{ type: "integer", rows: 3 }, { type: "number", rows: 1 }],
      // 1, 2, 3.5, 4: mean 10.5/4; quartiles at ranks 0.75, 1.5, 2.25; squared differences 2.640625 + .390625 + .765625 + 1.890625 over 4.
      numbers: { min: 1, max: 4, mean: 2.625, deviation: expect.closeTo(Math.sqrt(5.6875 / 4), 12), quartiles: [1.75, 2.75, 3.625] },
    });
  });

  it("of dates, and of one that is not there", async () => {
    expect(await columnStatistics(table, "when", never)).toMatchObject({ types: [{ type: "date", rows: 2 }, { type: "text", rows: 1 }] });
    await expect(columnStatistics(table, "nobody", never)).rejects.toThrow('There is no column "nobody"');
  });

  it("the languages of a sample", async () => {
    const english = "This is a sentence in plain English about the weather of today";
    const german = "Das ist ein deutscher Satz über das Wetter von heute und morgen";
    const rows = Array.from({ length: 3000 }, (_, row) => [row % 4 === 0 ? german : english]);
    const { languages } = await columnStatistics(memoryTable([column("text")], [...rows, ["short"]]), "text", never);
    expect(languages?.map(({ language }) => language)).toEqual(["en", "de"]);
    // A share of 1000 draws is off by √(¾·¼/1000) = 1.4%.
    expect(languages?.[1]?.share).toBeGreaterThan(0.2);
    expect(languages?.[1]?.share).toBeLessThan(0.3);
  });

  it("of a table without rows", async () => {
    expect(await columnStatistics(memoryTable([column("text")], []), "text", never)).toEqual({ column: "text", rows: 0, missing: 0, unique: 0, uniqueIsExact: true, types: [], top: [] });
  });
});

describe("vocabulary and sources", () => {
  it("different words after words read", async () => {
    const table = memoryTable([column("text")], [["a b c d e"], ["A f g h i j k"], [null], ["a b"]]);
    const { points } = await vocabularyGrowth(table, [0], never);
    // The tenth word is i: a stands twice. Then 12 words with k (11 different), 14 in all.
    expect(points).toEqual([{ words: 10, distinct: 9 }, { words: 12, distinct: 11 }, { words: 13, distinct: 11 }, { words: 14, distinct: 11 }]);
  });

  it("follows Heaps' law where the text does", async () => {
    // Word k is new where ⌊√k⌋ grows: k words have √k different ones.
    const rows = Array.from({ length: 200 }, (_, row) => [Array.from({ length: 100 }, (__, at) => `w${Math.floor(Math.sqrt(100 * row + at + 1))}`).join(" ")]);
    const { exponent, scale } = await vocabularyGrowth(memoryTable([column("text")], rows), [0], never);
    expect(exponent).toBeCloseTo(0.5, 1);
    expect(scale).toBeCloseTo(1, 0);
    expect(await vocabularyGrowth(memoryTable([column("text")], []), [0], never)).toEqual({ points: [], scale: 0, exponent: 0 });
  });

  it("sources by their characters", async () => {
    const rows: Cell[][] = [["web", "12345"], ["book", "👍"], [null, "1234"], ["web", null]];
    expect(await sourceShares(memoryTable([column("source"), column("text")], rows), 0, [1], never)).toEqual([
      { source: "web", rows: 2, characters: 5, share: 0.5 },
      { source: NO_SOURCE, rows: 1, characters: 4, share: 0.4 },
      { source: "book", rows: 1, characters: 1, share: 0.1 },
    ]);
    expect((await sourceShares(memoryTable([column("source")], [["a"], ["b"], ["b"], ["b"]]), 0, [], never)).map(({ share }) => share)).toEqual([0.75, 0.25]);
  });
});

describe("balance", () => {
  const COLUMNS = [column("text", { role: "text" }), column("label", { role: "label" }), column("town", { type: "category" }), column("age", { kind: "number", type: "integer" }), column("id", { role: "id" })];
  /** 60 ham and 30 spam, 10 without a label; Ulm 40 rows with 8 spam, Rom 45 with 22, Oslo 5 with none. "free" stands in 27 spam and 1 ham. */
  const ROWS: Cell[][] = Array.from({ length: 100 }, (_, row) => {
    if (row >= 90) return ["nothing to see", row % 2 === 0 ? null : " ", "Ulm", 50, row];
    const isSpam = row < 30;
    const town = isSpam ? (row < 8 ? "Ulm" : "Rom") : row < 62 ? "Ulm" : row < 85 ? "Rom" : "Oslo";
    const text = row < 27 || row === 40 ? "Free money for you" : "see you for lunch";
    return [text, isSpam ? "spam" : "ham", town, isSpam ? 20 + (row % 5) : 40 + (row % 7), row];
  });
  const report = (): Promise<BalanceReport> => balanceReport(memoryTable(COLUMNS, ROWS, { batchRows: 7 }), { label: "label", group: "town" }, never);

  it("classes, their weights and how even they are", async () => {
    const { classes, imbalance, evenness, unlabeled, rows } = await report();
    expect(classes).toEqual([{ label: "ham", rows: 60, share: 60 / 90, weight: 90 / (2 * 60) }, { label: "spam", rows: 30, share: 30 / 90, weight: 90 / (2 * 30) }]);
    expect({ imbalance, unlabeled, rows }).toEqual({ imbalance: 2, unlabeled: 10, rows: 100 });
    // −(⅔ ln ⅔ + ⅓ ln ⅓) / ln 2
    expect(evenness).toBeCloseTo(0.9182958340544896, 12);
  });

  it("rates by group; a small group is only counted", async () => {
    const { groups } = await report();
    expect(groups?.suppressed).toEqual({ groups: 1, rows: 5 });
    expect(groups?.table).toEqual([
      { group: "Rom", rows: 45, rates: [{ rows: 23, rate: 23 / 45, interval: wilson(23, 45) }, { rows: 22, rate: 22 / 45, interval: wilson(22, 45) }] },
      { group: "Ulm", rows: 40, rates: [{ rows: 32, rate: 0.8, interval: wilson(32, 40) }, { rows: 8, rate: 0.2, interval: wilson(8, 40) }] },
    ]);
    expect(groups?.disparities).toEqual([
      { label: "ham", difference: expect.closeTo(0.8 - 23 / 45, 12), ratio: expect.closeTo(23 / 45 / 0.8, 12) },
      { label: "spam", difference: expect.closeTo(22 / 45 - 0.2, 12), ratio: expect.closeTo(0.2 / (22 / 45), 12) },
    ]);
  });

  it("words that give the label away, and only where it cannot be chance", async () => {
    const { shortcuts } = await report();
    expect(shortcuts.map(({ token, label }) => `${token} ${label}`)).toEqual(["free spam", "lunch ham", "money spam", "see ham"]);
    expect(shortcuts[0]).toEqual({ token: "free", label: "spam", pmi: expect.closeTo(Math.log2((27 * 90) / (28 * 30)), 12), rows: 28, share: 27 / 28 });
  });

  it("columns that go with the label: a number by bins, no names, no free text", async () => {
    const { associations } = await report();
    expect(associations.map((one) => one.column)).toEqual(["age", "town"]);
    expect(associations[0]?.cramersV).toBeGreaterThan(0.95);
    expect(associations[1]?.cramersV).toBeLessThan(0.5);
  });

  it("in plain words", async () => {
    expect((await report()).findings).toEqual([
      "10 rows have no label (10%).",
      "ham is 2 times as frequent as spam.",
      "Always answering ham is right for 67% of the rows; compare accuracy with that.",
      "80% of Ulm but 51% of Rom are ham: a ratio of 0.64, below four fifths, and more than chance.",
      "49% of Rom but 20% of Ulm are spam: a ratio of 0.41, below four fifths, and more than chance.",
      "1 group of fewer than 30 rows (5 rows in all) is not shown.",
      'The word "free" gives spam away: 96% of its 28 rows have that label.',
      expect.stringMatching(/^The column "age" goes closely with the label \(Cramér's V (0\.9\d|1\.00)\)/),
    ]);
  });

  it("even classes, one class, none, too many", async () => {
    const labeled = (labels: readonly Cell[]): ReturnType<typeof memoryTable> => memoryTable([column("label")], labels.map((label) => [label]));
    const even = await balanceReport(labeled(["a", "b", "a", "b"]), { label: "label" }, never);
    expect(even).toEqual({
      label: "label", rows: 4, unlabeled: 0, imbalance: 1, evenness: 1, findings: [], shortcuts: [], associations: [],
      classes: [{ label: "a", rows: 2, share: 0.5, weight: 1 }, { label: "b", rows: 2, share: 0.5, weight: 1 }],
    });
    expect((await balanceReport(labeled(["a", "a"]), { label: "label" }, never)).findings).toEqual(["All labeled rows are a: there is nothing to tell apart."]);
    expect(await balanceReport(labeled([null]), { label: "label" }, never)).toMatchObject({ classes: [], imbalance: 1, findings: ["No row has a label."] });
    await expect(balanceReport(labeled(Array.from({ length: 1001 }, (_, row) => `row ${row}`)), { label: "label" }, never)).rejects.toThrow("more than 1,000 different values");
  });

  it("labels by chance have no shortcuts and no associations", async () => {
    const words = ["red", "green", "blue", "sun", "rain", "snow"];
    const rows = Array.from({ length: 2000 }, (_, row) => [words.filter((__, at) => ((row * 2654435761) >>> (at + 9)) & 1).join(" "), (row * 40503) & 64 ? "yes" : "no", `g${(row * 69069 >>> 8) % 3}`]);
    const { shortcuts, associations } = await balanceReport(memoryTable([column("text", { role: "text" }), column("label"), column("g")], rows), { label: "label" }, never);
    expect(shortcuts).toEqual([]);
    for (const { cramersV } of associations) expect(cramersV).toBeLessThan(0.1);
  });
});
