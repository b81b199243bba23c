/** What is listed of a dataset follows its rows: typed, cleaned, mixed. */
import { expect, test } from "vitest";
import { type Datasets, openDatasets, textSource } from "../datasets";
import { createMemoryDisk } from "../store/memoryStore";
import { column } from "../table/table";
import type { Cell, DatasetSummary } from "../types";
import { writeMix } from "./mixes";

async function openEmpty(): Promise<Datasets> {
  const disk = await createMemoryDisk();
  return openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: async (id) => textSource(id, "unused") });
}

async function addRows(datasets: Datasets, joiner: string, rows: readonly (readonly Cell[])[]): Promise<DatasetSummary> {
  const columns = rows[0]!.map((_, index) => column(index === 0 ? "text" : `column ${index}`, { role: index === 0 ? "text" : "none" }));
  const writer = await datasets.startRows();
  writer.columns(columns.map(({ name, kind }) => ({ name, kind })));
  await writer.rows(columns.map((_, index) => rows.map((row) => row[index])), rows.length);
  return datasets.add({ name: `${rows.length} rows`, rows: await writer.finish(), columns, joiner, notes: [] });
}

test("the sentence about a table counts its rows as they are now", async () => {
  const datasets = await openEmpty();
  const { id, summary } = await addRows(datasets, "\n", [["one", ""]]);
  expect(summary).toBe("Your table: 1 row, 2 columns.");
  expect((await datasets.editCell(id, { row: 1, column: "text" }, "two")).summary).toBe("Your table: 2 rows, 2 columns.");
  expect((await datasets.rename(id, "Renamed")).summary).toBe("Your table: 2 rows, 2 columns.");
  await datasets.editCell(id, { row: 2, column: "text" }, "two");
  const unique = { key: "unique", step: "exact-duplicates", columns: [], settings: {}, on: true };
  expect((await datasets.clean(id, [unique])).dataset).toMatchObject({ rows: 2, summary: "Your table: 2 rows, 2 columns." });
  expect((await datasets.dropCleaned(id)).summary).toBe("Your table: 3 rows, 2 columns.");
});

test("a document is counted in paragraphs, or says how it was read; a mix in datasets", async () => {
  const datasets = await openEmpty();
  const text = await addRows(datasets, "", [["One.\n\n"], ["Two.\n"]]);
  expect(text.summary).toBe("Your text, in 2 paragraphs.");
  const fox = await datasets.importText(textSource("fox.txt", "The quick brown fox."));
  expect(fox.summary).toBe("Your text, read as UTF-8.");
  const { id } = writeMix((await datasets.store()).database, { name: "Both", parts: [text, fox].map((part) => ({ dataset: part.id, weight: 1 })) }, (part) => part);
  const [mix] = (await datasets.list()).filter((one) => one.id === id);
  expect(mix).toMatchObject({ origin: "mix", parts: 2, bytes: 0 });
  expect(mix!.summary).toContain("A mix: 50%");
});
