/** The choices of delimited text, for reading and for writing: the import dialog's and the export dialog's forms. */
import { z } from "zod";
import { choice, text, toggle } from "../../../settings/field";
import { AUTOMATIC, encodingField } from "../openText";

const group = "Data" as const;

const COMMA = { id: "comma", label: "Comma", summary: "a,b,c" } as const;
const SEMICOLON = { id: "semicolon", label: "Semicolon", summary: "a;b;c, where the comma is a decimal sign" } as const;
const TAB = { id: "tab", label: "Tab", summary: "TSV" } as const;
const PIPE = { id: "pipe", label: "Vertical bar", summary: "a|b|c" } as const;

export const csvSettings = z.object({
  delimiter: choice({
    label: "Delimiter", help: "What separates fields.", group, default: AUTOMATIC.id,
    options: [AUTOMATIC, COMMA, SEMICOLON, TAB, PIPE, { id: "other", label: "Other", summary: "The character below." }],
  }),
  otherDelimiter: text({ label: "Other delimiter", help: "One character; used where the delimiter is Other.", group, maxLength: 1, default: "", advanced: true }),
  header: choice({
    label: "Names", help: "Where the columns' names are.", group, default: AUTOMATIC.id,
    options: [AUTOMATIC, { id: "first line", label: "First line", summary: "The first line names the columns." }, { id: "none", label: "None", summary: "All lines are rows." }],
  }),
  quote: choice({
    label: "Quotes", help: "What a field is set in that holds delimiters or line ends.", group, default: AUTOMATIC.id,
    options: [
      AUTOMATIC,
      { id: "double", label: 'Double (")', summary: "The usual." },
      { id: "single", label: "Single (')", summary: "Some databases." },
      { id: "none", label: "None", summary: "Quotes are text like any other." },
    ],
  }),
  escape: choice({
    label: "Quotes inside quotes", help: "How a quote is written inside a quoted field.", group, default: AUTOMATIC.id, advanced: true,
    options: [
      AUTOMATIC,
      { id: "doubled", label: 'Doubled ("")', summary: "The usual." },
      { id: "backslash", label: 'Backslash (\\")', summary: "MySQL and others." },
    ],
  }),
  comment: text({ label: "Comment lines begin with", help: "Lines that begin so are left out; empty keeps all lines.", group, maxLength: 4, default: "", advanced: true }),
  trim: toggle({ label: "Ignore spaces beside delimiters", help: "On where fields are lined up with spaces.", group, default: false, advanced: true }),
  encoding: encodingField,
});

export type CsvSettings = z.infer<typeof csvSettings>;

export const csvWriteSettings = z.object({
  delimiter: choice({ label: "Delimiter", help: "What separates fields; spreadsheets of many European countries want semicolons.", group, default: COMMA.id, options: [COMMA, SEMICOLON, TAB, PIPE] }),
  spreadsheet: choice({
    label: "Cells that spreadsheets run as formulas", help: "Cells that begin with = + - @ can run as formulas when the file is opened in a spreadsheet.", group, default: "exact",
    options: [
      { id: "exact", label: "Keep exactly", summary: "Every cell as it is; best for programs." },
      { id: "safe", label: "Make safe", summary: "An apostrophe is put before them; this changes those cells." },
    ],
  }),
  lineEnd: choice({
    label: "Line ends", help: "LF for most programs; CR LF is what the standard says.", group, default: "lf", advanced: true,
    options: [{ id: "lf", label: "LF", summary: "Unix, macOS" }, { id: "crlf", label: "CR LF", summary: "Windows, RFC 4180" }],
  }),
});
