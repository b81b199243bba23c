import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../settings/failure";
import { column, memoryTable } from "../table/table";
import type { Column } from "../types/table";
import suite from "./fixtures/jsonTestSuite.json";
import type { TableFormat } from "./format";
import { detectFormat } from "./index";
import { json } from "./json";
import { DEEPEST, isJson } from "./json/parse";
import { jsonl } from "./jsonl";
import { type ReadResult, readAll, utf8, writeAll } from "./testing/sources";

const chunking = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 });
const read = (content: string, options: Parameters<typeof readAll>[2] = {}): Promise<ReadResult> => readAll(json, content, options);
const lines = (content: string, options: Parameters<typeof readAll>[2] = {}): Promise<ReadResult> => readAll(jsonl, content, options);

const inputOf = (one: (typeof suite.cases)[number]): string => one.input ?? `${one.repeat!.repeat(one.times!)}${one.rest}`;

describe("JSONTestSuite", () => {
  it("has its 318 cases", () => {
    expect(suite.cases).toHaveLength(318);
  });

  /** "accepted" has no problem but keys that come twice, which JSON allows; a document without rows (an empty list) is none either. */
  async function decide(input: string, sizes: readonly number[]): Promise<string> {
    try {
      return (await read(input, { settings: { encoding: "utf-8" }, sizes })).problems.every(({ action }) => action === "cut") ? "accepted" : "refused";
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      return error.message.includes("it holds no values") ? "accepted" : "refused";
    }
  }

  it.each(suite.cases.map((one) => [one.name, one] as const))("%s", async (name, one) => {
    const input = inputOf(one);
    // A file of nothing but a byte-order mark or spaces is refused as one without rows.
    const isBlank = input.replace(/^\ufeff/, "").trim() === "";
    for (const sizes of input.length > 2000 ? [[4096]] : [[], [1], [3, 1]]) {
      const decided = isBlank ? "refused" : await decide(input, sizes);
      if (name.startsWith("y_")) expect(decided).toBe("accepted");
      else if (name.startsWith("n_")) expect(decided).toBe("refused");
      else expect(["accepted", "refused"]).toContain(decided);
    }
    if (name.startsWith("y_")) expect(isJson(input)).toBe(true);
    if (name.startsWith("n_")) expect(isJson(input)).toBe(false);
  });
});

describe("shapes of documents", () => {
  it.each<[string, string, string[], unknown[][], string?]>([
    ["a list of objects", '[{"a":1,"b":"x"},{"b":"y","a":2}]', ["a", "b"], [[1, "x"], [2, "y"]]],
    ["keys that come later", '[{"a":1},{"b":null},{"a":null,"b":true}]', ["a", "b"], [[1, undefined], [undefined, null], [null, true]]],
    ["a list of values", '["x","y"]', ["value"], [["x"], ["y"]]],
    ["arrays, the first of names", '[["name","age"],["Ann",5],["Ben",6]]', ["name", "age"], [["Ann", 5], ["Ben", 6]], "The first row names the columns."],
    ["arrays of text", '[["Ann","Rome"],["Ben","Bonn"]]', ["column 1", "column 2"], [["Ann", "Rome"], ["Ben", "Bonn"]]],
    ["one array", '[["Ann","Rome"]]', ["column 1", "column 2"], [["Ann", "Rome"]]],
    ["an object with a list of objects", '{"version":1,"data":[{"a":1},{"a":2}],"more":{"x":[1]}}', ["a"], [[1], [2]], 'The rows are the list "data"; "version", "more" were left out.'],
    ["an object of columns", '{"a":[1,2],"b":["x","y"]}', ["a", "b"], [[1, "x"], [2, "y"]], "Each list of the object is a column."],
    ["an object with a list of values", '{"version":1,"sentences":["x","y"]}', ["sentences"], [["x"], ["y"]], 'The rows are the list "sentences"; "version" was left out.'],
    ["one object", '{"a":1,"b":{"c":[1, 2]}}', ["a", "b"], [[1, '{"c":[1,2]}']], "The file is one object, and became one row."],
    ["one value", '"x"', ["value"], [["x"]]],
  ])("%s", async (_, content, names, rows, note) => {
    for (const sizes of [[], [1], [5]]) {
      const result = await read(content, { sizes });
      expect(result.problems).toEqual([]);
      expect({ names: result.names, rows: result.rows }).toEqual({ names, rows });
      if (note !== undefined) expect(result.notes).toContain(note);
    }
  });
});

describe("values", () => {
  it("keeps numbers that a double would change as they are spelled", async () => {
    const { rows, kinds } = await read('[{"a":1.50,"b":1},{"a":9007199254740993,"b":-0},{"a":1e400,"b":0.1}]');
    expect(kinds).toEqual(["json", "number"]);
    expect(rows).toEqual([["1.50", 1], ["9007199254740993", -0], ["1e400", 0.1]]);
  });

  it("widens columns: text beside numbers is text, anything beside nested values is JSON", async () => {
    const { rows, kinds, notes } = await read('[{"a":1,"b":true,"c":"x","d":1},{"a":"x","b":2,"c":[1, {"k": " "}],"d":2.50}]');
    expect(kinds).toEqual(["text", "json", "json", "json"]);
    expect(rows).toEqual([["1", "true", '"x"', "1"], ["x", "2", '[1,{"k":" "}]', "2.50"]]);
    expect(notes).toEqual(['Column "a" holds text and 1 other value (numbers, true or false), kept as text.']);
  });

  it("gives a column of nothing but null its kind when it shows, also batches later", async () => {
    const content = `[${'{"a":null},'.repeat(5000)}{"a":3}]`;
    const { rows, kinds } = await read(content);
    expect(kinds).toEqual(["number"]);
    expect(rows.at(-1)).toEqual([3]);
    expect(rows[0]).toEqual([null]);
  });

  it("pollutes no prototype and reports keys that come twice", async () => {
    const { names, rows, problems } = await read('[{"__proto__":{"polluted":true},"constructor":1,"a":1,"a":2}]');
    expect(names).toEqual(["__proto__", "constructor", "a"]);
    expect(rows).toEqual([['{"polluted":true}', 1, 2]]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(problems).toMatchObject([{ row: 1, column: "a", byte: 54, found: '"a" twice', action: "cut" }]);
  });

  it("reads escapes, and keeps lone surrogates", async () => {
    expect((await read('["\\u00e9\\n\\"\\/\\\\\\ud83d\\ude00", "\\ud800", "\\u0000"]')).rows).toEqual([['é\n"/\\😀'], ["\ud800"], ["\0"]]);
  });

  it("refuses what is nested too deep, in the row that is", async () => {
    const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    // The list and the row are two of the levels.
    expect((await read(`[{"a":${deep(DEEPEST - 2)}}]`)).problems).toEqual([]);
    const { rows, problems } = await read(`[{"a":${deep(DEEPEST - 1)}},{"a":1}]`);
    expect(rows).toEqual([[1]]);
    expect(problems).toMatchObject([{ row: 1, expected: "at most 256 levels of nesting" }]);
    expect((await read(deep(1e6))).problems).toHaveLength(1);
  });
});

describe("broken documents", () => {
  it.each([
    ["NaN", '[{"a":1},{"a":NaN},{"a":3}]', { row: 2, byte: 14, expected: "a value", found: "NaN" }],
    ["a comma too many in an object", '[{"a":1},{"a":2,},{"a":3}]', { row: 2, byte: 16, found: "}" }],
    ["single quotes", "[{\"a\":1},{'a':2},{\"a\":3}]", { row: 2, byte: 10, found: "'" }],
    ["a comma too many between rows", '[{"a":1},,{"a":3}]', { row: 2, byte: 9, expected: "a value", found: "," }],
  ])("loses the row with %s and no other", async (_, content, problem) => {
    for (const sizes of [[], [1], [7]]) {
      const { rows, problems } = await read(content, { sizes });
      expect(rows).toEqual([[1], [3]]);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ ...problem, action: "skipped" });
    }
  });

  it("keeps the rows before the place where the file was cut off", async () => {
    const { rows, problems } = await read('[{"a":1},{"a":2},{"a":');
    expect(rows).toEqual([[1], [2]]);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toMatchObject({ row: 3, found: "the end" });
  });

  it("says that an empty list has no rows", async () => {
    await expect(read("[]")).rejects.toThrow("There are no rows in rows.json");
    await expect(lines(" \n\n")).rejects.toThrow("There are no rows in rows.jsonl");
  });
});

describe("JSON Lines", () => {
  it("reads a row a line, whatever the line ends, in every chunking", async () => {
    for (const end of ["\n", "\r\n"]) for (const sizes of [[], [1], [4]]) {
      const { names, rows, problems } = await lines(`{"a":1,"é":"x"}${end}${end}  {"a":2} ${end}{"é":"\\n"}`, { sizes });
      expect({ names, rows, problems }).toEqual({ names: ["a", "é"], rows: [[1, "x"], [2, undefined], [undefined, "\n"]], problems: [] });
    }
  });

  it("names line, character and byte of a bad line, and keeps the others", async () => {
    const content = '{"a":1}\n'.repeat(5000) + '{"a":tru}\n{"a":3}\n';
    const { rows, problems } = await lines(content);
    expect(rows).toHaveLength(5001);
    expect(problems).toMatchObject([{ row: 5001, byte: 40005, expected: "a value", found: "tru at character 6 of line 5,001", action: "skipped" }]);
  });

  it("takes several values on a line", async () => {
    const { rows, notes } = await lines('{"a":1}{"a":2} {"a":3}\n{"a":{"b":1}}\n');
    expect(rows).toEqual([["1"], ["2"], ["3"], ['{"b":1}']]);
    expect(notes[0]).toContain("1 line holds several values");
    expect((await lines('{"a":1} x\n{"a":2}\n')).problems).toMatchObject([{ row: 1, found: "x at character 9 of line 1" }]);
  });

  it("refuses an array and says what it is", async () => {
    for (const content of ['[{"a":1},{"a":2}]', '[\n{"a":1}\n]']) {
      const error = await lines(content).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(FailureError);
      expect((error as FailureError).failure).toMatchObject({ message: expect.stringContaining("is a JSON array"), hint: "Import it as JSON." });
    }
    expect((await lines('["x","y"]\n["z","w"]\n')).rows).toEqual([["x", "y"], ["z", "w"]]);
  });
});

it.each([
  ['[{"a":1}]', "x.txt", "json"], ['{"a":1}\n{"a":2}\n', "x.txt", "jsonl"], ['{\n "a": 1\n}', "x", "json"], ['{"a":1}', "x.json", "json"], ['{"a":1}', "x.jsonl", "jsonl"],
  ['[{"a":1},{"a":2}]', "x.jsonl", "json"], ['{"a":1}\n{"a":2}\n', "x.json", "jsonl"], ["[sic] is Latin.", "x.txt", "text"], ["[1] A reference.", "x.txt", "text"], ["{curly} words", "x.txt", "text"],
  ["[1, 2, 3]", "x", "json"], ["broken {", "x.json", "json"], ["a,b\n1,2\n", "x.csv", "csv"],
])("takes %j in %s for %s", (content, name, id) => {
  expect(detectFormat(utf8(content), name)?.id).toBe(id);
});

describe("writing", () => {
  const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 8 }), fc.constantFrom("\ud800", "\0", "\u2028", '"', "\\", "__proto__"));
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const columns: readonly Column[] = [column("t"), column("n", { kind: "number" }), column("b", { kind: "boolean" }), column("__proto__", { kind: "text" })];
  const row = fc.tuple(fc.option(text, { nil: null }), fc.option(number, { nil: undefined }), fc.option(fc.boolean(), { nil: null }), fc.option(text, { nil: undefined }));

  it.each<[string, TableFormat, Record<string, string>]>([["JSON", json, {}], ["indented JSON", json, { layout: "indented" }], ["JSON Lines", jsonl, {}]])("%s gives back the table, in every chunking", async (_, format, settings) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), chunking, async (rows, sizes) => {
        // The first row has every column, so that the order and the kinds are told.
        const given = [["x", 1, true, "y"], ...rows];
        const { bytes } = await writeAll(format, memoryTable(columns, given), settings);
        const result = await readAll(format, bytes, { sizes, settings: { encoding: "utf-8" } });
        expect(result.names).toEqual(columns.map(({ name }) => name));
        expect(result.kinds).toEqual(columns.map(({ kind }) => kind));
        // A double whose shortest spelling is not how JSON would spell it (1e21 is) still reads back as itself.
        expect(result.rows).toEqual(given);
        expect(result.problems).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("gives back any list of objects, spelled as it was", async () => {
    const value = fc.letrec((tie) => ({ any: fc.oneof({ depthSize: "small" }, fc.constantFrom("1.50", "1E+2", "9007199254740993", "null", "true", '"\\u00e9"', '"x"', "3"), fc.array(tie("any"), { maxLength: 3 }).map((all) => `[${all.join(",")}]`)) })).any as fc.Arbitrary<string>;
    const object = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }).chain((keys) => fc.tuple(...keys.map(() => value)).map((values) => `{${keys.map((key, i) => `"${key}":${values[i]!}`).join(",")}}`));
    await fc.assert(
      fc.asyncProperty(fc.array(object, { minLength: 1, maxLength: 5 }), chunking, async (objects, sizes) => {
        const first = await lines(objects.join("\n"), { sizes });
        expect(first.problems).toEqual([]);
        // Columns in which text and numbers meet become text; the others come out as they were.
        fc.pre(first.notes.length === 0);
        const table = memoryTable(first.names.map((name, i) => column(name, { kind: first.kinds[i] as Column["kind"] })), first.rows);
        const { bytes } = await writeAll(jsonl, table);
        const written = new TextDecoder().decode(bytes).trimEnd().split("\n").map((line) => JSON.parse(line) as unknown);
        expect(written).toEqual(objects.map((each) => JSON.parse(each) as unknown));
        const second = await lines(new TextDecoder().decode(bytes));
        expect(second.rows.map((cells) => Object.fromEntries(cells.map((cell, i) => [second.names[i], cell])))).toEqual(first.rows.map((cells) => Object.fromEntries(cells.map((cell, i) => [first.names[i], cell]))));
      }),
      { numRuns: 500 },
    );
  });

  it("says what JSON cannot", async () => {
    const table = memoryTable([column("n", { kind: "number" }), column("j", { kind: "json" })], [[NaN, "{not json"], [-0, "[1]"]]);
    const { bytes, notes } = await writeAll(json, table);
    expect(new TextDecoder().decode(bytes)).toBe('[\n{"n":null,"j":"{not json"},\n{"n":-0,"j":[1]}\n]\n');
    expect(notes).toHaveLength(2);
  });
});
