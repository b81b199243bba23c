/** Cells set by hand while others are set, over a store in memory. */
import { expect, it } from "vitest";
import { openDatasets } from "../datasets";
import { createMemoryDisk } from "../store/memoryStore";
import { column } from "../table/table";

const COLUMNS = [column("text", { role: "text" }), column("count", { kind: "number", type: "integer" })];

async function openTable() {
  const disk = await createMemoryDisk();
  const datasets = openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: () => Promise.reject(new Error("none")) });
  const writer = await datasets.startRows();
  writer.columns(COLUMNS.map(({ name, kind }) => ({ name, kind })));
  await writer.rows([["one", "two"], [1, 2]], 2);
  const { id } = await datasets.add({ name: "Numbers", rows: await writer.finish(), columns: COLUMNS, joiner: "\n", notes: [] });
  return { datasets, id };
}

it("edits that overlap are all kept, and counted, as if they had come one after another", async () => {
  const [quick, slow] = [await openTable(), await openTable()];
  const edits = [
    [{ row: 0, column: "count" }, "many"],
    [{ row: 1, column: "text" }, ""],
    [{ row: 2, column: "text" }, "three"],
    [{ row: 1, column: "text" }, "deux"],
  ] as const;
  await Promise.all(edits.map(([place, text]) => quick.datasets.editCell(quick.id, place, text)));
  for (const [place, text] of edits) await slow.datasets.editCell(slow.id, place, text);
  const [one, other] = [await quick.datasets.open(quick.id, "original"), await slow.datasets.open(slow.id, "original")];
  expect((await one.table.readRows(0, 3)).columns).toEqual([["one", "deux", "three"], ["many", "2", undefined]]);
  expect(one.version).toEqual(other.version);
});

it("an edit leaves the roles that were chosen while it was made", async () => {
  const { datasets, id } = await openTable();
  const choice = { name: "count", role: "label", type: "category", include: true } as const;
  await Promise.all([datasets.editCell(id, { row: 0, column: "text" }, "uno"), datasets.describeColumns(id, [choice])]);
  expect((await datasets.open(id, "original")).table.columns[1]).toMatchObject({ role: "label", type: "category" });
});
