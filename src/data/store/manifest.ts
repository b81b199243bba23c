/**
 * The list of stored datasets, in two slots written in turn: a crash while one is written leaves the other whole. In: the
 * store. Out: the newest whole list, or, when both slots are damaged, a list made again from the texts themselves.
 */
import { z } from "zod";
import { readCheckedJson, writeCheckedJson } from "./checkedJson";
import type { FileStore } from "./fileStore";

export const DATASETS = "datasets";
const SLOTS = ["manifest/a.json", "manifest/b.json"] as const;

const recordSchema = z.object({
  id: z.string(),
  name: z.string(),
  origin: z.enum(["sample", "task", "user", "mix"]),
  summary: z.string(),
  bytes: z.number(),
  characters: z.number(),
  source: z.string().exactOptional(),
  prompt: z.string(),
  notes: z.array(z.string()),
  /** SHA-256 of the text as UTF-8; the text is the file of that name. */
  hash: z.string(),
});

/** What is kept of a dataset; the first members are those of a DatasetSummary. */
export type DatasetRecord = z.infer<typeof recordSchema>;

const manifestSchema = z.object({ version: z.literal(1), generation: z.number(), datasets: z.array(recordSchema) });

export interface Manifest {
  readonly generation: number;
  readonly datasets: readonly DatasetRecord[];
  /** Both slots were damaged: files that no record names may be lost texts, so none may be tidied away. */
  readonly damaged: boolean;
}

export const pathOfText = (hash: string): string => `${DATASETS}/${hash}.txt`;

export async function readManifest(store: FileStore): Promise<Manifest> {
  const slots = await Promise.all(SLOTS.map((path) => readCheckedJson(store, path, manifestSchema)));
  const whole = slots.filter((slot) => typeof slot !== "string").sort((a, b) => b.generation - a.generation);
  const newest = whole[0];
  if (newest) return { generation: newest.generation, datasets: newest.datasets, damaged: false };
  if (slots.every((slot) => slot === "missing")) return { generation: 0, datasets: [], damaged: false };
  return { generation: 0, datasets: [], damaged: true };
}

/** Call exclusively. The slot of the newest whole list is never the one written. */
export async function writeManifest(store: FileStore, old: Manifest, datasets: readonly DatasetRecord[]): Promise<void> {
  const generation = old.generation + 1;
  await writeCheckedJson(store, SLOTS[generation % 2]!, { version: 1, generation, datasets });
}
