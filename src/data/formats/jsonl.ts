/** JSON Lines (NDJSON) as a table format: one value a line. Source: https://jsonlines.org; `json/lines.ts` has the rules. */
import { z } from "zod";
import { HEAD_BYTES } from "./decodeText";
import { hasExtension } from "./extension";
import type { FormatSettings, TableFormat } from "./format";
import { readLines } from "./json/lines";
import { looksLikeJson } from "./json/look";
import { readJsonRows } from "./json/read";
import { writeJsonRows } from "./json/write";
import { decodeHead, encodingField, openText, suggestEncoding } from "./openText";

const EXTENSIONS = ["jsonl", "ndjson", "jsonlines"] as const;
const settings = z.object({ encoding: encodingField });

export const jsonl: TableFormat = {
  id: "jsonl",
  label: "JSON Lines",
  summary: "One JSON object on each line; the usual form of training data.",
  extensions: EXTENSIONS,
  mediaType: "application/jsonl",
  settings,
  detect(head, name) {
    const text = decodeHead(head);
    if (text === undefined) return 0;
    const isNamed = hasExtension(name, EXTENSIONS);
    const looks = looksLikeJson(text, head.length < HEAD_BYTES);
    if (looks === "lines") return 0.96;
    // One line is one document as much as it is one line; the name decides.
    return isNamed ? (looks === "document" && text.trimStart().startsWith("{") ? 0.96 : 0.6) : 0;
  },
  suggest(head): FormatSettings {
    const encoding = suggestEncoding(head);
    return encoding ? { encoding } : {};
  },
  async read(source, sink, context) {
    const reading = await openText(source, settings.parse(context.settings).encoding, context);
    return readJsonRows(source.name, reading, sink, context, (parts) => readLines(source.name, parts));
  },
  write: {
    settings: z.object({}),
    write: (table, sink, options) => writeJsonRows(table, sink, { begin: "", between: "\n", end: "\n", object: ["{", ",", "}", ":"] }, options),
  },
};
