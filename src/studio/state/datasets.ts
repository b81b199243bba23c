/**
 * Bringing text in. In: files and pasted text. Out: datasets in the session, and a report line per file with its progress,
 * its result or what was wrong with it. Files are read one after another; each can be called off.
 */
import type { DatasetSummary, Failure } from "../../worker/protocol";
import { changeValue } from "./draft";
import { settle } from "./settle";
import { choicesOf, report, type Studio } from "./studio";

export interface ImportEntry {
  readonly key: number;
  readonly name: string;
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly state: "waiting" | "reading" | "added" | "failed" | "canceled";
  readonly dataset?: DatasetSummary;
  readonly failure?: Failure;
}

export interface Imports {
  /** Newest first. */
  readonly entries: readonly ImportEntry[];
}

const ENTRIES_KEPT = 50;
let nextKey = 1;

function change({ imports }: Studio, key: number, part: Partial<ImportEntry>): void {
  imports.setState(({ entries }) => ({ entries: entries.map((entry) => (entry.key === key ? { ...entry, ...part } : entry)) }));
}

function addEntry({ imports }: Studio, name: string, bytesTotal: number): number {
  const key = nextKey++;
  const entry: ImportEntry = { key, name, bytesRead: 0, bytesTotal, state: "waiting" };
  imports.setState(({ entries }) => ({ entries: [entry, ...entries].slice(0, ENTRIES_KEPT) }));
  return key;
}

/** The worker reads one text at a time; what is added meanwhile, or right after a cancel, waits here. */
const queues = new WeakMap<Studio, Promise<unknown>>();

function inTurn<T>(studio: Studio, task: () => Promise<T>): Promise<T> {
  const result = (queues.get(studio) ?? Promise.resolve()).then(task);
  queues.set(studio, result.catch(() => undefined));
  return result;
}

export async function importFiles(studio: Studio, files: readonly File[]): Promise<void> {
  const queue = files.map((file) => ({ file, key: addEntry(studio, file.name, file.size) }));
  await Promise.all(queue.map(({ file, key }) => inTurn(studio, () => importFile(studio, file, key))));
}

async function importFile(studio: Studio, file: File, key: number): Promise<void> {
  if (stateOf(studio, key) !== "waiting") return;
  change(studio, key, { state: "reading" });
  const answer = await settle(
    studio.connection.data.importFile(file, ({ bytesRead, bytesTotal }) => {
      if (stateOf(studio, key) === "reading") change(studio, key, { bytesRead, bytesTotal });
    }),
  );
  if (answer.ok) await added(studio, key, answer.value);
  else refused(studio, key, answer.failure);
}

export async function importText(studio: Studio, name: string, content: string): Promise<boolean> {
  const key = addEntry(studio, name, content.length);
  return inTurn(studio, async () => {
    if (stateOf(studio, key) !== "waiting") return false;
    change(studio, key, { state: "reading" });
    const answer = await settle(studio.connection.data.importText(name, content));
    if (answer.ok) await added(studio, key, answer.value);
    else refused(studio, key, answer.failure);
    return answer.ok;
  });
}

function stateOf({ imports }: Studio, key: number): ImportEntry["state"] | undefined {
  return imports.getState().entries.find((entry) => entry.key === key)?.state;
}

async function added(studio: Studio, key: number, dataset: DatasetSummary): Promise<void> {
  change(studio, key, { state: "added", dataset, bytesRead: dataset.bytes });
  studio.previewer.forget(dataset.id);
  await refreshDatasets(studio);
}

function refused(studio: Studio, key: number, failure: Failure): void {
  change(studio, key, failure.kind === "canceled" ? { state: "canceled" } : { state: "failed", failure });
}

/** Calls off the file being read, or takes a waiting one out of the queue. */
export async function cancelImport(studio: Studio, key: number): Promise<void> {
  const state = stateOf(studio, key);
  change(studio, key, { state: "canceled" });
  if (state === "reading") await studio.connection.data.cancelImport().catch(() => undefined);
}

export async function refreshDatasets(studio: Studio): Promise<void> {
  const answer = await settle(studio.connection.data.listDatasets());
  if (answer.ok) studio.session.setState({ datasets: answer.value });
  else report(studio, answer.failure);
}

export async function removeDataset(studio: Studio, id: string): Promise<void> {
  const answer = await settle(studio.connection.data.removeDataset(id));
  if (!answer.ok) return report(studio, answer.failure);
  studio.previewer.forget(id);
  await refreshDatasets(studio);
  const first = studio.session.getState().datasets[0];
  if (studio.draft.getState().values["dataset"] === id && first) chooseDataset(studio, first.id);
}

export function chooseDataset(studio: Studio, id: string): void {
  const choices = choicesOf(studio);
  if (choices) studio.draft.setState(changeValue(choices, studio.draft.getState(), "dataset", id));
}
