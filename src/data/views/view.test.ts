import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../settings/failure";
import { column, memoryTable, type ScanOptions, type Table } from "../table/table";
import type { Filter, SearchQuery, ViewQuery } from "../types/analysis";
import type { Cell } from "../types/table";
import { numberOf } from "./filter";
import { fold } from "./fold";
import { compilePattern } from "./pattern";
import { rememberColumns } from "./rememberColumns";
import { MOST_COLLATED, sortRows } from "./sort";
import { openView } from "./view";

const COLUMNS = [column("text"), column("n", { kind: "number", type: "number" }), column("tag", { type: "category" })];
const ROWS: readonly (readonly Cell[])[] = [
  ["Straße nach Süden", 10, "b"],
  ["STRASSE 9", 9, "a"],
  [null, 100, "a"],
  ["Σίσυφος", undefined, ""],
  ["order 12, ORDER 13", -1, "B"],
  ["", 2.5, "a"],
];
const table = memoryTable(COLUMNS, ROWS, { batchRows: 2 });
const never = (): undefined => undefined;
const find = async (query: Partial<ViewQuery>, of: Table = table): Promise<number[]> => [...(await openView(of, { search: null, filters: [], sort: null, ...query }, never))];
const search = (text: string, given: Partial<SearchQuery> = {}): Partial<ViewQuery> => ({ search: { text, mode: "plain", matchCase: false, columns: [], ...given } });

describe("search", () => {
  it.each<[string, Partial<SearchQuery>, number[]]>([
    ["strasse", {}, [0, 1]],
    ["STRASSE", { matchCase: true }, [1]],
    ["ΣΊΣΥΦΟΣ", {}, [3]],
    ["order", {}, [4]],
    ["10", {}, [0, 2]],
    ["10", { columns: ["text"] }, []],
    ["a", { columns: ["tag"] }, [1, 2, 5]],
    ["", {}, [0, 1, 2, 3, 4, 5]],
    ["order \\d+$", { mode: "regex" }, [4]],
    ["order \\d+$", { mode: "regex", matchCase: true }, []],
    ["^\\d{2,}$", { mode: "regex", columns: ["n"] }, [0, 2]],
    [".", { matchCase: true }, [5]],
  ])("%s with %j finds rows %j", async (text, given, rows) => {
    expect(await find(search(text, given))).toEqual(rows);
  });

  it("case is folded in every script", () => {
    for (const spellings of [["Straße", "STRASSE", "STRAẞE", "strasse"], ["İzmir", "izmir", "IZMIR"], ["ﬁn", "FIN", "fin"], ["ΟΔΥΣΣΕΎΣ", "οδυσσεύς"], ["cafe\u0301", "CAFÉ"], ["Жук", "жУК"], ["Ǆ", "ǆ", "ǅ"]]) {
      expect(new Set(spellings.map(fold)).size, spellings.join()).toBe(1);
    }
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => fold(text.toUpperCase()) === fold(text) && fold(fold(text)) === fold(text)), { numRuns: 1000 });
  });

  it("worst patterns take linear time", async () => {
    const long = memoryTable([column("text")], [["a".repeat(50_000)]]);
    expect(await find(search("^(a+)+$", { mode: "regex" }), long)).toEqual([0]);
    expect(await find(search("^(a|aa)+b$", { mode: "regex" }), long)).toEqual([]);
  });

  it.each([
    ["ab(c[)]", 3, "missing closing )", "backslash"],
    ["x(?=y)", 2, "unsupported", "lookaround"],
    ["x(?<!y)", 2, "invalid named capture", "lookaround"],
    ["(a)\\1", 4, "invalid escape", "earlier group"],
    ["ab[z-a]", 4, "invalid character class range", "backslash"],
    ["*a", 1, "missing argument", "backslash"],
    ["ab{9,1}", 3, "invalid repeat count", "at most 1000"],
  ])("%s is refused at character %d", (pattern, place, cause, hint) => {
    const failure = catchFailure(() => compilePattern(pattern, true));
    expect(failure).toMatchObject({ kind: "bad-settings", where: `character ${place}` });
    expect(failure.message).toContain(cause);
    expect(failure.hint).toContain(hint);
  });
});

function catchFailure(work: () => unknown): FailureError["failure"] {
  try {
    work();
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("Nothing failed.");
}

describe("filter", () => {
  it.each<[Filter, number[]]>([
    [{ column: "text", is: "missing" }, [2, 5]],
    [{ column: "n", is: "present" }, [0, 1, 2, 4, 5]],
    [{ column: "tag", is: "one of", values: ["a", "B"] }, [1, 2, 4, 5]],
    [{ column: "n", is: "one of", values: ["2.5"] }, [5]],
    [{ column: "tag", is: "one of", values: [""] }, [3]],
    [{ column: "n", is: "between", from: 2.5, to: 10 }, [0, 1, 5]],
    [{ column: "n", is: "between", from: null, to: 0 }, [4]],
    [{ column: "text", is: "length between", from: 7, to: 9 }, [1, 3]],
    [{ column: "text", is: "length between", from: null, to: 0 }, [2, 5]],
  ])("%j leaves rows %j", async (filter, rows) => {
    expect(await find({ filters: [filter] })).toEqual(rows);
  });

  it("all must agree, and the search too", async () => {
    const filters: Filter[] = [{ column: "tag", is: "one of", values: ["a"] }, { column: "n", is: "between", from: 5, to: null }];
    expect(await find({ filters })).toEqual([1, 2]);
    expect(await find({ filters, ...search("strasse") })).toEqual([1]);
  });

  it("a column that is not there is named", async () => {
    await expect(find({ sort: { column: "__proto__", direction: "ascending" } })).rejects.toThrow('There is no column "__proto__"');
  });

  it("what is a number", () => {
    expect([" 12 ", "-.5", "1e3", "0x10", "", "1,5", true, null, "12a"].map(numberOf)).toEqual([12, -0.5, 1000, NaN, NaN, NaN, NaN, NaN, NaN]);
  });
});

describe("sort", () => {
  it("numbers as numbers, missing last both ways", async () => {
    expect(await find({ sort: { column: "n", direction: "ascending" } })).toEqual([4, 5, 1, 0, 2, 3]);
    expect(await find({ sort: { column: "n", direction: "descending" } })).toEqual([2, 0, 1, 5, 4, 3]);
  });

  it("texts by the rules of the language, equals in their order", async () => {
    expect(await find({ sort: { column: "tag", direction: "ascending" } })).toEqual([1, 2, 5, 0, 4, 3]);
    expect(await find({ sort: { column: "tag", direction: "descending" } })).toEqual([4, 0, 1, 2, 5, 3]);
  });

  it("numbers kept as text, with words among them", async () => {
    const cells = ["10", "9", "n/a", null, "1e1"];
    expect([...(await sortRows(Uint32Array.of(7, 8, 9, 10, 11), cells, column("x", { type: "number" }), "ascending", never))]).toEqual([8, 7, 11, 9, 10]);
  });

  it("is stable and right for any numbers, beyond one run", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: 50 }), async (length, kinds) => {
        const cells = Array.from({ length }, (_, index) => (index * 7919) % kinds);
        const sorted = await sortRows(Uint32Array.from({ length }, (_, index) => index), cells, COLUMNS[1]!, "ascending", never);
        const expected = cells.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value || a.index - b.index);
        expect([...sorted]).toEqual(expected.map(({ index }) => index));
      }),
      { numRuns: 20 },
    );
  });

  it("a huge column goes by code units, breathes and can be canceled", async () => {
    const length = MOST_COLLATED + 1;
    const cells = Array.from({ length }, (_, index) => (index % 2 === 0 ? "a" : "B"));
    const rows = Uint32Array.from({ length }, (_, index) => index);
    let breaths = 0;
    const sorted = await sortRows(rows, cells, COLUMNS[0]!, "ascending", () => void breaths++);
    expect([sorted[0], sorted[1], sorted.at(-1)]).toEqual([1, 3, length - 1]);
    expect(breaths).toBeGreaterThan(10);
    await expect(sortRows(rows, cells, COLUMNS[0]!, "ascending", () => Promise.reject(new Error("canceled")))).rejects.toThrow("canceled");
  });
});

describe("remembered columns", () => {
  function countScans(of: Table): { readonly table: Table; readonly scans: (readonly number[])[] } {
    const scans: (readonly number[])[] = [];
    return { scans, table: { ...of, scan: (options?: ScanOptions) => (scans.push(options?.columns ?? []), of.scan(options)) } };
  }

  it("a column is read once while it fits, and the rows are the same", async () => {
    const { table: counted, scans } = countScans(table);
    const remembered = rememberColumns(counted, 1e6);
    for (let turn = 0; turn < 3; turn++) {
      expect(await find({ sort: { column: "n", direction: "ascending" } }, remembered)).toEqual([4, 5, 1, 0, 2, 3]);
      expect(await find({ filters: [{ column: "n", is: "present" }, { column: "tag", is: "present" }] }, remembered)).toEqual([0, 1, 2, 4, 5]);
    }
    expect(scans).toEqual([[1], [2]]);
  });

  it("what does not fit is read again; the column that was used longest ago makes room", async () => {
    const { table: counted, scans } = countScans(table);
    // Of six cells with a few characters two columns are too much.
    const remembered = rememberColumns(counted, 250);
    const sortBy = (name: string): Promise<number[]> => find({ sort: { column: name, direction: "ascending" } }, remembered);
    await sortBy("n");
    await sortBy("n");
    await sortBy("tag");
    await sortBy("n");
    expect(scans).toEqual([[1], [2], [1]]);
  });

  it("a column that is larger than the budget is read each time", async () => {
    const { table: counted, scans } = countScans(table);
    const remembered = rememberColumns(counted, 200);
    for (let turn = 0; turn < 2; turn++) await find({ sort: { column: "text", direction: "ascending" } }, remembered);
    expect(scans).toEqual([[0], [0]]);
  });

  it("columns that are read at once are kept as far as they fit together", async () => {
    const { table: counted, scans } = countScans(table);
    // By 24 bytes a cell and 2 a letter: 246 for the texts, 144 for the numbers, 154 for the tags.
    const remembered = rememberColumns(counted, 300);
    await find(search("order"), remembered);
    await find({ sort: { column: "text", direction: "ascending" } }, remembered);
    expect(scans).toEqual([[0, 1, 2]]);
    await find({ sort: { column: "tag", direction: "ascending" } }, remembered);
    expect(scans).toEqual([[0, 1, 2], [2]]);
  });

  it("parts of it, with columns in memory and others not", async () => {
    const remembered = rememberColumns(table, 1e6);
    await find({ sort: { column: "n", direction: "ascending" } }, remembered);
    const seen: Cell[][] = [];
    for await (const batch of remembered.scan({ columns: [1, 0, 1], from: 1, to: 5 })) {
      for (let index = 0; index < batch.rows; index++) seen.push(batch.columns.map((cells) => cells[index]));
    }
    expect(seen).toEqual(ROWS.slice(1, 5).map(([text, n]) => [n, text, n]));
  });
});
