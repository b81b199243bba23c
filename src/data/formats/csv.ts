/**
 * Delimited text (CSV, TSV) as a table format. Source: RFC 4180 and what exists; `csv/scan.ts` has the rules, `csv/dialect.ts` finds out what a file
 * leaves unsaid, `csv/write.ts` writes.
 */
import { detectLayout, tryDialect } from "./csv/dialect";
import { readDelimited } from "./csv/read";
import { MOST_COLUMNS } from "./csv/scan";
import { csvSettings } from "./csv/settings";
import { csvWriter } from "./csv/write";
import { HEAD_BYTES } from "./decodeText";
import { hasExtension } from "./extension";
import type { FormatSettings, TableFormat } from "./format";
import { AUTOMATIC, decodeHead, openText, suggestEncoding } from "./openText";

const EXTENSIONS = ["csv", "tsv", "tab", "psv"] as const;
/** Lines of the same number of fields that make a table of a file whose name does not say so. */
const TELLING_RECORDS = 4;
/** Tabs between cells are what a spreadsheet copies; nobody types them into two lines of prose alike. */
const TELLING_TABBED = 2;

const BY_NAME: ReadonlyMap<string, string> = new Map([[",", "comma"], [";", "semicolon"], ["\t", "tab"], ["|", "pipe"]]);

export const csv: TableFormat = {
  id: "csv",
  label: "CSV or TSV",
  summary: "A table as text: one row a line, fields separated by commas, semicolons or tabs.",
  extensions: EXTENSIONS,
  mediaType: "text/csv",
  settings: csvSettings,
  detect(head, name) {
    const text = decodeHead(head);
    if (text === undefined) return 0;
    const isNamed = hasExtension(name, EXTENSIONS);
    const { dialect } = detectLayout(text, csvSettings.parse({}), name, head.length < HEAD_BYTES);
    const { columns, consistency, records } = tryDialect(text, dialect, head.length < HEAD_BYTES);
    const isEven = columns > 1 && consistency > 0.9 && records.length > 1;
    if (isNamed) return isEven ? 0.9 : 0.6;
    // Prose has commas too; tabs, semicolons and bars in the same number on every line it has not.
    const isTable = isEven && consistency === 1 && records.length >= (dialect.delimiter === "\t" ? TELLING_TABBED : TELLING_RECORDS) && dialect.delimiter !== "," && columns <= MOST_COLUMNS;
    return isTable && !hasExtension(name, ["md", "json", "jsonl"]) ? 0.7 : 0;
  },
  suggest(head, name): FormatSettings {
    const encoding = suggestEncoding(head);
    const text = decodeHead(head);
    if (text === undefined) return {};
    const { dialect, hasNames } = detectLayout(text, csvSettings.parse({}), name, head.length < HEAD_BYTES);
    return {
      delimiter: BY_NAME.get(dialect.delimiter) ?? AUTOMATIC.id,
      quote: dialect.quote === "'" ? "single" : "double",
      escape: dialect.escape,
      header: hasNames ? "first line" : "none",
      ...(encoding ? { encoding } : {}),
    };
  },
  async read(source, sink, context) {
    const settings = csvSettings.parse(context.settings);
    return readDelimited(source.name, await openText(source, settings.encoding, context), sink, context, settings);
  },
  write: csvWriter,
};
