import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../settings/failure";
import { column, memoryTable } from "../table/table";
import { csv } from "./csv";
import { createRecordScanner } from "./csv/scan";
import { readAll, utf8, writeAll } from "./testing/sources";

const PLAIN = { delimiter: "comma", quote: "double", escape: "doubled", encoding: "utf-8" } as const;
const chunking = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 4 });

describe("reading", () => {
  it("reads what RFC 4180 shows", async () => {
    const { names, rows, problems } = await readAll(csv, 'aaa,bbb,ccc\r\n"a""1","b\r\n2","c,3"\r\n,"",z\r\n');
    expect(names).toEqual(["aaa", "bbb", "ccc"]);
    expect(rows).toEqual([['a"1', "b\r\n2", "c,3"], ["", "", "z"]]);
    expect(problems).toEqual([]);
  });

  it.each([
    ["no line end at the end", "a,b\n1,2"],
    ["CR LF", "a,b\r\n1,2\r\n"],
    ["lone CR", "a,b\r1,2\r"],
    ["blank lines", "\n\na,b\n\n1,2\n\r\n"],
    ["a byte-order mark", "\ufeffa,b\n1,2\n"],
    ["semicolons", "a;b\n1;2\n"],
    ["tabs", "a\tb\n1\t2\n"],
    ["bars", "a|b\n1|2\n"],
    ["quotes everywhere", '"a","b"\n"1","2"\n'],
    ["single quotes", "'a','b'\n'1','2'\n"],
  ])("reads %s, in every chunking", async (_, content) => {
    for (const size of [1, 2, 3, 100]) {
      const { names, rows, problems } = await readAll(csv, content, { sizes: [size] });
      expect({ names, rows, problems }).toEqual({ names: ["a", "b"], rows: [["1", "2"]], problems: [] });
    }
  });

  it("reads as papaparse does, in every chunking", async () => {
    const piece = fc.constantFrom("a", "b", "1", " ", ",", '"', '""', '","', "\n", '"\n', ',"', "é", "😀");
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 30 }).map((parts) => parts.join("")), chunking, async (content, sizes) => {
        const expected = Papa.parse<string[]>(content, { delimiter: ",", newline: "\n", skipEmptyLines: true });
        const seen: string[][] = [];
        let broken = expected.errors.length;
        const scanner = createRecordScanner({ delimiter: ",", quote: '"', escape: "doubled", comment: "", trim: false }, (fields, _, flaws) => {
          seen.push(fields);
          broken += flaws.length;
        });
        let at = 0;
        for (let turn = 0; at < content.length; turn++) {
          const size = sizes[turn % sizes.length] ?? content.length;
          scanner.push({ text: content.slice(at, at + size), byteAt: () => 0 });
          while (scanner.read(1) > 0);
          at += size;
        }
        scanner.push(null);
        while (scanner.read(1) > 0);
        // Papa and we recover differently from broken quotes; where neither finds any, all fields must be equal.
        fc.pre(broken === 0 && expected.data.length > 0);
        // Papa skips a line of nothing but an empty quoted field; RFC 4180 makes it a record of one empty field.
        expect(seen.filter((fields) => fields.length > 1 || fields[0] !== "")).toEqual(expected.data);
      }),
      { numRuns: 3000 },
    );
  });

  it("gives back what was written, in every chunking and with every delimiter", async () => {
    const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constantFrom("", " ", '"', '""', ",", ";", "\n", "\r\n", "\r", "\t", "\0", "\u2028", "=1+1", "\ufeff", "'", "\\", '\\"'));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }).chain((width) => fc.array(fc.array(text, { minLength: width, maxLength: width }), { minLength: 2, maxLength: 8 })),
        chunking, fc.constantFrom("comma", "semicolon", "tab", "pipe"), fc.constantFrom("lf", "crlf"),
        async ([names, ...rows], sizes, delimiter, lineEnd) => {
          const given = names!.map((name, index) => `${index}${name}`);
          const table = memoryTable(given.map((name) => column(name)), rows);
          const { bytes } = await writeAll(csv, table, { delimiter, lineEnd });
          const read = await readAll(csv, bytes, { sizes, settings: { ...PLAIN, delimiter, header: "first line" } });
          expect(read.names).toEqual(given);
          expect(read.rows).toEqual(rows);
          expect(read.problems).toEqual([]);
        },
      ),
      { numRuns: 600 },
    );
  });

  it("pads short rows, cuts long ones, and says where", async () => {
    const { rows, problems, notes } = await readAll(csv, "a,b,c\n1,2,3\né,2\n1,2,3,4\n1,2,3,\n");
    expect(rows).toEqual([["1", "2", "3"], ["é", "2", undefined], ["1", "2", "3"], ["1", "2", "3"]]);
    expect(problems).toMatchObject([
      { row: 2, byte: 12, expected: "3 fields", found: "2 fields", action: "padded" },
      { row: 3, byte: 17, expected: "3 fields", found: "4 fields", action: "cut" },
    ]);
    expect(notes).toContain("Empty fields at the end of 1 row were left out.");
  });

  it.each([[1], [2], [1000]])("keeps the rows before a quote that never closes, and names its byte (pieces of %i)", async (size) => {
    const { rows, problems } = await readAll(csv, 'text,label\n"fine",1\né,2\n"open,3\nmore,4\n', { sizes: [size] });
    expect(rows).toEqual([["fine", "1"], ["é", "2"]]);
    expect(problems).toMatchObject([{ row: 3, column: "text", byte: 25, action: "skipped" }, ]);
    expect(problems[0]!.found).toContain("never closed");
  });

  it("keeps text behind a closing quote and says so", async () => {
    const { rows, problems } = await readAll(csv, 'a,b\n"x" y,1\n5" screen,2\n', { settings: { quote: "double" } });
    expect(rows).toEqual([["x y", "1"], ['5" screen', "2"]]);
    expect(problems).toMatchObject([{ row: 1, column: "a", byte: 7, action: "kept" }]);
  });

  it("leaves out comments, trims, reads backslash escapes, when asked or found", async () => {
    expect((await readAll(csv, "# made by hand\na,b\n#x\n1,2\n", { settings: { comment: "#" }, sizes: [1] })).rows).toEqual([["1", "2"]]);
    expect((await readAll(csv, 'a , b\n 1 , "x, y" \n', { settings: { trim: true }, sizes: [1] })).rows).toEqual([["1", "x, y"]]);
    expect((await readAll(csv, 'a,b\n"say \\"hi\\" now",1\n"back\\\\slash",2\n', { sizes: [1] })).rows).toEqual([['say "hi" now', "1"], ["back\\slash", "2"]]);
  });

  it("lets one field over the cap go and keeps the rest", () => {
    const seen: [number, string[], string[]][] = [];
    const scanner = createRecordScanner({ delimiter: ",", quote: '"', escape: "doubled", comment: "", trim: false }, (fields, count, flaws) => void seen.push([count, fields, flaws.map(({ kind }) => kind)]), 10);
    for (const text of ["a,b\n", 'x,"1234567', "8901234567", '890"\ny,', "1234567890", "1234", "567\nz,2\n"]) {
      scanner.push({ text, byteAt: () => 0 });
      while (scanner.read(10) > 0);
    }
    scanner.push(null);
    scanner.read(10);
    expect(seen).toEqual([[2, ["a", "b"], []], [2, ["x", ""], ["too long"]], [2, ["y", ""], ["too long"]], [2, ["z", "2"], []]]);
  });

  it("stops at the row limit", async () => {
    const { rows } = await readAll(csv, `a\n${"1\n".repeat(1000)}`, { rowLimit: 50 });
    expect(rows).toHaveLength(50);
  });
});

describe("finding out", () => {
  const layout = async (content: string, name = "x.csv"): Promise<unknown> => csv.suggest!(utf8(content), name);
  it.each([
    ["numbers below names", "sepal,petal,kind\n5.1,3.5,setosa\n4.9,3.0,setosa\n", "first line"],
    ["numbers at once", "5.1,3.5,setosa\n4.9,3.0,setosa\n6.1,2.0,virginica\n", "none"],
    ["a label that comes again", "ham,How are you?\nspam,Win now!\nham,Fine\n", "none"],
    ["words over words", "label,text\nham,How are you?\nspam,Win now!\n", "first line"],
    ["a name over one column", "text\nHello.\nBye.\n", "first line"],
  ])("%s", async (_, content, header) => {
    expect(await layout(content)).toMatchObject({ header });
  });

  it("takes semicolons over decimal commas, and tabs by the name", async () => {
    expect(await layout("name;x\na;1,5\nb;2,25\n")).toMatchObject({ delimiter: "semicolon" });
    expect(await layout("a,b\tc,d\n1,2\t3,4\n", "x.tsv")).toMatchObject({ delimiter: "tab" });
  });

  it("knows a table without a name for it, and no table in prose", () => {
    const table = "ham\tHow are you?\nspam\tWin, win, win!\nham\tFine, thanks.\nham\tBye\n";
    expect(csv.detect(utf8(table), "SMSSpamCollection")).toBeGreaterThan(0.6);
    const prose = "It was the best of times, it was the worst of times.\nIt was the age of wisdom, it was the age of foolishness.\nIt was the epoch of belief,\nor not, at all.\n";
    expect(csv.detect(utf8(prose), "cities.txt")).toBe(0);
    expect(csv.detect(utf8(prose), "cities.csv")).toBeGreaterThan(0.5);
    expect(csv.detect(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), "book.csv")).toBe(0);
  });

  it("says nothing about an encoding that the head does not show", async () => {
    expect(await layout("a,b\n1,2\n")).not.toHaveProperty("encoding");
    expect(csv.suggest!(Uint8Array.from([...utf8("a,b\nx,Fran"), 0xe7, ...utf8("ais de l'"), 0xe9, ...utf8("t"), 0xe9, 0x0a]), "x.csv")).toMatchObject({ encoding: "windows-1252" });
  });
});

describe("writing", () => {
  it("makes formulas safe when asked, and only then", async () => {
    const table = memoryTable([column("a")], [["=1+1"], ["+1"], ["-1"], ["@x"], ["\tx"], ["\rx"], ["1-1"], ["'"]]);
    const read = async (spreadsheet: string): Promise<unknown> => (await readAll(csv, (await writeAll(csv, table, { spreadsheet })).bytes, { settings: { ...PLAIN, header: "first line" } })).rows;
    expect(await read("safe")).toEqual([["'=1+1"], ["'+1"], ["'-1"], ["'@x"], ["'\tx"], ["'\rx"], ["1-1"], ["'"]]);
    expect(await read("exact")).toEqual([["=1+1"], ["+1"], ["-1"], ["@x"], ["\tx"], ["\rx"], ["1-1"], ["'"]]);
  });

  it("says what it could not say", async () => {
    const { bytes, notes } = await writeAll(csv, memoryTable([column("a"), column("n", { kind: "number" })], [[null, -0], [undefined, 1e21], ["", 0.1]]));
    expect(new TextDecoder().decode(bytes)).toBe("a,n\n,-0\n,1e+21\n,0.1\n");
    expect(notes).toEqual(["2 missing cells were written as nothing: delimited text does not tell null from empty."]);
  });
});

it("refuses files without rows", async () => {
  for (const content of ["", "\ufeff", "a,b,c\n", "\n\n\n"]) {
    const failure = await readAll(csv, content).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FailureError);
    expect((failure as FailureError).message).toContain("There are no rows in rows.csv");
  }
});
