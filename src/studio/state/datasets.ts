/** The datasets of this device. In: presses. Out: the session's list as the worker has it, and the one chosen for training. */
import type { Column, DatasetSummary } from "../../worker/protocol";
import { changeValue } from "./draft";
import { settle } from "./settle";
import { choicesOf, report, type Studio } from "./studio";

const NO_COLUMNS: readonly Column[] = [];

/** The columns of one version: cleaning may add some. Recipes and splits are about the original ones. */
export const columnsOf = ({ columns = NO_COLUMNS, original }: DatasetSummary, version: "original" | "cleaned"): readonly Column[] => (version === "original" ? (original?.columns ?? columns) : columns);

/** Rows as imported and typed, whatever cleaning dropped: the number of the next one. */
export const originalRows = ({ rows = 0, original }: DatasetSummary): number => original?.rows ?? rows;

export async function refreshDatasets(studio: Studio): Promise<void> {
  const answer = await settle(studio.connection.data.listDatasets());
  if (answer.ok) studio.session.setState({ datasets: answer.value });
  else report(studio, answer.failure);
}

export async function removeDataset(studio: Studio, id: string): Promise<void> {
  const answer = await settle(studio.connection.data.removeDataset(id));
  if (!answer.ok) return report(studio, answer.failure);
  studio.previewer.forget(id);
  studio.columnFacts.forget(id);
  studio.tools.forget(id);
  await refreshDatasets(studio);
  const first = studio.session.getState().datasets[0];
  if (studio.draft.getState().values["dataset"] === id && first) chooseDataset(studio, first.id);
}

export function chooseDataset(studio: Studio, id: string): void {
  const choices = choicesOf(studio);
  if (choices) studio.draft.setState(changeValue(choices, studio.draft.getState(), "dataset", id));
}

/** An empty name, or the same, changes nothing. */
export async function renameDataset(studio: Studio, id: string, typed: string): Promise<void> {
  const name = typed.trim();
  const before = studio.session.getState().datasets.find((dataset) => dataset.id === id)?.name;
  if (name === "" || name === before) return;
  const answer = await settle(studio.connection.data.renameDataset(id, name));
  if (!answer.ok) return report(studio, answer.failure);
  await refreshDatasets(studio);
}
