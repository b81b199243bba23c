/**
 * The list of datasets as it was kept before there was a database: JSON with a checksum in two slots written in turn, texts beside it. In:
 * the files. Out: the newest whole list, so that what it names can move in.
 */
import { z } from "zod";
import { readCheckedJson } from "../store/checkedJson";
import type { FileStore } from "../store/fileStore";

export const OLD_TEXTS = "datasets";
export const OLD_SLOTS = ["manifest/a.json", "manifest/b.json"] as const;

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

/** What was kept of a dataset. */
export type OldRecord = z.infer<typeof recordSchema>;

const manifestSchema = z.object({ version: z.literal(1), generation: z.number(), datasets: z.array(recordSchema) });

export interface OldManifest {
  readonly generation: number;
  readonly datasets: readonly OldRecord[];
  /** Both slots were damaged: files that no record names may be lost texts, and come back without their names. */
  readonly damaged: boolean;
}

export const pathOfText = (hash: string): string => `${OLD_TEXTS}/${hash}.txt`;

export async function readOldManifest(store: FileStore): Promise<OldManifest> {
  const slots = await Promise.all(OLD_SLOTS.map((path) => readCheckedJson(store, path, manifestSchema)));
  const whole = slots.filter((slot) => typeof slot !== "string").sort((a, b) => b.generation - a.generation);
  const newest = whole[0];
  if (newest) return { generation: newest.generation, datasets: newest.datasets, damaged: false };
  if (slots.every((slot) => slot === "missing")) return { generation: 0, datasets: [], damaged: false };
  return { generation: 0, datasets: [], damaged: true };
}
