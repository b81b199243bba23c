/**
 * Bringing data in. In: groups of sources, each to become one dataset. Out: datasets in the session, and an entry of the import
 * report per group with its progress, its result, what was wrong with it, and the question whether to keep the good rows.
 * Groups are read one after another; each can be called off. Nothing with problems is kept before the person has said so.
 */
import type { ColumnChoice, DatasetSummary, Failure, ImportReport, ImportRequest, ImportSource } from "../../worker/protocol";
import type { FieldValue } from "../../settings/field";
import { formatCount } from "./format";
import { refreshDatasets, removeDataset } from "./datasets";
import { keepDataOnce } from "./persistence";
import { settle } from "./settle";
import type { Studio } from "./studio";
import { nextWork } from "./work";

export interface ImportEntry {
  readonly key: number;
  readonly name: string;
  /** Kept so that the same can be read again in another way. */
  readonly sources: readonly ImportSource[];
  readonly how: HowToRead;
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly rows?: number;
  /** "asking": everything was read and waits for "Keep" or "Discard". */
  readonly state: "waiting" | "reading" | "asking" | "added" | "failed" | "canceled" | "discarded";
  readonly work?: number;
  /** What was looked at when the reading began: whoever has moved on meanwhile is not pulled away. */
  readonly looked?: string | null;
  readonly pending?: number;
  readonly report?: ImportReport;
  readonly dataset?: DatasetSummary;
  readonly failure?: Failure;
}

/** What a person decided in the preview; empty: everything is detected. */
export interface HowToRead {
  readonly format?: string;
  readonly settings?: Readonly<Record<string, FieldValue>>;
  readonly columns?: readonly ColumnChoice[];
  /** The dataset that this one takes the place of, once it was added. */
  readonly replaces?: string;
}

export interface SourceGroup {
  readonly name: string;
  readonly sources: readonly ImportSource[];
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

function entryOf({ imports }: Studio, key: number): ImportEntry | undefined {
  return imports.getState().entries.find((entry) => entry.key === key);
}

const sizeOf = (source: ImportSource): number => (source.kind === "file" ? source.file.size : source.kind === "text" ? source.content.length : 0);

function addEntry({ imports }: Studio, { name, sources }: SourceGroup, how: HowToRead): number {
  const key = nextKey++;
  const bytesTotal = sources.reduce((sum, source) => sum + sizeOf(source), 0);
  const entry: ImportEntry = { key, name, sources, how, bytesRead: 0, bytesTotal, state: "waiting" };
  imports.setState(({ entries }) => ({ entries: dropOldest([entry, ...entries]) }));
  return key;
}

const isOver = ({ state }: ImportEntry): boolean => state !== "waiting" && state !== "reading" && state !== "asking";

/** What is not over stays, however much there is: it would never be read, or never be answered. */
function dropOldest(entries: readonly ImportEntry[]): ImportEntry[] {
  let room = ENTRIES_KEPT - entries.filter((entry) => !isOver(entry)).length;
  return entries.filter((entry) => !isOver(entry) || room-- > 0);
}

/** One group is read at a time; what is added meanwhile, or right after a cancel, waits here. */
const queues = new WeakMap<Studio, Promise<unknown>>();

function inTurn<T>(studio: Studio, task: () => Promise<T>): Promise<T> {
  const result = (queues.get(studio) ?? Promise.resolve()).then(task);
  queues.set(studio, result.catch(() => undefined));
  return result;
}

/** True for each group that became a dataset or waits for an answer. */
export async function importGroups(studio: Studio, groups: readonly SourceGroup[], how: HowToRead = {}): Promise<boolean[]> {
  const keys = groups.map((group) => addEntry(studio, group, how));
  return Promise.all(keys.map((key) => inTurn(studio, () => importEntry(studio, key))));
}

async function importEntry(studio: Studio, key: number): Promise<boolean> {
  const entry = entryOf(studio, key);
  if (entry?.state !== "waiting") return false;
  const work = nextWork();
  change(studio, key, { state: "reading", work, looked: studio.dataRoom.getState().dataset });
  const { format, settings, columns } = entry.how;
  const request: ImportRequest = {
    sources: entry.sources, name: entry.name, onProblems: "ask", ...(format ? { format } : {}), ...(settings ? { settings } : {}), ...(columns ? { columns } : {}),
  };
  const answer = await settle(
    studio.connection.data.importData(request, work, ({ bytesRead, bytesTotal, rows }) => {
      if (entryOf(studio, key)?.state === "reading") change(studio, key, { bytesRead, bytesTotal, ...(rows === undefined ? {} : { rows }) });
    }),
  );
  if (!answer.ok) {
    refused(studio, key, answer.failure);
    return false;
  }
  const outcome = answer.value;
  if (outcome.state === "added") await added(studio, key, outcome.dataset, outcome.report);
  else if (entryOf(studio, key)?.state === "reading") {
    change(studio, key, { state: "asking", pending: outcome.pending, report: outcome.report });
    say(studio, `${entry.name}: ${formatCount(outcome.report.problemCount)} problems. Keep the ${formatCount(outcome.report.rowsKept)} good rows, or discard.`);
  } else await settle(studio.connection.data.discardImport(outcome.pending));
  return true;
}

async function added(studio: Studio, key: number, dataset: DatasetSummary, report: ImportReport | undefined): Promise<void> {
  const { how, looked } = entryOf(studio, key) ?? {};
  change(studio, key, { state: "added", dataset, bytesRead: entryOf(studio, key)?.bytesTotal ?? 0, ...(report ? { report } : {}) });
  studio.previewer.forget(dataset.id);
  await refreshDatasets(studio);
  void keepDataOnce(studio);
  if (how?.replaces !== undefined && how.replaces !== dataset.id) await removeDataset(studio, how.replaces);
  // The list is drawn in one task of the page, the rows in the next: together they are longer than a page may be busy.
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  if (studio.dataRoom.getState().dataset === looked) studio.dataRoom.setState({ dataset: dataset.id });
  say(studio, `${dataset.name} was added.`);
}

const say = ({ session }: Studio, spoken: string): void => session.setState({ spoken });

function refused(studio: Studio, key: number, failure: Failure): void {
  change(studio, key, failure.kind === "canceled" ? { state: "canceled" } : { state: "failed", failure });
}

/** Calls off the group being read, or takes a waiting one out of the queue. */
export async function cancelImport(studio: Studio, key: number): Promise<void> {
  const entry = entryOf(studio, key);
  change(studio, key, { state: "canceled" });
  if (entry?.state === "reading" && entry.work !== undefined) await studio.connection.data.cancelWork(entry.work).catch(() => undefined);
}

/** Keeps the good rows of an import that waits. */
export async function acceptImport(studio: Studio, key: number): Promise<void> {
  const pending = entryOf(studio, key)?.pending;
  if (pending === undefined || entryOf(studio, key)?.state !== "asking") return;
  // A second press finds nothing to answer.
  change(studio, key, { state: "reading" });
  const answer = await settle(studio.connection.data.acceptImport(pending));
  if (answer.ok) await added(studio, key, answer.value, undefined);
  else refused(studio, key, answer.failure);
}

export async function discardImport(studio: Studio, key: number): Promise<void> {
  const pending = entryOf(studio, key)?.pending;
  if (pending === undefined || entryOf(studio, key)?.state !== "asking") return;
  change(studio, key, { state: "discarded" });
  const answer = await settle(studio.connection.data.discardImport(pending));
  if (!answer.ok) refused(studio, key, answer.failure);
}

export async function importFiles(studio: Studio, files: readonly File[]): Promise<void> {
  await importGroups(studio, files.map((file) => ({ name: file.name, sources: [{ kind: "file", file }] })));
}

export async function importText(studio: Studio, name: string, content: string): Promise<boolean> {
  const [isAdded = false] = await importGroups(studio, [{ name, sources: [{ kind: "text", name, content }] }]);
  return isAdded;
}
