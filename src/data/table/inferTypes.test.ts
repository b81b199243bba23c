import { describe, expect, it } from "vitest";
import type { Cell, ColumnKind } from "../types/table";
import { typeOfCell } from "./cellType";
import { createTypeInference, type InferredColumn } from "./inferTypes";

function infer(cells: readonly Cell[], kind: ColumnKind = "text", batch = 1000): InferredColumn {
  const types = createTypeInference();
  for (let at = 0; at < cells.length; at += batch) types.add([cells.slice(at, at + batch)], Math.min(batch, cells.length - at));
  return types.finish([kind])[0]!;
}

describe("a cell", () => {
  it.each<[Cell, string]>([
    ["", "missing"], ["  \t", "missing"], [null, "missing"], [undefined, "missing"],
    ["0", "integer"], ["-12", "integer"], ["+5", "integer"], [" 7 ", "integer"], ["007", "text"], [3, "integer"], [-0, "integer"],
    ["1.50", "number"], [".5", "number"], ["1e5", "number"], ["1.", "number"], ["1,5", "text"], ["1,234", "text"], ["1.2.3", "text"], ["-", "text"], ["01.5", "text"], [0.5, "number"], ["NaN", "text"],
    ["TRUE", "boolean"], ["no", "boolean"], [false, "boolean"], ["nope", "text"],
    ["2021-03-04", "date"], ["2021-03-04T10:00:00Z", "date"], ["2021-03-04 10:00:00.123+01:00", "date"], ["2021/3/4", "date"], ["4.3.2021", "date"], ["3/4/21", "date"], ["12/31/2020 5:30 PM", "date"],
    ["4 March 2021", "date"], ["Mar 4, 2021", "date"], ["Thu, 04 Mar 2021 10:00:00 +0000", "date"], ["4th of July", "text"], ["2021-13-04", "text"], ["2021-02-45", "text"], ["May you live long, 1999 style", "text"],
    ['{"a":1}', "json"], ["[1, 2]", "json"], ["[sic", "text"], ["a long text that says nothing in particular, at length", "text"],
  ])("%j says %s", (cell, type) => {
    expect(typeOfCell(cell)).toBe(type);
  });
});

describe("a column", () => {
  it.each<[string, readonly Cell[], string]>([
    ["nothing", ["", null, undefined, " "], "empty"],
    ["whole numbers", ["1", "2", "", "3"], "integer"],
    ["numbers among whole ones", ["1", "2.5", "3"], "number"],
    ["yes and no", ["yes", "no", "no"], "boolean"],
    ["days", ["2021-01-01", "2021-01-02"], "date"],
    ["few values that come again", ["ham", "spam", "ham", "ham", "spam"], "category"],
    ["values that hardly come again", ["a", "b", "c", "d", "a"], "text"],
    ["zip codes", ["01234", "90210", "02139", "10001"], "text"],
    ["long text that comes again", ["x".repeat(50), "x".repeat(50), "x".repeat(50), "x".repeat(50)], "text"],
  ])("of %s", (_, cells, type) => {
    expect(infer(cells).type).toBe(type);
    expect(infer(cells, "text", 1)).toEqual(infer(cells));
  });

  it("is believed at 95 % and tells how many cells disagree", () => {
    const cells = [...Array.from({ length: 96 }, (_, i) => String(i)), "n/a", "n/a", "x", "y"];
    expect(infer(cells)).toMatchObject({ type: "integer", disagreeing: 4, missing: 0, notes: ['4 of 100 cells are not whole numbers, such as "n/a".'] });
    expect(infer([...cells, "z", "z"]).type).toBe("text");
  });

  it("tells numbers that a double cannot count", () => {
    expect(infer(["9007199254740993", "1", "2"]).notes).toEqual(["1 of its numbers are too large for a double and stay text, exactly as they are spelled."]);
    expect(infer(["9007199254740991"]).notes).toEqual([]);
  });

  it("of JSON is JSON unless all of it is numbers", () => {
    expect(infer(["1.50", "2"], "json").type).toBe("number");
    expect(infer(['{"a":1}', '"x"', "3"], "json").type).toBe("json");
  });

  it("that comes late was missing before", () => {
    const types = createTypeInference();
    types.add([["a", "b"]], 2);
    types.add([["c"], ["1"]], 1);
    expect(types.finish(["text", "text"])[1]).toMatchObject({ type: "integer", rows: 3, missing: 2 });
  });
});
