/** The beginning of a table as text. In: a table. Out: its first characters, as training would read them, rows joined as the table says. */
import { planRowText } from "./rowText";
import type { Table } from "../table/table";

/** The first `characters` code points. */
export async function readOpening(table: Table, characters: number): Promise<string> {
  const { columns: wanted, render } = planRowText(table.columns);
  let text = "";
  for await (const { rows, columns } of table.scan({ columns: wanted })) {
    for (let row = 0; row < rows && text.length < 2 * characters; row++) text += render(columns.map((cells) => cells[row])).slice(0, 2 * characters) + table.joiner;
    if (text.length >= 2 * characters) break;
  }
  return Array.from(text.slice(0, 2 * characters)).slice(0, characters).join("");
}
