import { gzipSync, strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { ImportProgress } from "../types/importing";
import { inspect } from "./inspect";
import { failureOf, fileOf, importAll } from "./testing/imports";

const MAIL = "label,text\nham,How are you doing today my friend\nspam,Win a prize now and call this number\nham,See you tomorrow at the usual place\nham,Fine\n";

describe("looking", () => {
  it("shows rows, columns with roles, what was detected, and the files", async () => {
    const preview = await inspect([fileOf(MAIL, "mails.csv")], null, {});
    expect(preview).toMatchObject({ name: "mails", format: "csv", totalBytes: MAIL.length, problems: [], files: [{ name: "mails.csv", bytes: MAIL.length }] });
    expect(preview.columns.map(({ name, role, type }) => [name, role, type])).toEqual([["label", "label", "category"], ["text", "text", "text"]]);
    expect(preview.rows[1]).toEqual(["spam", "Win a prize now and call this number"]);
    expect(preview.settings).toMatchObject({ delimiter: "comma", header: "first line", encoding: "automatic" });
    expect(preview.notes).toEqual(["Fields are separated by commas; the first line names the columns."]);
    expect(preview.fields.map(({ id }) => id)).toContain("delimiter");
  });

  it("lets the user's settings win, and leaves out those of another format", async () => {
    const preview = await inspect([fileOf(MAIL, "mails.csv")], "csv", { header: "none", rows: "lines" });
    expect(preview.columns.map(({ name }) => name)).toEqual(["column 1", "column 2"]);
    expect((await failureOf(inspect([fileOf(MAIL, "mails.csv")], "csv", { header: "third line" }))).kind).toBe("bad-settings");
    expect((await failureOf(inspect([fileOf(MAIL, "mails.csv")], "excel", {}))).message).toContain('no format "excel"');
  });

  it("suggests for several files only what they agree on", async () => {
    const latin = Uint8Array.from("L'\xe9t\xe9 \xe0 la plage;1\n".repeat(20), (letter) => letter.charCodeAt(0));
    const files = [fileOf(latin, "a.csv"), fileOf("L'été à la plage;1\n".repeat(20), "b.csv")];
    expect((await inspect([files[0]!], null, {})).settings).toMatchObject({ delimiter: "semicolon", encoding: "windows-1252" });
    const { settings } = await inspect(files, null, {});
    expect(settings).toMatchObject({ delimiter: "semicolon", encoding: "automatic" });
    expect(new Set((await importAll(files, { settings })).table.map(([text]) => text))).toEqual(new Set(["L'été à la plage"]));
  });

  it("leaves UTF-8 with a damaged byte to the reader, which tells its place", async () => {
    const good = "Größe, façade, naïve, œuvre\n".repeat(10);
    const bytes = Uint8Array.from([...new TextEncoder().encode(`text;n\n${good}`), 0xe9, 0x0a, ...new TextEncoder().encode(good)]);
    const preview = await inspect([fileOf(bytes, "x.txt")], null, {});
    expect(preview.settings["encoding"]).toBe("automatic");
    expect((await importAll([fileOf(bytes, "x.txt")], { settings: preview.settings })).report.notes[0]).toContain(`It is UTF-8, damaged at byte ${7 + new TextEncoder().encode(good).length} (0xE9)`);
  });

  it("cuts long cells and shows fifty rows of many", async () => {
    const preview = await inspect([fileOf(`text,n\n${`${"long ".repeat(200)},1\n`.repeat(2000)}`, "a.csv")], null, {});
    expect(preview.rows).toHaveLength(50);
    expect((preview.rows[0]![0] as string).length).toBe(400);
  });
});

describe("importing", () => {
  it("brings all rows with types and roles", async () => {
    const { names, table, roles, report, joiner } = await importAll([fileOf(MAIL, "mails.csv")]);
    expect(names).toEqual(["label", "text"]);
    expect(table).toHaveLength(4);
    expect(roles).toEqual({ label: "label", text: "text" });
    expect(joiner).toBe("\n");
    expect(report).toMatchObject({ rowsRead: 4, rowsKept: 4, problemCount: 0, problems: [] });
  });

  it("follows the user's columns: left out, other types and roles", async () => {
    const { columns, table } = await importAll([fileOf("a,b,c\n1,2,3\n", "x.csv")], {
      columns: [{ name: "a", role: "none", type: "text", include: false }, { name: "b", role: "label", type: "category", include: true }],
    });
    expect(columns.map(({ name, role, type }) => [name, role, type])).toEqual([["b", "label", "category"], ["c", "none", "integer"]]);
    expect(table).toEqual([["2", "3"]]);
  });

  it("unites several files and names each row's file", async () => {
    const { names, table, roles } = await importAll([fileOf("a,b\n1,2\n", "one.csv"), fileOf("b,c\n3,4\n", "two.csv")]);
    expect(names).toEqual(["a", "b", "source", "c"]);
    expect(table).toEqual([["1", "2", "one.csv", undefined], [undefined, "3", "two.csv", "4"]]);
    expect(roles["source"]).toBe("source");
    expect((await importAll([fileOf("source\nx\n", "one.csv"), fileOf("source\ny\n", "two.csv")])).names).toEqual(["source", "source (2)"]);
  });

  it("goes on where one of several files is empty, and says so", async () => {
    const { table, report } = await importAll([fileOf("", "empty.csv"), fileOf("a,b\n1,2\n", "two.csv")]);
    expect(table).toEqual([["1", "2", "two.csv"]]);
    expect(report.problems).toMatchObject([{ file: "empty.csv", row: 0, action: "skipped", found: expect.stringContaining("0 bytes") }]);
  });

  it("says once what it noted of several files, and adds up what they count", async () => {
    const { report } = await importAll([fileOf("a\r\nb\r\n", "1.txt"), fileOf("c\r\n", "2.txt"), fileOf("d\n", "3.txt")]);
    expect(report.notes).toContain("3 Windows line ends (CR LF) were stored as LF (in 2 of 3 files).");
  });

  it("opens archives and leaves out what is of another format", async () => {
    const zip = zipSync({ "data/a.csv": strToU8("t,u\nx,1\n".repeat(1)), "data/b.csv": strToU8("t,u\ny,2\n"), "README.md": strToU8("About these files.") });
    const { table, report } = await importAll([fileOf(zip, "set.zip")]);
    expect(table.map(([t]) => t)).toEqual(["x", "y"]);
    expect(report.notes.some((note) => note.includes("README.md was left out: it is Plain text"))).toBe(true);
    expect((await importAll([fileOf(gzipSync(strToU8(MAIL)), "mails.csv.gz")])).table).toHaveLength(4);
  });

  it("takes pasted text as it is", async () => {
    const { table, joiner } = await importAll([{ kind: "text", name: "Pasted text", content: "One.\n\nTwo.\n" }]);
    expect(table).toEqual([["One.\n\n"], ["Two.\n"]]);
    expect(joiner).toBe("");
  });

  it("begins anew, once, where a file shows late that it is not UTF-8", async () => {
    // Greek that happens to be valid UTF-8 for long (a capital and a small letter), and then is not.
    const head = "text,n\n" + "plain,1\n".repeat(700_000);
    const bytes = Uint8Array.from([...new TextEncoder().encode(head), 0xc3, 0xa9, 0x2c, 0x31, 0x0a, ...Array.from({ length: 40 }, () => [0xe1, 0x62, 0xe9, 0x20]).flat(), 0x2c, 0x31, 0x0a]);
    const { table, restarts, report } = await importAll([fileOf(bytes, "late.csv")]);
    expect(restarts).toBe(1);
    expect(table).toHaveLength(700_002);
    expect(table.at(-2)![0]).not.toBe("é");
    expect(report.notes.join(" ")).toContain("read as");
  });

  it("reports ragged rows, asks or stops", async () => {
    const ragged = "a,b\n1,2\n3\n4,5,6\n";
    const { report, table } = await importAll([fileOf(ragged, "r.csv")], { onProblems: "ask" });
    expect(report).toMatchObject({ rowsRead: 3, rowsKept: 3, problemCount: 2 });
    expect(table).toHaveLength(3);
    const failure = await failureOf(importAll([fileOf(ragged, "r.csv")], { onProblems: "stop" }));
    expect(failure.message).toBe("r.csv, row 2 (byte 8): expected 2 fields, found 1 field. Nothing was imported.");
  });

  it("lists the first thousand problems and counts all", async () => {
    const { report } = await importAll([fileOf(`a,b\n${"1\n".repeat(2500)}`, "r.csv")]);
    expect(report.problems).toHaveLength(1000);
    expect(report.problemCount).toBe(2500);
  });

  it("tells its progress at most twelve times a second, and the end", async () => {
    const seen: (ImportProgress & { at: number })[] = [];
    const content = `a,b\n${"some text,1\n".repeat(300_000)}`;
    await importAll([fileOf(content, "p.csv")], {}, { onProgress: (progress) => seen.push({ ...progress, at: performance.now() }) });
    expect(seen.at(-1)).toMatchObject({ bytesRead: content.length, bytesTotal: content.length, rows: 300_000 });
    for (let i = 1; i < seen.length - 1; i++) expect(seen[i]!.at - seen[i - 1]!.at).toBeGreaterThan(80);
  });

  it("stops when it is canceled", async () => {
    const abort = new AbortController();
    const content = `a,b\n${"some text,1\n".repeat(2_000_000)}`;
    let rows = 0;
    const failure = await failureOf(importAll([fileOf(content, "p.csv")], {}, {
      signal: abort.signal,
      onProgress: (progress) => {
        rows = progress.rows ?? 0;
        if (rows > 0) abort.abort();
      },
    }));
    expect(failure.kind).toBe("canceled");
    expect(rows).toBeLessThan(2_000_000);
  });
});
