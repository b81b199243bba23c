/**
 * JSON as a table format: a list of objects, arrays or plain values; an object that holds such a list; an object of columns. Source: RFC 8259; `json/parse.ts`
 * is the strict reader, `json/document.ts` says what becomes a row.
 */
import { z } from "zod";
import { choice } from "../../settings/field";
import { HEAD_BYTES } from "./decodeText";
import { hasExtension } from "./extension";
import type { FormatSettings, TableFormat } from "./format";
import { readDocument } from "./json/document";
import { looksLikeJson } from "./json/look";
import { readJsonRows } from "./json/read";
import { writeJsonRows } from "./json/write";
import { AUTOMATIC, decodeHead, encodingField, openText, suggestEncoding } from "./openText";

const group = "Data" as const;

const settings = z.object({
  firstRow: choice({
    label: "First row of arrays", help: "Where rows are arrays: whether the first one names the columns.", group, default: AUTOMATIC.id, advanced: true,
    options: [AUTOMATIC, { id: "names", label: "Names", summary: "It names the columns." }, { id: "row", label: "A row", summary: "It is a row like the others." }],
  }),
  encoding: encodingField,
});

const writeSettings = z.object({
  layout: choice({
    label: "Layout", help: "Compact files are smaller; indented ones are easier to read.", group, default: "compact",
    options: [{ id: "compact", label: "A row a line", summary: "Each row on a line of its own." }, { id: "indented", label: "Indented", summary: "Each cell on a line of its own." }],
  }),
});

export const json: TableFormat = {
  id: "json",
  label: "JSON",
  summary: "A list of objects, or an object that holds one.",
  extensions: ["json"],
  mediaType: "application/json",
  settings,
  detect(head, name) {
    const text = decodeHead(head);
    if (text === undefined) return 0;
    const looks = looksLikeJson(text, head.length < HEAD_BYTES);
    if (looks === "document") return 0.95;
    return hasExtension(name, ["json"]) ? (looks === "lines" ? 0.4 : 0.6) : 0;
  },
  suggest(head): FormatSettings {
    const encoding = suggestEncoding(head);
    return encoding ? { encoding } : {};
  },
  async read(source, sink, context) {
    const { firstRow, encoding } = settings.parse(context.settings);
    const reading = await openText(source, encoding, context);
    return readJsonRows(source.name, reading, sink, context, (parts) => readDocument({ ...parts, sink, firstRow }));
  },
  write: {
    settings: writeSettings,
    async write(table, sink, { settings: given, ...options }) {
      const { layout } = writeSettings.parse(given);
      const object = layout === "compact" ? (["{", ",", "}", ":"] as const) : (["{\n    ", ",\n    ", "\n  }", ": "] as const);
      const indent = layout === "compact" ? "" : "  ";
      return writeJsonRows(table, sink, { begin: `[\n${indent}`, between: `,\n${indent}`, end: "\n]\n", object }, options);
    },
  },
};
