import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { column, memoryTable } from "../../table/table";
import type { Cell } from "../../types/table";
import { readDate, voteForOrder } from "../readDate";
import { fitsDouble, readNumber, voteForMark } from "../readNumber";
import { runRecipe } from "../recipe";
import { noBreath, recipeStep } from "../testing/runStep";
import { typeFix } from "./typeFix";

interface Fixed {
  readonly cells: readonly Cell[];
  readonly kind: string;
  readonly type: string;
  readonly notes: readonly string[];
}

async function fix(cells: readonly Cell[], settings: Record<string, string | number> = {}): Promise<Fixed> {
  const cleaned = await runRecipe(memoryTable([column("x", { role: "feature" })], cells.map((cell) => [cell]), { batchRows: 2 }), [recipeStep(typeFix, settings)], noBreath);
  const kept: Cell[] = [];
  for await (const batch of cleaned.batches()) kept.push(...batch.columns[0]!);
  const { kind, type } = cleaned.columns[0]!;
  return { cells: kept, kind, type, notes: cleaned.counts().steps[0]!.notes };
}

describe("numbers", () => {
  it.each<[string, string | undefined, string | undefined]>([
    // written, with a decimal point, with a decimal comma
    ["1,234.50", "1234.50", undefined],
    ["1.234,50", undefined, "1234.50"],
    ["1,234", "1234", "1.234"],
    ["12,34,567", "1234567", undefined],
    [" 1 234 567 ", "1234567", "1234567"],
    ["1\u202f234,5", undefined, "1234.5"],
    ["1'234.5", "1234.5", undefined],
    ["1_000", "1000", "1000"],
    ["€ 12", "12", "12"],
    ["-$1,200.00", "-1200.00", undefined],
    ["$-3", "-3", "-3"],
    ["12 EUR", "12", "12"],
    ["3 kr", "3", "3"],
    ["R$ 5", "5", "5"],
    ["(45)", "-45", "-45"],
    ["45-", "-45", "-45"],
    ["−7", "-7", "-7"],
    ["+7", "7", "7"],
    ["5 %", "0.05", "0.05"],
    ["12.5%", "0.125", undefined],
    ["250%", "2.50", "2.50"],
    ["3‰", "0.003", "0.003"],
    [".5", "0.5", undefined],
    ["1e-3", "1e-3", "1e-3"],
    ["0", "0", "0"],
    ["-0.0", "0.0", undefined],
    ["007", "7", "7"],
    ["1,23", undefined, "1.23"],
    ["1,234 567", undefined, undefined],
    ["12 34", undefined, undefined],
    ["", undefined, undefined],
    ["-", undefined, undefined],
    ["12a", undefined, undefined],
    ["1-2", undefined, undefined],
    ["(-3)", undefined, undefined],
    ["$", undefined, undefined],
    ["0x1f", undefined, undefined],
  ])("%j is %s with a point, %s with a comma", (text, point, comma) => {
    expect([readNumber(text, "point"), readNumber(text, "comma")]).toEqual([point, comma]);
  });

  it("plain digits come back as they are, and groups make no difference", () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.constantFrom<"point" | "comma">("point", "comma"), (number, mark) => {
      expect(readNumber(String(number), mark)).toBe(String(number));
      expect(readNumber(number.toLocaleString(mark === "point" ? "en" : "de"), mark)).toBe(String(number));
    }));
  });

  it("what a cell says about the mark, and what a double holds", () => {
    expect(["1,234", "1.234", "1,23", "1.5", "1,234.5", "1.234,5", "1,234,567", "1.234.567", "12", "x", "1234,567"].map(voteForMark)).toEqual([0, 0, -1, 1, 1, -1, 1, -1, 0, 0, -1]);
    expect(["9007199254740991", "9007199254740993", "0.1", "1234567890.1234567", "1e400", "000000000000000000012"].map(fitsDouble)).toEqual([true, false, true, false, false, true]);
  });
});

describe("dates", () => {
  it.each<[string, string | undefined, string | undefined]>([
    ["2021-03-04", "2021-03-04", "2021-03-04"],
    ["2021/3/4", "2021-03-04", "2021-03-04"],
    ["3.4.2021", "2021-04-03", "2021-03-04"],
    ["13/04/2021", "2021-04-13", undefined],
    ["04/13/2021", undefined, "2021-04-13"],
    ["1. 2. 69", "1969-02-01", "1969-01-02"],
    ["1-2-68", "2068-02-01", "2068-01-02"],
    ["4 March 2021", "2021-03-04", "2021-03-04"],
    ["Thu, 4 Mar 2021 17:06:09 GMT", "2021-03-04T17:06:09Z", "2021-03-04T17:06:09Z"],
    ["March 4th, 2021", "2021-03-04", "2021-03-04"],
    ["04-Mar-21", "2021-03-04", "2021-03-04"],
    ["3/4/2021 5:06 PM", "2021-04-03T17:06:00", "2021-03-04T17:06:00"],
    ["2021-03-04T12:00:00.5+0200", "2021-03-04T12:00:00.5+02:00", "2021-03-04T12:00:00.5+02:00"],
    ["2021-03-04 12:05 am", "2021-03-04T00:05:00", "2021-03-04T00:05:00"],
    ["29.2.2020", "2020-02-29", undefined],
    ["29.2.2021", undefined, undefined],
    ["29.2.1900", undefined, undefined],
    ["2021-13-01", undefined, undefined],
    ["31 June 2021", undefined, undefined],
    ["3 marble 2021", undefined, undefined],
    ["2021-03-04 24:00", undefined, undefined],
    ["2021-03-04 13:00 PM", undefined, undefined],
    ["3.4-2021", undefined, undefined],
    ["soon", undefined, undefined],
  ])("%j is %s day first, %s month first", (text, dayFirst, monthFirst) => {
    expect([readDate(text, "day first"), readDate(text, "month first")]).toEqual([dayFirst, monthFirst]);
  });

  it("every day of the calendar comes back, whatever way it was written", () => {
    fc.assert(fc.property(fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true }), (date) => {
      const iso = date.toISOString().slice(0, 10);
      const [year, month, day] = iso.split("-");
      expect(readDate(`${day!}.${month!}.${year!}`, "day first")).toBe(iso);
      expect(readDate(`${month!}/${day!}/${year!}`, "month first")).toBe(iso);
      expect(readDate(`${Number(day)} ${date.toLocaleString("en", { month: "long", timeZone: "UTC" })} ${year!}`, "month first")).toBe(iso);
    }));
  });

  it("what a cell says about the order", () => {
    expect(["13.4.2021", "4/13/2021", "3/4/2021", "4 March 2021", "x"].map(voteForOrder)).toEqual([1, -1, 0, 0, 0]);
  });
});

describe("a column", () => {
  it("of numbers, whose mark its own cells tell", async () => {
    expect(await fix(["1.234", "2,5", " ", null, "12 €"])).toEqual({ cells: [1234, 2.5, null, null, 12], kind: "number", type: "number", notes: ["x: numbers with a decimal comma."] });
    expect(await fix(["1,234", "5"])).toMatchObject({ cells: [1234, 5], kind: "number", type: "integer" });
    expect(await fix(["1,234", "5"], { mark: "comma" })).toMatchObject({ cells: [1.234, 5], type: "number" });
  });

  it("of numbers that a double would round stays text, in plain digits", async () => {
    expect(await fix(["9,007,199,254,740,993", "1"])).toEqual({
      cells: ["9007199254740993", "1"], kind: "text", type: "integer", notes: ["x: numbers with a decimal point. Some have more digits than a double holds, so all stay text, in plain digits."],
    });
  });

  it("of codes with leading zeros is left alone, unless it is said to be numbers", async () => {
    expect(await fix(["007", "12"])).toMatchObject({ cells: ["007", "12"], kind: "text", notes: [] });
    expect(await fix(["007", "12"], { as: "number" })).toMatchObject({ cells: [7, 12], kind: "number" });
  });

  it("of dates", async () => {
    expect(await fix(["4/3/2021", "4/13/2021"])).toEqual({ cells: ["2021-04-03", "2021-04-13"], kind: "text", type: "date", notes: ["x: dates, month first."] });
    expect((await fix(["4/3/2021"])).notes).toEqual(["x: dates, day first where both are possible (no cell says which)."]);
  });

  it("of truth values; ones and zeros are numbers unless said otherwise", async () => {
    expect(await fix(["Yes", " no", "TRUE", "off", "1"])).toMatchObject({ cells: [true, false, true, false, true], kind: "boolean", type: "boolean" });
    expect(await fix(["1", "0"])).toMatchObject({ cells: [1, 0], kind: "number", type: "integer" });
    expect(await fix(["1", "0"], { as: "boolean" })).toMatchObject({ cells: [true, false], kind: "boolean" });
  });

  it.each([
    ["keep", ["1000", "2", "unknown"], "text"],
    ["empty", [1000, 2, null], "number"],
    ["drop", [1000, 2], "number"],
  ])("cells that do not fit: %s", async (misfits, cells, kind) => {
    const result = await fix(["1,000", "2", "unknown"], { misfits, agreement: 0.6 });
    expect(result).toEqual({ cells, kind, type: "integer", notes: ["x: numbers with a decimal point. 1 cell does not fit."] });
  });

  it("of words stays as it is", async () => {
    expect(await fix(["ten", "11", "twelve"])).toEqual({ cells: ["ten", "11", "twelve"], kind: "text", type: "text", notes: [] });
    expect(await fix([null, ""])).toMatchObject({ cells: [null, ""], kind: "text" });
  });
});
