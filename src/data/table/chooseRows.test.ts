import fc from "fast-check";
import { expect, it } from "vitest";
import { chooseRows } from "./chooseRows";
import { column, memoryTable, type Table } from "./table";

async function readAll(table: Table, columns?: readonly number[]): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of table.scan(columns ? { columns } : {})) {
    expect(batch.firstRow).toBe(rows.length);
    for (let row = 0; row < batch.rows; row++) rows.push(batch.columns.map((cells) => cells[row]));
  }
  return rows;
}

it("reads the rows that were chosen, in their order, whatever the batches", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 17 }), fc.array(fc.nat(1000), { maxLength: 40 }), fc.boolean(), async (count, batchRows, picks, ascending) => {
      const rows = Array.from({ length: count }, (_, row) => [row, `row ${row}`]);
      const table = memoryTable([column("n", { kind: "number" }), column("t")], rows, { batchRows });
      const chosen = ascending ? [...new Set(picks.map((pick) => pick % count))].sort((a, b) => a - b) : picks.map((pick) => pick % count);
      const view = chooseRows(table, Uint32Array.from(chosen));
      expect(view.rows).toBe(chosen.length);
      expect(await readAll(view)).toEqual(chosen.map((row) => rows[row]));
      expect(await readAll(view, [1])).toEqual(chosen.map((row) => [`row ${row}`]));
    }),
  );
});
