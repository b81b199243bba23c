/**
 * The text of a table that a model learns from. In: a table. Out: its text in pieces that never split a character: the text column's
 * cells, or prompt and completion, with the table's joiner between rows. Missing cells are no text.
 */
import type { Column } from "../types/table";
import type { Cell } from "../types/table";
import type { RowBatch, Table } from "./table";

/** Roles in the order in which they are looked for; those of one list are read side by side. */
const TEXT_ROLES: readonly (readonly Column["role"][])[] = [["text"], ["prompt", "completion"], ["messages"], ["chosen"]];

/** Places of the columns that are read; the first of text where no role says so. */
export function trainingColumns(columns: readonly Column[]): readonly number[] {
  for (const roles of TEXT_ROLES) {
    const found = roles.flatMap((role) => columns.flatMap((column, place) => (column.role === role ? [place] : [])));
    if (found.length > 0) return found;
  }
  const first = columns.findIndex(({ kind }) => kind === "text");
  return columns.length === 0 ? [] : [Math.max(0, first)];
}

export async function* readTrainingText(table: Table): AsyncGenerator<string, void, undefined> {
  for await (const batch of table.scan({ columns: trainingColumns(table.columns) })) yield joinRows(batch, table.joiner);
}

function joinRows({ firstRow, rows, columns }: RowBatch, joiner: string): string {
  const texts: string[] = [];
  for (let row = 0; row < rows; row++) texts.push(columns.map((cells) => spell(cells[row])).join(""));
  return (firstRow > 0 && rows > 0 ? joiner : "") + texts.join(joiner);
}

const spell = (cell: Cell): string => (cell === null || cell === undefined ? "" : String(cell));

/** The first `characters` code points. */
export async function readOpening(table: Table, characters: number): Promise<string> {
  let text = "";
  for await (const piece of readTrainingText(table)) {
    text += piece.slice(0, 2 * characters);
    if (text.length >= 2 * characters) break;
  }
  return Array.from(text.slice(0, 2 * characters)).slice(0, characters).join("");
}
