/**
 * What a row says as text to learn from. In: the columns with their roles. Out: which columns are read, and a function from their cells
 * to text: the text columns; or prompt and completion; or a conversation, one line a turn; or, in a table without any of these, each
 * cell behind its column's name. Objectives that mask the prompt bring their own templates; this is plain next-word text.
 */
import type { Cell, Column, ColumnRole } from "../types/table";
import { isMissing } from "../types/table";

export interface RowText {
  /** Indices of the columns that `render` is given, in this order. */
  readonly columns: readonly number[];
  render(cells: readonly Cell[]): string;
  /** How the same columns are read: the cell as it is, cells without the missing ones, a conversation, or behind their names. */
  readonly form: "verbatim" | "joined" | "messages" | "named";
  /** "text", "prompt and completion" … for the record of the run. */
  readonly reads: string;
}

const indicesOf = (columns: readonly Column[], ...roles: ColumnRole[]): number[] =>
  roles.flatMap((role) => columns.flatMap((column, index) => (column.role === role ? [index] : [])));

const say = (cell: Cell): string => (isMissing(cell) ? "" : String(cell));

export function planRowText(columns: readonly Column[]): RowText {
  const texts = indicesOf(columns, "text");
  if (texts.length === 1) return { columns: texts, form: "verbatim", reads: namesOf(columns, texts), render: ([cell]) => (cell === undefined || cell === null ? "" : String(cell)) };
  if (texts.length > 1) return { columns: texts, form: "joined", reads: namesOf(columns, texts), render: joinCells };
  const messages = indicesOf(columns, "messages").slice(0, 1);
  if (messages.length > 0) return { columns: messages, form: "messages", reads: namesOf(columns, messages), render: ([cell]) => renderMessages(say(cell)) };
  const pair = indicesOf(columns, "prompt", "completion");
  if (pair.length > 0) return { columns: pair, form: "joined", reads: namesOf(columns, pair), render: joinCells };
  const preferred = indicesOf(columns, "prompt", "chosen");
  if (preferred.length > 0) return { columns: preferred, form: "joined", reads: namesOf(columns, preferred), render: joinCells };
  const all = columns.flatMap(({ role, type }, index) => (role === "id" || type === "empty" ? [] : [index]));
  const names = all.map((index) => columns[index]!.name);
  return {
    columns: all,
    form: "named",
    reads: "every column, by name",
    render: (cells) => cells.flatMap((cell, index) => (isMissing(cell) ? [] : [`${names[index]!}: ${String(cell)}`])).join("\n"),
  };
}

const namesOf = (columns: readonly Column[], indices: readonly number[]): string => indices.map((index) => columns[index]!.name).join(" and ");

function joinCells(cells: readonly Cell[]): string {
  return cells.filter((cell) => !isMissing(cell)).map(String).join("\n");
}

const ROLE_KEYS = ["role", "from", "speaker"];
const CONTENT_KEYS = ["content", "value", "text"];

/** A conversation in the forms of OpenAI and ShareGPT: [{role, content}], [{from, value}]. Anything else stays as it is written. */
export function renderMessages(json: string): string {
  let turns: unknown;
  try {
    turns = JSON.parse(json);
  } catch {
    return json;
  }
  if (!Array.isArray(turns)) return json;
  const lines = turns.map((turn: unknown) => {
    if (typeof turn !== "object" || turn === null) return String(turn);
    const members = new Map(Object.entries(turn));
    const find = (keys: readonly string[]): string | undefined => keys.map((key) => members.get(key)).find((value) => typeof value === "string");
    const content = find(CONTENT_KEYS);
    return content === undefined ? JSON.stringify(turn) : `${find(ROLE_KEYS) ?? "turn"}: ${content}`;
  });
  return lines.join("\n");
}
