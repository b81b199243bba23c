import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDistinctTexts } from "./distinctTexts";
import { createExactFinder, NO_ROW } from "./exact";
import { createGroups } from "./groups";
import { mix } from "./hashing";
import { createNearFinder, LONG_TEXTS, type NearFinder, type NearSettings, SHORT_TEXTS } from "./near";
import { createShingles, shingle, type ShingleSettings } from "./shingles";
import { createComparer } from "./similarity";
import { simplify } from "./simplify";
import { chanceOfCandidate } from "./sketch";

const never = (): undefined => undefined;

/** The definition: sets of strings. */
function piecesOf(text: string, { of, length }: ShingleSettings): Set<string> {
  const units = of === "characters" ? text.split("") : text.split(" ").filter(Boolean);
  const size = Math.min(length, units.length);
  const glue = of === "characters" ? "" : " ";
  return new Set(Array.from({ length: units.length - size + 1 }, (_, at) => units.slice(at, at + size).join(glue)));
}

function similarityOf(one: ReadonlySet<string>, two: ReadonlySet<string>): number {
  let shared = 0;
  for (const piece of one) if (two.has(piece)) shared++;
  return shared / (one.size + two.size - shared);
}

const jaccard = (a: string, b: string, settings: ShingleSettings): number => similarityOf(piecesOf(a, settings), piecesOf(b, settings));
const PAIRS = 3000;

async function find(texts: readonly string[], settings: NearSettings): Promise<NearFinder> {
  const finder = createNearFinder(settings, texts.length, never);
  for (const [row, text] of texts.entries()) finder.add(row, text);
  await finder.finishAdding();
  for (const [row, text] of texts.entries()) finder.verify(row, text);
  finder.finishVerifying();
  return finder;
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => mix((state = (state + 0x9e3779b9) | 0)) / 2 ** 32;
}

/** `count` pairs: a text of `words` words and the same with `changes` words replaced. */
function makePairs(count: number, words: number, changes: number, seed: number): string[] {
  const random = randomFrom(seed);
  const word = (): string => Math.floor(random() * 36 ** 4).toString(36);
  return Array.from({ length: count }, () => {
    const one = Array.from({ length: words }, word);
    const other = [...one];
    for (let change = 0; change < changes; change++) other[Math.floor(random() * words)] = word();
    return [one.join(" "), other.join(" ")];
  }).flat();
}

describe("near-duplicates", () => {
  it.each([
    { name: "characters, 20 × 5", settings: SHORT_TEXTS, words: 30, changes: [2, 5, 8, 11] },
    { name: "words, 14 × 8", settings: LONG_TEXTS, words: 120, changes: [1, 3, 6, 10] },
  ])("whole texts are found as often as the S-curve says, within 2%: $name", async ({ settings, words, changes }) => {
    for (const [index, change] of changes.entries()) {
      const texts = makePairs(PAIRS, words, change, index + 1);
      // With a threshold of 0 every candidate is joined: what is measured is the chance to become one.
      const finder = await find(texts, { ...settings, threshold: 0 });
      let found = 0;
      let expected = 0;
      for (let row = 0; row < texts.length; row += 2) {
        if (finder.firstOf(row) === finder.firstOf(row + 1)) found++;
        expected += chanceOfCandidate(jaccard(texts[row]!, texts[row + 1]!, settings.shingles), settings);
      }
      expect(Math.abs(found - expected) / PAIRS, `${change} words changed: ${found} found, ${expected.toFixed(0)} expected`).toBeLessThan(0.02);
    }
  });

  it("nothing is joined that is not connected by pairs of at least the threshold", async () => {
    const random = randomFrom(9);
    const texts = makePairs(60, 20, 1, 4).concat(makePairs(60, 20, 3, 5));
    for (let copy = 0; copy < 60; copy++) texts.push(texts[Math.floor(random() * texts.length)]!.replace(/\w+ /, "another "));
    const finder = await find(texts, SHORT_TEXTS);
    const sets = texts.map((text) => piecesOf(text, SHORT_TEXTS.shingles));
    const truth = createGroups(texts.length);
    for (let a = 0; a < texts.length; a++) {
      for (let b = 0; b < a; b++) if (similarityOf(sets[a]!, sets[b]!) >= 0.8) truth.join(a, b);
    }
    let missed = 0;
    for (let row = 0; row < texts.length; row++) {
      expect(truth.firstOf(row)).toBe(truth.firstOf(finder.firstOf(row)));
      if (finder.firstOf(row) !== truth.firstOf(row)) missed++;
    }
    expect(missed).toBeLessThanOrEqual(2);
    expect(finder.compared.similar).toBeGreaterThan(50);
  });

  it("short texts are compared as a whole, and only equal ones are joined", async () => {
    const finder = await find(["ok", "no", "ok", "", "o", "ok!", "ok"], SHORT_TEXTS);
    expect([0, 1, 2, 3, 4, 5, 6].map(finder.firstOf)).toEqual([0, 1, 0, NO_ROW, 4, 5, 0]);
    expect(finder.exactFirstOf(6)).toBe(0);
    const words = await find(["buy now", "buy now please", "buy now"], LONG_TEXTS);
    expect([0, 1, 2].map(words.firstOf)).toEqual([0, 1, 0]);
  });

  it("texts in other scripts and with characters of two units", async () => {
    const long = "Съешь же ещё этих мягких французских булок, да выпей чаю 👩‍🚒👩‍🚒 и ещё кофе с молоком и сахаром";
    const finder = await find([long, "東京都庁は新宿区西新宿二丁目にある東京都の行政機関の庁舎です", `${long}!`, "東京都庁は新宿区西新宿二丁目にある東京都の行政機関の庁舎です。"], SHORT_TEXTS);
    expect([0, 1, 2, 3].map(finder.firstOf)).toEqual([0, 1, 0, 1]);
  });

  it("the same rows give the same groups, and ten thousand copies of one text cost no more pairs than rows", async () => {
    const texts = makePairs(200, 15, 1, 3);
    const [one, other] = [await find(texts, SHORT_TEXTS), await find(texts, SHORT_TEXTS)];
    expect(texts.map((_, row) => one.firstOf(row))).toEqual(texts.map((_, row) => other.firstOf(row)));
    const template = Array.from({ length: 3000 }, (_, row) => `Dear customer, your parcel ${row} is waiting for you at the post office around the corner.`);
    const many = await find(template, SHORT_TEXTS);
    expect(new Set(template.map((_, row) => many.firstOf(row))).size).toBe(1);
    expect(many.compared.candidates).toBeLessThanOrEqual(16 * template.length);
  });

  it("can be canceled while it pairs", async () => {
    const finder = createNearFinder(SHORT_TEXTS, 2, () => Promise.reject(new Error("canceled")));
    finder.add(0, "one");
    await expect(finder.finishAdding()).rejects.toThrow("canceled");
  });
});

describe("the parts", () => {
  it("exact Jaccard similarity equals the definition, for any texts", () => {
    const settings = fc.constantFrom<ShingleSettings>({ of: "characters", length: 3 }, { of: "words", length: 2 });
    const text = fc.array(fc.constantFrom("a", "b", "ab", "é", "👍"), { minLength: 1, maxLength: 40 }).map((words) => words.join(" "));
    const comparer = createComparer();
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1, maxLength: 4 }), settings, (held, others, how) => {
        const pieces = createShingles();
        shingle(held, how, pieces);
        comparer.hold(pieces);
        for (const other of others) {
          shingle(other, how, pieces);
          expect(comparer.compare(pieces)).toBeCloseTo(jaccard(held, other, how), 12);
        }
      }),
    );
  });

  it("long sets do not fit the first table and are compared all the same", () => {
    const comparer = createComparer();
    const [one, two] = makePairs(1, 3000, 30, 2) as [string, string];
    const [a, b] = [createShingles(), createShingles()];
    shingle(one, SHORT_TEXTS.shingles, a);
    shingle(two, SHORT_TEXTS.shingles, b);
    comparer.hold(a);
    for (let turn = 0; turn < 3; turn++) expect(comparer.compare(b)).toBeCloseTo(jaccard(one, two, SHORT_TEXTS.shingles), 12);
  });

  it("different texts are numbered in the order they come", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 3000 }), (texts) => {
        const distinct = createDistinctTexts();
        const known = new Map<string, number>();
        for (const text of texts) {
          expect(distinct.find(text)).toBe(known.get(text) ?? -1);
          if (!known.has(text)) known.set(text, known.size);
          expect(distinct.numberOf(text)).toBe(known.get(text));
        }
        expect(distinct.size).toBe(known.size);
      }),
      { numRuns: 30 },
    );
  });

  it("a hundred thousand different texts stay different", () => {
    const distinct = createDistinctTexts();
    for (let index = 0; index < 100_000; index++) distinct.numberOf(`row ${index}`);
    expect(distinct.size).toBe(100_000);
    expect(distinct.find("row 77777")).toBe(77777);
  });

  it("rows without text are nobody's copy", () => {
    const finder = createExactFinder(5);
    for (const [row, text] of ["a", "", "a", ""].entries()) finder.add(row, text);
    expect([0, 1, 2, 3, 4].map(finder.firstOf)).toEqual([0, NO_ROW, 0, NO_ROW, NO_ROW]);
  });

  it("groups are named by their first member, in whatever order they were joined", () => {
    const groups = createGroups(6);
    groups.join(4, 5);
    groups.join(5, 2);
    groups.join(0, 1);
    expect([0, 1, 2, 3, 4, 5].map(groups.firstOf)).toEqual([0, 0, 2, 3, 2, 2]);
  });
});

describe("simplify", () => {
  it.each([
    ["  Hello\t\n World ", "hello world"],
    ["Cafe\u0301", "café"],
    ["ALREADY", "already"],
    ["a  b", "a b"],
    ["İ", "i̇"],
    ["a\u00a0b", "a b"],
    [" ", ""],
  ])("%j is %j", (text, simple) => expect(simplify(text)).toBe(simple));

  it("the wishes", () => {
    const all = { withoutPunctuation: true, digitsAsZero: true, withoutDiacritics: true };
    expect(simplify("Straße Nr. 12: „Crème brûlée“ – €5!", all)).toBe("straße nr 00 creme brulee 0");
    expect(simplify("한국어 ٣", all)).toBe("한국어 0");
    expect(simplify("!!!", all)).toBe("");
    expect(simplify("a-b", { ...all, withoutPunctuation: false })).toBe("a-b");
  });

  it("is done once and for all", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => simplify(simplify(text)) === simplify(text)));
  });
});
