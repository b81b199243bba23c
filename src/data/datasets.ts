/**
 * The datasets a user can choose: samples, generated tasks and their own texts. In: a store and a way to fetch a sample. Out:
 * list, import, preview, removal, and preparation for training. Samples and tasks are stored when they are first used, by
 * the same path as an imported file. A change is either made whole or not at all.
 */
import { FailureError } from "../settings/failure";
import { corpora } from "./corpora";
import type { TextSource } from "./formats/plainText";
import type { ReadOptions } from "./formats/readBytes";
import { prepareRecord } from "./prepare";
import { namingStorageFailures } from "./store/failures";
import { type FileReader, type FileStore, UNFINISHED } from "./store/fileStore";
import { DATASETS, type DatasetRecord, type Manifest, pathOfText, readManifest, writeManifest } from "./store/manifest";
import { SHARDS, listShards } from "./store/shards";
import { type StoredText, readOpening, readStoredText, storeText } from "./store/storedText";
import { tasks } from "./tasks";
import type { TokenizerSettings } from "./tokenizers";
import type { DatasetSummary, PreparedData } from "./types";

export interface Datasets {
  list(): Promise<DatasetSummary[]>;
  importText(source: TextSource, options?: ReadOptions): Promise<DatasetSummary>;
  remove(id: string): Promise<void>;
  readText(id: string, characters: number): Promise<string>;
  prepare(id: string, tokenizerId: string, validationFraction: number, tokenizerSettings?: TokenizerSettings): Promise<PreparedData>;
  /** Removes what crashed sessions left behind. */
  tidy(): Promise<void>;
}

export interface DatasetsOptions {
  readonly store: FileStore;
  /** The asset of a sample, as a source. */
  readonly fetchSample: (id: string) => Promise<TextSource>;
}

/** A dataset that Descent brings along: its description, and how its text is had. */
interface BuiltIn {
  readonly summary: DatasetSummary;
  open(): Promise<TextSource>;
  /** What the text must hash to; another hash in the store is another edition. */
  readonly sha256: string;
}

export function openDatasets({ store, fetchSample }: DatasetsOptions): Datasets {
  const builtIns = listBuiltIns(fetchSample);
  const opening = new Map<string, Promise<DatasetRecord>>();
  let lastPreparation: Promise<unknown> = Promise.resolve();

  /** The stored dataset; a sample or task is stored now if it was not, or if this version brings another edition. */
  const openRecord = async (id: string): Promise<DatasetRecord> => {
    const record = (await loadManifest(store)).datasets.find((entry) => entry.id === id);
    const builtIn = builtIns.find((entry) => entry.summary.id === id);
    const isCurrent = record && (!builtIn || builtIn.sha256 === record.hash);
    if (isCurrent && (await store.open(pathOfText(record.hash)))?.size === record.bytes) return record;
    if (builtIn) return openOnce(id, builtIn);
    throw record ? lostText(record) : unknownDataset(id);
  };

  const openOnce = (id: string, builtIn: BuiltIn): Promise<DatasetRecord> => {
    const running = opening.get(id) ?? storeBuiltIn(store, builtIn).finally(() => opening.delete(id));
    opening.set(id, running);
    return running;
  };

  return {
    list: () =>
      namingStorageFailures("Listing the datasets", "datasets", async () => {
        const { datasets } = await loadManifest(store);
        const own = datasets.filter((record) => record.origin === "user");
        return [...builtIns.map(({ summary }) => datasets.find(({ id }) => id === summary.id) ?? summary), ...own].map(summarize);
      }),
    importText: (source, options = {}) => namingStorageFailures(`Storing ${source.name}`, source.name, async () => summarize(await storeOwn(store, source, options))),
    remove: (id) => namingStorageFailures("Removing the dataset", id, () => removeDataset(store, id, builtIns)),
    readText: (id, characters) =>
      namingStorageFailures("Opening the text", id, async () => readOpening(await openText(store, await openRecord(id)), Math.max(0, Math.floor(characters)))),
    prepare(id, tokenizerId, validationFraction, tokenizerSettings) {
      const prepareNow = (): Promise<PreparedData> =>
        namingStorageFailures("Preparing the dataset", id, async () => {
          const record = await openRecord(id);
          return prepareRecord(store, record, () => openText(store, record), tokenizerId, validationFraction, tokenizerSettings);
        });
      // One after another: the second of two equal questions finds the shard that the first one made.
      const result = lastPreparation.then(prepareNow);
      lastPreparation = result.catch(() => undefined);
      return result;
    },
    tidy: () => store.exclusively(() => tidyStore(store)),
  };
}

async function openText(store: FileStore, record: DatasetRecord): Promise<FileReader> {
  const file = await store.open(pathOfText(record.hash));
  if (file?.size === record.bytes) return file;
  throw lostText(record);
}

function listBuiltIns(fetchSample: DatasetsOptions["fetchSample"]): BuiltIn[] {
  const notYetOpened = { bytes: 0, characters: 0 };
  const samples = corpora.map(({ id, name, summary, source, prompt, sha256 }): BuiltIn => {
    return { summary: { id, name, origin: "sample", summary, source, prompt, ...notYetOpened }, open: () => fetchSample(id), sha256 };
  });
  const generated = tasks.map(({ id, name, summary, prompt, sha256, generate }): BuiltIn => {
    return { summary: { id, name, origin: "task", summary, prompt, ...notYetOpened }, open: () => Promise.resolve(textSource(name, generate())), sha256 };
  });
  return [...samples, ...generated];
}

/** A string as a source; nothing is guessed about its encoding. */
export function textSource(name: string, content: string): TextSource {
  const blob = new Blob([content]);
  return { name, size: blob.size, stream: () => blob.stream(), encoding: "utf-8" };
}

function summarize({ id, name, origin, summary, bytes, characters, source, prompt, notes }: DatasetSummary): DatasetSummary {
  return { id, name, origin, summary, bytes, characters, prompt, ...(source ? { source } : {}), ...(notes?.length ? { notes } : {}) };
}

/** The list of datasets; made again from the stored texts when both its copies are damaged. */
async function loadManifest(store: FileStore): Promise<Manifest> {
  const manifest = await readManifest(store);
  if (!manifest.damaged) return manifest;
  const datasets: DatasetRecord[] = [];
  for (const name of await store.list(DATASETS)) {
    const hash = name.replace(/\.txt$/, "");
    const file = await store.open(`${DATASETS}/${name}`);
    // Samples and tasks come back by themselves.
    if (file && ![...corpora, ...tasks].some(({ sha256 }) => sha256 === hash)) datasets.push(await recoverRecord(hash, file, datasets.length + 1));
  }
  return { ...manifest, datasets };
}

async function recoverRecord(hash: string, file: FileReader, number: number): Promise<DatasetRecord> {
  let characters = 0;
  for await (const chunk of readStoredText(file)) characters += Array.from(chunk).length;
  const report = { characters, opening: await readOpening(file, 400), encoding: "UTF-8", notes: ["The list of datasets was damaged; this text was found again without its name."] };
  return describeOwn(`Recovered text ${number}`, { report, hash, bytes: file.size });
}

function describeOwn(name: string, { report, hash, bytes }: StoredText): DatasetRecord {
  const { characters, notes, opening, encoding } = report;
  const summary = `Your text: ${characters.toLocaleString("en")} characters, read as ${encoding}.`;
  return { id: `text-${hash.slice(0, 16)}`, name, origin: "user", summary, bytes, characters, prompt: firstWords(opening), notes: [...notes], hash };
}

/** A few words to begin a sample with: the first of the text, to a word's end. */
function firstWords(opening: string): string {
  const words = opening.trim().split(/\s+/).slice(0, 3).join(" ");
  return Array.from(words).slice(0, 24).join("") || opening.trim().slice(0, 1);
}

function storeOwn(store: FileStore, source: TextSource, options: ReadOptions): Promise<DatasetRecord> {
  const name = Array.from(source.name.trim()).slice(0, 120).join("") || "Pasted text";
  // Spelled out, because the members of a File are getters of its prototype, which a spread does not copy.
  const { size, encoding } = source;
  const named: TextSource = { name, size, stream: () => source.stream(), ...(encoding ? { encoding } : {}) };
  return storeText(store, named, options, (unfinished, text) => addRecord(store, unfinished, describeOwn(name, text)));
}

async function storeBuiltIn(store: FileStore, { summary, open, sha256 }: BuiltIn): Promise<DatasetRecord> {
  const source = await open();
  try {
    return await storeText(store, source, {}, async (unfinished, { report, hash, bytes }) => {
      if (sha256 !== hash) throw damagedSample(summary);
      return addRecord(store, unfinished, { ...summary, bytes, characters: report.characters, notes: [...report.notes], hash });
    });
  } catch (error) {
    throw error instanceof FailureError && error.failure.kind === "bad-file" ? damagedSample(summary) : error;
  }
}

/** Runs exclusively. Moves the text into place, then lists it; takes the text back if it cannot be listed. */
async function addRecord(store: FileStore, unfinished: string, record: DatasetRecord): Promise<DatasetRecord> {
  const manifest = await loadManifest(store);
  const path = pathOfText(record.hash);
  const old = manifest.datasets.find(({ id }) => id === record.id);
  const isStored = (await store.open(path)) !== undefined;
  // The move also heals a stored text that was cut short.
  await store.move(unfinished, path);
  if (old?.hash === record.hash) return old;
  const others = manifest.datasets.filter(({ id }) => id !== record.id);
  try {
    await writeManifest(store, manifest, [...others, record]);
  } catch (error) {
    if (!isStored && !(await isListed(store, record))) await store.remove(path).catch(() => undefined);
    throw error;
  }
  if (old) await removeFiles(store, old, others);
  return record;
}

async function isListed(store: FileStore, { hash }: DatasetRecord): Promise<boolean> {
  return (await readManifest(store)).datasets.some((entry) => entry.hash === hash);
}

function removeDataset(store: FileStore, id: string, builtIns: readonly BuiltIn[]): Promise<void> {
  return store.exclusively(async () => {
    const builtIn = builtIns.find(({ summary }) => summary.id === id);
    if (builtIn) throw cannotRemove(builtIn.summary);
    const manifest = await loadManifest(store);
    const record = manifest.datasets.find((entry) => entry.id === id);
    if (!record) throw unknownDataset(id);
    const others = manifest.datasets.filter((entry) => entry !== record);
    await writeManifest(store, manifest, others);
    await removeFiles(store, record, others);
  });
}

/** The text and everything made from it, unless another dataset has the same text. */
async function removeFiles(store: FileStore, { hash }: DatasetRecord, others: readonly DatasetRecord[]): Promise<void> {
  if (others.some((other) => other.hash === hash)) return;
  for (const path of [...(await listShards(store, hash)), pathOfText(hash)]) {
    // A shard that a run has open goes with the next tidying.
    await store.remove(path).catch(() => undefined);
  }
}

async function tidyStore(store: FileStore): Promise<void> {
  const manifest = await readManifest(store);
  const isKept = (name: string): boolean => manifest.datasets.some(({ hash }) => name.startsWith(hash));
  const left = (await store.list(UNFINISHED)).map((name) => `${UNFINISHED}/${name}`);
  if (!manifest.damaged) {
    for (const folder of [DATASETS, SHARDS]) {
      left.push(...(await store.list(folder)).filter((name) => !isKept(name)).map((name) => `${folder}/${name}`));
    }
  }
  // Files that are open belong to someone.
  for (const path of left) await store.remove(path).catch(() => undefined);
}

function unknownDataset(id: string): FailureError {
  return new FailureError({ kind: "bad-settings", message: `There is no dataset "${id}" in this browser.`, hint: "Choose one from the list, or import the text again.", where: "dataset" });
}

function lostText({ name }: DatasetRecord): FailureError {
  return new FailureError({
    kind: "storage",
    message: `The stored text of ${name} is gone or cut short; the browser may have cleared this site's data.`,
    hint: "Remove it from the list and import it again.",
    where: name,
  });
}

function damagedSample({ name }: DatasetSummary): FailureError {
  return new FailureError({ kind: "bad-file", message: `The sample ${name} did not arrive whole.`, hint: "Check the connection, reload the page and choose it again.", where: name });
}

function cannotRemove({ name }: DatasetSummary): FailureError {
  return new FailureError({ kind: "bad-settings", message: `${name} comes with Descent and cannot be removed.`, hint: "Only texts you brought can be removed.", where: name });
}
