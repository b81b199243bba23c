/**
 * A training set of several datasets while it is made. In: which datasets, how much of each, a name. Out: a mix among the
 * datasets. A weight is relative: the share of the windows drawn from a part is its weight over the sum of all.
 */
import type { DatasetSummary, Failure, Mix } from "../../worker/protocol";
import { showDataset } from "./dataRoom";
import { refreshDatasets } from "./datasets";
import { settle } from "./settle";
import { report, type Studio } from "./studio";

export interface MixPart {
  readonly dataset: string;
  /** As typed: text while it is no number. */
  readonly weight: number | string;
}

export interface Mixing {
  readonly isOpen: boolean;
  /** Of the mix that is edited; null for a new one. */
  readonly id: string | null;
  readonly name: string;
  readonly parts: readonly MixPart[];
  readonly status: "idle" | "reading" | "saving";
  readonly failure: Failure | null;
}

export const NO_MIXING: Mixing = { isOpen: false, id: null, name: "", parts: [], status: "idle", failure: null };

export const WEIGHT_RANGE = { min: 0.01, max: 100, step: 0.5, default: 1 } as const;

export function openNewMix({ tools }: Studio): void {
  tools.mixing.setState({ ...NO_MIXING, isOpen: true });
}

export async function openMix(studio: Studio, id: string): Promise<void> {
  const { mixing } = studio.tools;
  mixing.setState({ ...NO_MIXING, isOpen: true, id, status: "reading" });
  const answer = await settle(studio.connection.data.readMix(id));
  if (mixing.getState().id !== id) return;
  if (answer.ok) return mixing.setState({ name: answer.value.name, parts: answer.value.parts, status: "idle" });
  closeMix(studio);
  report(studio, answer.failure);
}

export function closeMix({ tools }: Studio): void {
  tools.mixing.setState(NO_MIXING);
}

/** Puts a dataset into the mix with weight 1, or takes it out. */
export function togglePart({ tools }: Studio, dataset: string): void {
  tools.mixing.setState(({ parts }) => ({
    parts: parts.some((part) => part.dataset === dataset) ? parts.filter((part) => part.dataset !== dataset) : [...parts, { dataset, weight: 1 }],
  }));
}

export function weighPart({ tools }: Studio, dataset: string, weight: number | string): void {
  tools.mixing.setState(({ parts }) => ({ parts: parts.map((part) => (part.dataset === dataset ? { ...part, weight } : part)) }));
}

/** Weights by size, so that every character is as likely as any other. */
export function weighBySize({ tools, session }: Studio): void {
  const { datasets } = session.getState();
  const sizeOf = (id: string) => Math.max(1, datasets.find((dataset) => dataset.id === id)?.characters ?? 1);
  tools.mixing.setState(({ parts }) => {
    const smallest = Math.min(...parts.map(({ dataset }) => sizeOf(dataset)));
    const largest = Math.max(...parts.map(({ dataset }) => sizeOf(dataset)));
    // The smallest weighs 1 unless the largest would then weigh more than the field takes.
    const unit = Math.max(smallest, largest / WEIGHT_RANGE.max);
    return { parts: parts.map(({ dataset }) => ({ dataset, weight: Math.max(WEIGHT_RANGE.min, Math.round((sizeOf(dataset) / unit) * 100) / 100) })) };
  });
}

export function weighEvenly({ tools }: Studio): void {
  tools.mixing.setState(({ parts }) => ({ parts: parts.map(({ dataset }) => ({ dataset, weight: 1 })) }));
}

const isWeight = (weight: number | string): weight is number => typeof weight === "number" && weight >= WEIGHT_RANGE.min && weight <= WEIGHT_RANGE.max;

/** Share of the windows of each part; NaN while any weight is no number. */
export function mixShares(parts: readonly MixPart[]): number[] {
  const total = parts.reduce((sum, { weight }) => sum + (isWeight(weight) ? weight : Number.NaN), 0);
  return parts.map(({ weight }) => (isWeight(weight) ? weight / total : Number.NaN));
}

/** Why the mix cannot be saved yet; undefined when it can. */
export function mixProblem({ name, parts }: Pick<Mixing, "name" | "parts">): string | undefined {
  if (parts.length < 2) return "Choose at least two datasets.";
  const wrong = parts.find(({ weight }) => !isWeight(weight));
  if (wrong) return `Weights are numbers from ${WEIGHT_RANGE.min} to ${WEIGHT_RANGE.max}.`;
  return name.trim() === "" ? "Give the mix a name." : undefined;
}

/** Only texts can be mixed: a mix of mixes would hide what is in it. */
export const mixable = (datasets: readonly DatasetSummary[]): readonly DatasetSummary[] => datasets.filter(({ origin }) => origin !== "mix");

export async function saveMix(studio: Studio): Promise<void> {
  const { mixing } = studio.tools;
  const { id, name, parts, status } = mixing.getState();
  if (mixProblem({ name, parts }) || status !== "idle") return;
  mixing.setState({ status: "saving", failure: null });
  const mix: Omit<Mix, "id"> = { name: name.trim(), parts: parts.map(({ dataset, weight }) => ({ dataset, weight: Number(weight) })) };
  const answer = await settle(studio.connection.data.saveMix(id === null ? mix : { ...mix, id }));
  if (!answer.ok) return mixing.setState({ status: "idle", failure: answer.failure });
  studio.previewer.forget(answer.value.id);
  await refreshDatasets(studio);
  closeMix(studio);
  showDataset(studio, answer.value.id);
}
