/** Splits and mixes, as the page calls them. In: the datasets of one store. Out: SplitCalls. */
import type { Datasets } from "../../data/datasets";
import { findMix, writeMix } from "../../data/datasets/mixes";
import { PROPOSED_SPLIT, readSplit, removeSplit, summarizeRows, writeSplit } from "../../data/datasets/splits";
import { FailureError } from "../../settings/failure";
import { asResult } from "../failure";
import type { SplitCalls } from "../protocol";

export function createSplitCalls(datasets: Datasets): SplitCalls {
  return {
    readSplit: (id) =>
      asResult(async () => {
        const { table } = await datasets.open(id, "original");
        const kept = readSplit((await datasets.store()).database, id);
        return { ...(await summarizeRows(table, kept ?? PROPOSED_SPLIT)), isKept: kept !== undefined };
      }, id),
    planSplit: (id, settings, keep) =>
      asResult(async () => {
        const summary = await summarizeRows((await datasets.open(id, "original")).table, settings);
        if (keep === "keep") writeSplit((await datasets.store()).database, id, settings);
        return { ...summary, isKept: keep === "keep" };
      }, id),
    dropSplit: (id) =>
      asResult(async () => {
        removeSplit((await datasets.store()).database, id);
        return null;
      }, id),
    saveMix: (mix) =>
      asResult(async () => {
        const listed = await datasets.list();
        const nameOf = (id: string): string | undefined => listed.find((dataset) => dataset.id === id && dataset.origin !== "mix")?.name;
        const { id } = writeMix((await datasets.store()).database, mix, nameOf);
        return (await datasets.list()).find((dataset) => dataset.id === id)!;
      }, "mix"),
    readMix: (id) =>
      asResult(async () => {
        const mix = findMix((await datasets.store()).database, id);
        if (mix) return mix;
        throw new FailureError({ kind: "bad-settings", message: `There is no mix "${id}" in this browser.`, hint: "Choose another dataset.", where: "mix" });
      }, id),
  };
}
