/** Looking at a text through the tokenizers that come with Descent. */
import { expect, it } from "vitest";
import { openDatasets, textSource } from "../../data/datasets";
import { createMemoryDisk } from "../../data/store/memoryStore";
import { createDataBackend } from "../dataBackend";
import type { Result } from "../protocol";

async function valueOf<T>(result: Promise<Result<T>>): Promise<T> {
  const answer = await result;
  if (!answer.ok) throw new Error(JSON.stringify(answer.failure));
  return answer.value;
}

it("the letters of a mix are those of all its parts, and follow the roles of columns", async () => {
  const disk = await createMemoryDisk();
  const datasets = openDatasets({ openStore: () => Promise.resolve(disk.open()), fetchSample: () => Promise.reject(new Error("none")) });
  const calls = createDataBackend(datasets);
  const unknownIn = async (dataset: string): Promise<number> => (await valueOf(calls.tokenize("characters", dataset, "ab xy {}"))).unknown;
  const first = await datasets.importText(textSource("first", '[{"role":"a","content":"b"}]\n'));
  const second = await datasets.importText(textSource("second", "x y"));
  const mix = await valueOf(calls.saveMix({ name: "Both", parts: [first, second].map(({ id }) => ({ dataset: id, weight: 1 })) }));
  expect(await unknownIn(mix.id)).toBe(0);
  expect((await valueOf(calls.tokenize("bytes", mix.id, "ab"))).pieces).toHaveLength(2);
  await valueOf(calls.describeColumns(first.id, [{ name: "text", type: "json", role: "messages", include: true }]));
  // Read as a conversation it has no brackets.
  expect(await unknownIn(mix.id)).toBe(2);
});
