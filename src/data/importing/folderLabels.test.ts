/** Texts in folders: what each row's label is, through the preview and the import alike. */
import { strToU8, zipSync } from "fflate";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inspect } from "./inspect";
import { labelByFolder } from "./folderLabels";
import { fileOf, importAll } from "./testing/imports";

const labelsOf = (...paths: string[]): (string | undefined)[] | undefined => {
  const found = labelByFolder(paths);
  return found && paths.map((path) => found.labelOf(path));
};

describe("folders as labels", () => {
  it.each<[string, string[], (string | undefined)[] | undefined]>([
    ["two folders", ["ham/1.txt", "spam/2.txt"], ["ham", "spam"]],
    ["within one", ["mail/ham/1.txt", "mail/spam/1.txt"], ["ham", "spam"]],
    ["one folder", ["mail/1.txt", "mail/2.txt"], undefined],
    ["no folder", ["1.txt", "2.txt"], undefined],
    ["parts above classes (aclImdb)", ["train/pos/1.txt", "train/neg/1.txt", "test/pos/1.txt", "test/neg/1.txt", "README"], ["pos", "neg", "pos", "neg", undefined]],
    ["the same folder in several", ["alice/inbox/1.txt", "bob/inbox/1.txt"], ["alice", "bob"]],
    ["folders that are no siblings", ["2019/jan/1.txt", "2020/feb/1.txt"], ["2019", "2020"]],
    ["deeper files", ["austen/emma.txt", "austen/emma 2.txt", "melville/moby.txt", "melville/letters/1.txt"], ["austen", "austen", "melville", "melville"]],
    ["parts alone", ["Train/1.txt", "test/1.txt"], undefined],
    ["classes above parts", ["ham/train/1.txt", "ham/test/1.txt", "spam/train/1.txt", "spam/test/1.txt"], ["ham", "ham", "spam", "spam"]],
    ["archives", ["ham.tar.gz/1.txt", "spam.zip/1.txt"], ["ham", "spam"]],
    ["more folders than classes", Array.from({ length: 101 }, (_, index) => `${index}/a.txt`), undefined],
  ])("%s", (_, paths, labels) => {
    expect(labelsOf(...paths)).toEqual(labels);
  });

  it("are told by name, some of many", () => {
    expect(labelByFolder(["ham/1.txt", "spam/2.txt"])!.note).toBe("The folder of each file is its label: ham, spam.");
    expect(labelByFolder(["README", "ham/1.txt", "spam/2.txt"])!.note).toBe("The folder of each file that lies in one is its label: ham, spam.");
    expect(labelByFolder(Array.from({ length: 12 }, (_, index) => `${index}/1.txt`))!.note).toMatch(/: 0, 1, 2, 3, 4, 5, 6, 7 and 4 more\.$/);
  });
});

const MAILS = ["ham/1.txt", "spam/1.txt", "spam/nested/2.txt"] as const;
const mails = MAILS.map((path) => fileOf(`Text of ${path}\n\nwith two paragraphs\n`, path.split("/").at(-1)!, `mails/${path}`));

describe("several texts", () => {
  it("are a row each, with label and source; the preview shows the same", async () => {
    const { names, table, roles, columns, report, joiner } = await importAll(mails);
    expect(names).toEqual(["text", "label", "source"]);
    expect(table).toEqual(MAILS.map((path) => [`Text of ${path}\n\nwith two paragraphs\n`, path.split("/")[0], `mails/${path}`]));
    expect(roles).toEqual({ text: "text", label: "label", source: "source" });
    expect(columns[1]).toMatchObject({ kind: "text", type: "category" });
    expect(joiner).toBe("\n");
    expect(report).toMatchObject({ rowsKept: 3, problemCount: 0, notes: ["Each file is one row.", "The folder of each file is its label: ham, spam."] });
    const preview = await inspect(mails, null, {});
    expect(preview).toMatchObject({ rows: table, columns, notes: report.notes, settings: { rows: "automatic" } });
    expect(await importAll(mails, { settings: preview.settings })).toMatchObject({ table, columns });
  });

  it("come out of a zip the same way; a table in folders has no label", async () => {
    const zip = fileOf(zipSync({ "ham/1.txt": strToU8("Fine."), "spam/1.txt": strToU8("Win!") }), "mails.zip");
    expect((await importAll([zip])).table).toEqual([["Fine.", "ham", "mails.zip/ham/1.txt"], ["Win!", "spam", "mails.zip/spam/1.txt"]]);
    const tables = ["ham", "spam"].map((folder) => fileOf("a,b\n1,2\n", "x.csv", `${folder}/x.csv`));
    expect((await importAll(tables)).names).toEqual(["a", "b", "source"]);
  });

  it("can be one document, paragraphs or lines, and lose the columns that are not wanted", async () => {
    const one = await importAll(mails, { settings: { rows: "document" } });
    expect(one.joiner).toBe("");
    expect(one.table.map(([text]) => text).join("")).toBe(MAILS.map((path) => `Text of ${path}\n\nwith two paragraphs\n`).join(""));
    expect((await importAll(mails, { settings: { rows: "lines" } })).table.slice(0, 2)).toEqual([["Text of ham/1.txt", "ham", "mails/ham/1.txt"], ["with two paragraphs", "ham", "mails/ham/1.txt"]]);
    const without = (name: string) => ({ name, role: "none", type: "text", include: false }) as const;
    expect((await importAll(mails, { columns: [without("label"), without("source")] })).names).toEqual(["text"]);
  });

  it("name those that are empty, blank or too long for a row; the others come in", async () => {
    const long = "x".repeat(2 ** 24);
    const { table, report } = await importAll([
      fileOf("Fine.", "1.txt", "ham/1.txt"), fileOf("", "2.txt", "ham/2.txt"), fileOf(" \n\n ", "3.txt", "ham/3.txt"), fileOf(`${long}x`, "4.txt", "spam/4.txt"), fileOf(long, "5.txt", "spam/5.txt"),
    ]);
    expect(table.map(([text, label]) => [(text as string).length, label])).toEqual([[5, "ham"], [2 ** 24, "spam"]]);
    expect(report.problems.map(({ file, row, action }) => [file, row, action])).toEqual([["ham/2.txt", 0, "skipped"], ["ham/3.txt", 0, "skipped"], ["spam/4.txt", 0, "skipped"]]);
    expect(report.problems[2]).toMatchObject({ found: "none (spam/4.txt is too long for one row: it has more than 16,777,216 characters)", next: expect.stringContaining("Set Rows to By paragraph") });
  });

  it("agree in preview and import, whatever the folders and texts", async () => {
    const name = fc.constantFrom("a", "b", "ham", "test", "train", "__proto__");
    const paths = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join("/")}.txt`), { minLength: 1, maxLength: 8 });
    const texts = fc.array(fc.constantFrom("é", "word ", "\n", "\n\n", "\r\n", "😀"), { maxLength: 12 }).map((parts) => `x${parts.join("")}`);
    await fc.assert(
      fc.asyncProperty(paths, fc.array(texts, { minLength: 8, maxLength: 8 }), async (files, contents) => {
        const sources = files.map((path, index) => fileOf(contents[index]!, path.split("/").at(-1)!, path));
        const [imported, preview] = [await importAll(sources), await inspect(sources, null, {})];
        expect(preview.columns).toEqual(imported.columns);
        expect(preview.rows).toEqual(imported.table);
        expect(preview.notes).toEqual(imported.report.notes);
        if (files.length < 2) return;
        expect(imported.table.map(([text]) => text)).toEqual(files.map((_, index) => contents[index]!.replaceAll("\r\n", "\n")));
        expect(imported.table.map((row) => row.at(-1))).toEqual(files);
      }),
      { numRuns: 60 },
    );
  });
});
