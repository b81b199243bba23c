/** Tidying beside other work, over a store in memory. */
import { expect, it } from "vitest";
import { openDatasets } from "../datasets";
import { column } from "../table/table";
import { createMemoryDisk } from "./memoryStore";

it("keeps the rows of an import that is listed while it looks around", async () => {
  const disk = await createMemoryDisk();
  const datasets = openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: () => Promise.reject(new Error("no sample")) });
  const writer = await datasets.startRows();
  writer.columns([{ name: "text", kind: "text" }]);
  await writer.rows([["one", "two"]], 2);
  const rows = await writer.finish();
  const { list } = disk.files;
  let id: string | undefined;
  disk.files.list = async (folder) => {
    const names = await list(folder);
    if (folder === "blobs") id ??= (await datasets.add({ name: "Late", rows, columns: [column("text", { role: "text" })], joiner: "\n", notes: [] })).id;
    return names;
  };
  await datasets.tidy();
  expect(await datasets.readText(id!, 20)).toBe("one\ntwo\n");
});
