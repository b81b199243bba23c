/**
 * A table as delimited text (RFC 4180). In: a table and settings. Out: bytes. Whatever could be misread is quoted, so that reading gives the same
 * text back; what the format cannot say (null, absent) is counted. Formula prefixes: OWASP, "CSV Injection".
 */
import type { z } from "zod";
import type { Cell } from "../../types/table";
import { createTextSink } from "../textSink";
import type { TableWriter } from "../format";
import { DELIMITERS } from "./dialect";
import { csvWriteSettings } from "./settings";

type WriteSettings = z.infer<typeof csvWriteSettings>;

const FORMULA = /^[=+\-@\t\r]/;

/** One field as it is written. A single empty field needs quotes, or its line would be blank. */
function createFieldWriter({ delimiter, spreadsheet }: WriteSettings, isOnly: boolean): (text: string) => string {
  const special = new RegExp(`["\\r\\n${DELIMITERS[delimiter] === "|" ? "\\|" : DELIMITERS[delimiter]}]|^\\uFEFF|^\\s|\\s$`);
  return (given) => {
    const text = spreadsheet === "safe" && FORMULA.test(given) ? `'${given}` : given;
    if (text === "") return isOnly ? '""' : "";
    return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
}

export const csvWriter: TableWriter = {
  settings: csvWriteSettings,
  async write(table, sink, { settings: given, signal, onRows }) {
    const settings = csvWriteSettings.parse(given);
    const write = createFieldWriter(settings, table.columns.length === 1);
    const [delimiter, end] = [DELIMITERS[settings.delimiter], settings.lineEnd === "lf" ? "\n" : "\r\n"];
    const out = createTextSink(sink);
    let nulls = 0;
    const spell = (cell: Cell): string => {
      if (cell !== null && cell !== undefined) return write(Object.is(cell, -0) ? "-0" : String(cell));
      nulls++;
      return write("");
    };
    await out.write(table.columns.map(({ name }) => write(name)).join(delimiter) + end);
    for await (const batch of table.scan()) {
      signal?.throwIfAborted();
      for (let row = 0; row < batch.rows; row++) {
        const line = batch.columns.map((cells) => spell(cells[row])).join(delimiter) + end;
        await out.write(line);
      }
      onRows?.(batch.firstRow + batch.rows);
    }
    await out.finish();
    return { notes: nulls > 0 ? [`${nulls.toLocaleString("en")} missing ${nulls === 1 ? "cell was" : "cells were"} written as nothing: delimited text does not tell null from empty.`] : [] };
  },
};
