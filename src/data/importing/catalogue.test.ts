/**
 * The catalogue of bad input, rows 1 to 24 as far as they are about text formats: a test for each, by its number. Rows 7 and 25 on are in
 * `formats/catalogueBinary.test.ts`.
 */
import { describe, expect, it } from "vitest";
import { FailureError } from "../../settings/failure";
import { csv } from "../formats/csv";
import { formats } from "../formats/index";
import { text } from "../formats/text";
import { readAll, utf8, writeAll } from "../formats/testing/sources";
import { column, memoryTable } from "../table/table";
import { inspect } from "./inspect";
import { failureOf, fileOf, importAll } from "./testing/imports";

const textFormats = formats.filter(({ id }) => ["csv", "json", "jsonl", "text"].includes(id));

function utf16(content: string, endian: "le" | "be"): Uint8Array {
  const view = new DataView(new ArrayBuffer(content.length * 2));
  for (let i = 0; i < content.length; i++) view.setUint16(2 * i, content.charCodeAt(i), endian === "le");
  return new Uint8Array(view.buffer);
}

describe("any file", () => {
  it("1: nothing, only a byte-order mark, only a header: no rows, and no crash", async () => {
    for (const [content, name] of [["", "x.csv"], ["\ufeff", "x.csv"], ["a,b\n", "x.csv"], ["", "x.json"], ["\ufeff", "x.json"], ["[]", "x.json"], ["", "x.jsonl"], ["\n\n", "x.jsonl"], ["", "x.txt"], ["\ufeff", "x.txt"], [" \n", "x.txt"]] as const) {
      const failure = await failureOf(importAll([fileOf(content, name)]));
      expect(failure.kind).toBe("bad-file");
      expect(failure.message).toMatch(/There (are no rows|is no text) in x\./);
    }
  });

  it.each([
    ["PK\x03\x04\x14\0\x06\0[Content_Types].xml....xl/workbook.xml", /Excel workbook/, /CSV/],
    ["\x89PNG\r\n\x1a\n\0\0\x03", /PNG image/, /text/],
    ["\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94", /pickle/, /never reads them/],
    ["PK\x03\x04\0\0archive/data.pkl", /PyTorch/, /never reads them/],
  ])("2: a wrong ending is seen through: %j", async (bytes, message, hint) => {
    const failure = await failureOf(importAll([fileOf(Uint8Array.from(bytes, (c) => c.charCodeAt(0)), "letters.csv")]));
    expect(failure.message).toMatch(message);
    expect(failure.hint).toMatch(hint);
  });

  it("3: a text beyond 512 MiB streams, every byte of it, in flat memory", async () => {
    const line = utf8(`${"a line of text that goes on and on, ".repeat(30)},1\n`);
    const piece = new Uint8Array(line.length * 960);
    for (let at = 0; at < piece.length; at += line.length) piece.set(line, at);
    const pieces = 530;
    let units = 0;
    let rows = 0;
    let peak = 0;
    const before = process.memoryUsage().heapUsed;
    const source = {
      name: "big.txt", size: pieces * piece.length,
      stream() {
        let left = pieces;
        return new ReadableStream<Uint8Array>({ pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()) }, { highWaterMark: 0 });
      },
    };
    await text.read(source, {
      columns: () => undefined,
      rows(cells, count) {
        rows += count;
        for (const cell of cells[0]!) units += (cell as string).length;
        peak = Math.max(peak, process.memoryUsage().heapUsed);
      },
      problem: (problem) => expect.fail(problem.found),
    }, { settings: { rows: "document" } });
    expect(source.size).toBeGreaterThan(2 ** 29);
    expect(units).toBe(source.size);
    expect(rows).toBeGreaterThan(8000);
    expect(peak - before).toBeLessThan(300 * 2 ** 20);
  }, 120_000);

  it("4: one field beyond 16 MB is reported with its row; the rest comes in", async () => {
    const { report, table } = await importAll([fileOf(`a,b\n1,2\n${"x".repeat(17 * 2 ** 20)},3\n4,5\n`, "x.csv")], { settings: { header: "first line" } });
    expect(table).toEqual([["1", "2"], ["4", "5"]]);
    expect(report).toMatchObject({ rowsRead: 3, rowsKept: 2, problems: [{ row: 2, column: "a", byte: 8, action: "skipped" }] });
  });

  it("5: a file that changes while it is read ends the import, and says what to do", async () => {
    for (const format of textFormats) {
      const stream = (): ReadableStream<Uint8Array> => new ReadableStream({ pull: (controller) => controller.error(new DOMException("gone", "NotReadableError")) });
      const reading = format.read({ name: "gone", size: 10, stream }, { columns: () => undefined, rows: () => undefined, problem: () => undefined }, { settings: {} });
      expect((await failureOf(reading)).hint).toContain("Choose the file again");
    }
  });

  it("6: numbers beyond a double stay as they are spelled, and the column says so", async () => {
    for (const [content, name] of [['[{"n":9007199254740993},{"n":1e400}]', "x.json"], ["n,m\n9007199254740993,x\n1e400,y\n", "x.csv"]] as const) {
      const { table, columns } = await importAll([fileOf(content, name)]);
      expect(table.map(([n]) => n)).toEqual(["9007199254740993", "1e400"]);
      expect(columns[0]!.notes).toContain("1 of its numbers are too large for a double and stay text, exactly as they are spelled.");
    }
  });
});

describe("text", () => {
  it("8: one UTF-8 byte-order mark is dropped, in every format", async () => {
    expect((await importAll([fileOf("\ufeffa,b\n1,2\n", "x.csv")])).names).toEqual(["a", "b"]);
    expect((await importAll([fileOf('\ufeff[{"a":1}]', "x.json")])).names).toEqual(["a"]);
    expect((await importAll([fileOf('\ufeff{"a":1}\n{"a":2}\n', "x.jsonl")])).names).toEqual(["a"]);
    expect((await importAll([fileOf("\ufeffHello", "x.txt")])).table).toEqual([["Hello"]]);
  });

  it.each(["le", "be"] as const)("9: UTF-16 %s is read with a byte-order mark and without", async (endian) => {
    for (const mark of ["\ufeff", ""]) {
      const { table } = await importAll([fileOf(utf16(`${mark}name;città\nAnna;Forlì\nBea;Nuoro\n`, endian), "x.csv")]);
      expect(table).toEqual([["Anna", "Forlì"], ["Bea", "Nuoro"]]);
    }
  });

  it("10: legacy text names the byte and the encoding; a choice wins; damage is counted", async () => {
    const bytes = Uint8Array.from("text;n\nDéjà vu à l'hôtel où Noël était fêté;1\nGarçon, une crêpe à la crème;2\n", (c) => c.charCodeAt(0));
    const preview = await inspect([fileOf(bytes, "x.csv")], null, {});
    expect(preview.settings["encoding"]).toBe("windows-1252");
    expect((await importAll([fileOf(bytes, "x.csv")])).report.notes[0]).toContain("It is not UTF-8 (at byte 8 (0xE9)) and was read as windows-1252");
    expect((await importAll([fileOf(bytes, "x.csv")], { settings: { encoding: "iso-8859-2" } })).table[0]![0]).toBe("Déjŕ vu ŕ l'hôtel oů Noël était fęté");
    expect((await importAll([fileOf(bytes, "x.csv")], { settings: { encoding: "utf-8" } })).report.notes.join(" ")).toContain("13 × the sign \ufffd");
  });

  it("11: characters and line ends cut by a chunk are whole again, at every cut", async () => {
    const content = 'text,n\r\n"😀 \r\n é",1\r\nß,2\r\n';
    const bytes = utf8(content);
    for (let cut = 1; cut < bytes.length; cut++) {
      expect((await readAll(csv, bytes, { sizes: [cut, bytes.length] })).rows).toEqual([["😀 \r\n é", "1"], ["ß", "2"]]);
    }
  });

  it("12: NUL, controls and U+2028 are kept and come back exactly; lone surrogates do in JSON", async () => {
    const strange = "a\0b\x01c\u2028d\u0085e\x1f";
    for (const format of textFormats) {
      const { bytes } = await writeAll(format, memoryTable([column("text", { role: "text" })], [[strange], ["x"]]));
      const { rows } = await readAll(format, bytes, { settings: { encoding: "utf-8", header: "first line" } });
      expect(rows[0]![0]).toBe(format.id === "text" ? `${strange}\nx` : strange);
    }
    expect((await importAll([fileOf('[{"a":"\\ud800"}]', "x.json")])).table).toEqual([["\ud800"]]);
  });

  it("13: zero-width and bidi signs and look-alikes stay different values", async () => {
    const { table, columns } = await importAll([fileOf("label,n\nspam,1\nspam\u200b,2\n\u202espam,3\nsp\u0430m,4\n", "x.csv")]);
    expect(new Set(table.map(([label]) => label)).size).toBe(4);
    expect(columns[0]!.name).toBe("label");
  });

  it("14: markup in cells, names and file names is text like any other", async () => {
    const attack = "<img src=x onerror=alert(1)>";
    const link = `${"javascript"}:y`;
    const { names, table } = await importAll([fileOf(`${attack},b\n<script>x</script>,${link}\n`, `${attack}.csv`), fileOf(`${attack},b\nz,1\n`, "two.csv")]);
    expect(names[0]).toBe(attack);
    expect(table[0]).toEqual(["<script>x</script>", link, `${attack}.csv`]);
  });
});

describe("CSV", () => {
  it("15: ragged rows are padded or cut, with what was expected and found", async () => {
    const { report, table } = await importAll([fileOf("a,b,c\n1,2\n1,2,3,4\n5,6,7\n", "x.csv")]);
    expect(table).toEqual([["1", "2", undefined], ["1", "2", "3"], ["5", "6", "7"]]);
    expect(report.problems).toMatchObject([{ file: "x.csv", row: 1, expected: "3 fields", found: "2 fields", action: "padded" }, { row: 2, expected: "3 fields", found: "4 fields", action: "cut" }]);
  });

  it("16: duplicate, empty and dangerous headers get names of their own and touch nothing", async () => {
    const { names } = await importAll([fileOf("a,a,,__proto__,constructor,a (2)\n1,2,3,4,5,6\nx,y,z,u,v,w\n", "x.csv")], { settings: { header: "first line" } });
    expect(names).toEqual(["a", "a (3)", "column 3", "column 4", "constructor", "a (2)"]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it("17: an unclosed quote names its byte; odd quotes, mixed line ends and other delimiters are read", async () => {
    const { report, table } = await importAll([fileOf('a,b\n1,2\n"x,3\n4,5\n', "x.csv")]);
    expect(table).toEqual([["1", "2"]]);
    expect(report.problems).toMatchObject([{ row: 2, column: "a", byte: 8, action: "skipped", next: expect.stringContaining("Close the quote") }]);
    expect((await importAll([fileOf('a;b\r\nx"y;1\n2;3\r4;5', "x.csv")])).table).toEqual([['x"y', "1"], ["2", "3"], ["4", "5"]]);
    expect((await importAll([fileOf("a\tb\n1\t2\n", "x.csv")])).table).toEqual([["1", "2"]]);
  });

  it("18: a hundred thousand columns are refused in words", async () => {
    const failure = await failureOf(importAll([fileOf(`${"a,".repeat(99_999)}a\n${"1,".repeat(99_999)}1\n`, "wide.csv")]));
    expect(failure.message).toContain("wide.csv has 100,000 columns; Descent reads at most 10,000");
  });

  it("19: formulas are written as they are or made safe, as chosen", async () => {
    const cells = ["=1", "+1", "-1", "@a", "\ta", "\ra"];
    const write = async (spreadsheet: string): Promise<unknown> => {
      const { bytes } = await writeAll(csv, memoryTable([column("a")], cells.map((cell) => [cell])), { spreadsheet });
      return (await readAll(csv, bytes, { settings: { header: "first line", encoding: "utf-8", delimiter: "comma" } })).rows.map(([cell]) => cell);
    };
    expect(await write("exact")).toEqual(cells);
    expect(await write("safe")).toEqual(cells.map((cell) => `'${cell}`));
  });
});

describe("JSON", () => {
  it("20: is decided as RFC 8259 says (all 318 cases are in formats/json.test.ts)", async () => {
    expect((await importAll([fileOf("[1,2,]", "x.json")])).report.problemCount).toBe(1);
    expect((await importAll([fileOf("[1,2]", "x.json")])).report.problemCount).toBe(0);
  });

  it("21: a hundred thousand and ten million levels are refused, and stall nothing", async () => {
    for (const levels of [1e5, 1e7]) {
      const { report, table } = await importAll([fileOf(`[{"a":1},${"[".repeat(levels)}${"]".repeat(levels)}]`, "deep.json")]);
      expect(table).toEqual([[1]]);
      expect(report.problems).toMatchObject([{ row: 2, expected: "at most 256 levels of nesting", action: "skipped" }]);
    }
  });

  it("22: __proto__ is a key like any other, duplicates are told, NaN names its byte", async () => {
    const { table, report } = await importAll([fileOf('[{"__proto__":1,"a":1,"a":2},{"a":NaN}]', "x.json")]);
    expect(table).toEqual([[1, 2]]);
    expect(report.problems).toMatchObject([{ row: 1, column: "a", found: '"a" twice' }, { row: 2, byte: 34, found: "NaN", action: "skipped" }]);
  });

  it("23: JSON Lines: blank lines, line 5,001, an array, objects in a row", async () => {
    const { table, report } = await importAll([fileOf(`${'{"a":1}\n'.repeat(5000)}{"a":1,}\n\n{"a":1}{"a":2}\n`, "x.jsonl")]);
    expect(table).toHaveLength(5002);
    expect(report.problems).toMatchObject([{ row: 5001, found: "} at character 8 of line 5,001" }]);
    expect((await failureOf(importAll([fileOf('[{"a":1}]', "x.jsonl")], { format: "jsonl" }))).hint).toBe("Import it as JSON.");
  });

  it("24: keys and types that change in the file give the union of columns, with counts", async () => {
    const { names, kinds, table, report } = await importAll([fileOf(`${'{"a":1}\n'.repeat(9000)}{"b":"x","a":"y"}\n`, "x.jsonl")]);
    expect(names).toEqual(["a", "b"]);
    expect(kinds).toEqual(["text", "text"]);
    expect(table[0]).toEqual(["1", undefined]);
    expect(table.at(-1)).toEqual(["y", "x"]);
    expect(report.notes.join(" ")).toMatch(/Column "a" holds text and [\d,]+ other values/);
  });
});

it("39-like: a format or a setting that does not exist is refused by its name", async () => {
  await expect(importAll([fileOf("a,b\n1,2\n", "x.csv")], { format: "__proto__" })).rejects.toBeInstanceOf(FailureError);
  await expect(importAll([fileOf("a,b\n1,2\n", "x.csv")], { settings: { delimiter: "__proto__" } })).rejects.toThrow("Delimiter");
});
