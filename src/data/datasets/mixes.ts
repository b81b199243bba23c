/** Mixes as rows of the database: a dataset of origin "mix" that consists of others with weights. In: a database. Out: mixes, checked. */
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import type { Database } from "../store/database";
import type { Mix } from "../types/splitting";
import { findDataset, writeDataset } from "./rows";

const partsSchema = z.array(z.object({ dataset: z.string(), weight: z.number() }));

export function findMix(database: Database, id: string): Mix | undefined {
  const [row] = database.all("SELECT parts FROM mixes WHERE dataset = ?", id);
  const dataset = findDataset(database, id);
  return row && dataset && { id, name: dataset.name, parts: partsSchema.parse(JSON.parse(String(row["parts"]))) };
}

/** `nameOf` knows every dataset that may be a part; a mix is none. */
export function writeMix(database: Database, { id = `mix-${crypto.randomUUID().slice(0, 8)}`, name, parts }: Omit<Mix, "id"> & { readonly id?: string }, nameOf: (dataset: string) => string | undefined): Mix {
  const used = parts.filter(({ weight }) => weight > 0);
  const problem = problemOf(used, nameOf);
  if (problem) throw new FailureError({ kind: "bad-settings", message: `Mix: ${problem}`, hint: "Choose two or more datasets and give each a weight above 0.", where: "mix" });
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  const summary = `A mix: ${used.map(({ dataset, weight }) => `${Math.round((100 * weight) / total)}% ${nameOf(dataset)!}`).join(", ")}.`;
  const known = findDataset(database, id);
  database.write(() => {
    writeDataset(database, { id, name: name.trim() || "Mix", origin: "mix", summary, prompt: known?.prompt ?? "The", addedAt: known?.addedAt ?? Date.now() });
    database.run("INSERT INTO mixes VALUES (?, ?) ON CONFLICT (dataset) DO UPDATE SET parts = excluded.parts", id, JSON.stringify(used));
  });
  return { id, name, parts: used };
}

function problemOf(parts: Mix["parts"], nameOf: (dataset: string) => string | undefined): string | undefined {
  if (parts.length < 2) return "it needs at least two datasets.";
  if (!parts.every(({ weight }) => Number.isFinite(weight))) return "a weight is not a number.";
  if (new Set(parts.map(({ dataset }) => dataset)).size < parts.length) return "a dataset is in it twice.";
  const unknown = parts.find(({ dataset }) => nameOf(dataset) === undefined);
  return unknown && `"${unknown.dataset}" is not among the datasets, or is a mix itself.`;
}

/** Names of the mixes that a dataset is part of: it cannot go while they are there. */
export function mixesWith(database: Database, dataset: string): string[] {
  return database.all("SELECT dataset FROM mixes").flatMap(({ dataset: id }) => {
    const mix = findMix(database, String(id));
    return mix?.parts.some((part) => part.dataset === dataset) ? [mix.name] : [];
  });
}
