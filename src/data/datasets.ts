/**
 * The datasets a user can choose: samples, generated tasks and their own. In: a store and a way to fetch a sample. Out: list, import,
 * tables of rows, changes, removal, and preparation for training. Samples and tasks are stored when they are first used, by the same path
 * as an imported text. A change is either made whole or not at all.
 */
import { SAVED_TOKENIZER } from "../settings/experiment";
import { FailureError } from "../settings/failure";
import { createBreath } from "./breath";
import { type CleaningOptions, cleanedKey, recipeSchema, writeCleaned } from "./datasets/cleaned";
import { type BuiltIn, cannotRemove, damagedSample, listBuiltIns } from "./datasets/builtIns";
import { type CellPlace, editCell } from "./datasets/edit";
import { DOCUMENT_COLUMNS, DOCUMENT_JOINER, storeDocument } from "./datasets/document";
import { type OpenVersion, countedColumns, findSame, hashContent, listDataset, openVersion, summarize } from "./datasets/listing";
import { moveInOldFiles } from "./datasets/moveIn";
import { type DatasetRow, type NewVersion, type VersionKind, type VersionRow, findDataset, findVersion, readChunks, readDatasets, writeColumns, writeDataset, writeVersion } from "./datasets/rows";
import { findMix, mixesWith } from "./datasets/mixes";
import { openTokenizer } from "./datasets/savedTokenizers";
import type { TextSource } from "./formats/plainText";
import type { ReadOptions } from "./formats/readBytes";
import { prepareTokens } from "./preparing/prepare";
import { type TextSourceOfRows, openSource } from "./preparing/source";
import { namingStorageFailures } from "./store/failures";
import type { TokenizerChoice } from "./store/shards";
import { type Store, tidyStore } from "./store/store";
import { isQuota, noRoom } from "./store/usage";
import { type ChunkWriter, type StoredRows, writeChunks } from "./table/chunkWriter";
import { readOpening } from "./preparing/opening";
import { type TokenizerSettings, findTokenizer } from "./tokenizers";
import type { ColumnChoice, Column, DatasetSummary, PreparedData, Recipe, RecipeCounts } from "./types";

export { textSource } from "./datasets/builtIns";
export type { OpenVersion } from "./datasets/listing";

/** Rows that are stored, and what they shall be listed as. */
export interface NewDataset {
  readonly name: string;
  readonly rows: StoredRows;
  /** Types and roles by place; names and kinds are those of the rows. */
  readonly columns: readonly Column[];
  readonly joiner: string;
  readonly notes: readonly string[];
  /** One sentence that stays true whatever is typed into the rows; absent: rows and columns are counted when it is listed. */
  readonly summary?: string;
}

export interface Datasets {
  /** Opens the store if it is not open; whoever keeps something of their own there asks here. */
  store(): Promise<Store>;
  list(): Promise<DatasetSummary[]>;
  /** A plain text as a document: its rows are its paragraphs. */
  importText(source: TextSource, options?: ReadOptions): Promise<DatasetSummary>;
  /**
   * For rows to come: `add` lists them, `discard` gives their room back. Fails at once where `expectedBytes` (a file's
   * size, a guess) do not fit.
   */
  startRows(expectedBytes?: number): Promise<ChunkWriter>;
  /** Lists stored rows in one transaction; whatever happens, they are not held any more. */
  add(dataset: NewDataset): Promise<DatasetSummary>;
  /** The rows: "training" are the cleaned ones where there are any. A sample or task is stored now if it was not. */
  open(id: string, version: VersionKind | "training"): Promise<OpenVersion>;
  rename(id: string, name: string): Promise<DatasetSummary>;
  /** Roles and types; `include` matters to an import only. */
  describeColumns(id: string, columns: readonly ColumnChoice[]): Promise<DatasetSummary>;
  editCell(id: string, place: CellPlace, text: string): Promise<DatasetSummary>;
  /** Makes the cleaned rows beside the original ones, which stay; they are what training sees. */
  clean(id: string, recipe: Recipe, options?: CleaningOptions): Promise<{ readonly dataset: DatasetSummary; readonly counts: RecipeCounts }>;
  dropCleaned(id: string): Promise<DatasetSummary>;
  remove(id: string): Promise<void>;
  readText(id: string, characters: number): Promise<string>;
  /** `tokenizerId` is a kind, trained now with the settings, or `saved:` and the id of one that was kept. `heldOut` counts where no split was chosen. */
  prepare(id: string, tokenizerId: string, heldOut: number, tokenizerSettings?: TokenizerSettings): Promise<PreparedData>;
  /** What training reads of a dataset that is no mix. */
  openSource(id: string): Promise<TextSourceOfRows>;
  /** Removes what crashed sessions left behind. */
  tidy(): Promise<void>;
}

export interface DatasetsOptions {
  /** Asked on first use, and again after it failed. */
  readonly openStore: () => Promise<Store>;
  /** The asset of a sample, as a source. */
  readonly fetchSample: (id: string) => Promise<TextSource>;
}

export function openDatasets({ openStore, fetchSample }: DatasetsOptions): Datasets {
  const builtIns = listBuiltIns(fetchSample);
  const storing = new Map<string, Promise<void>>();
  let opening: Promise<Store> | undefined;
  // The second of two equal questions finds the shard that the first one made.
  const preparations = createLine();
  const edits = createLine();

  const store = (): Promise<Store> => {
    const asked = (opening ??= openStore().then(moveInOldFiles));
    asked.catch(() => {
      if (opening === asked) opening = undefined;
    });
    return asked;
  };

  const within = async <T>(doing: string, where: string, task: (store: Store) => Promise<T> | T): Promise<T> => {
    try {
      return await namingStorageFailures(doing, where, async () => task(await store()));
    } catch (error) {
      throw isQuota(error) && opening ? noRoom(doing, where, (await opening).database, error) : error;
    }
  };

  const storeOnce = (opened: Store, builtIn: BuiltIn): Promise<void> => {
    const { id } = builtIn.summary;
    const running = storing.get(id) ?? orTidy(opened, () => storeBuiltIn(opened, builtIn)).finally(() => storing.delete(id));
    storing.set(id, running);
    return running;
  };

  const open = async (opened: Store, id: string, kind: VersionKind | "training"): Promise<OpenVersion> => {
    const builtIn = builtIns.find(({ summary }) => summary.id === id);
    if (builtIn && !(await isStored(opened, builtIn))) await storeOnce(opened, builtIn);
    const dataset = requireDataset(opened, id);
    const wanted = kind === "training" ? "cleaned" : kind;
    const version = findVersion(opened.database, id, wanted) ?? (kind === "training" ? findVersion(opened.database, id, "original") : undefined);
    if (!version) throw noVersion(dataset);
    return openVersion(opened, dataset, version);
  };

  const sourceOf = async (opened: Store, id: string): Promise<TextSourceOfRows> => {
    const original = await open(opened, id, "original");
    const fresh = await freshRows(opened, original);
    return fresh ? openSource(opened, fresh, original) : sourceOf(opened, id);
  };

  const summaryOf = (opened: Store, id: string): DatasetSummary => summarize(opened, requireDataset(opened, id));

  return {
    store,
    list: () =>
      within("Listing the datasets", "datasets", (opened) => {
        const rows = readDatasets(opened.database);
        const brought = builtIns.map(({ summary }) => {
          const row = rows.find(({ id }) => id === summary.id);
          return row ? { ...summarize(opened, row), summary: summary.summary } : summary;
        });
        return [...brought, ...rows.filter(({ id }) => !builtIns.some(({ summary }) => summary.id === id)).map((row) => summarize(opened, row))];
      }),
    importText: (source, options) => within(`Storing ${source.name}`, source.name, (opened) => orTidy(opened, () => storeOwnText(opened, source, options))),
    startRows: (expectedBytes = 0) =>
      within("Storing rows", "store", async (opened) => {
        if (expectedBytes > 0 && !(await opened.files.hasRoomFor(expectedBytes))) throw noRoom("Storing rows", "store", opened.database);
        const writer = writeChunks(opened.blobs);
        const discard = (): void => {
          writer.discard();
          tidyStore(opened).catch(() => undefined);
        };
        return { ...writer, discard };
      }),
    add: (dataset) => within(`Storing ${dataset.name}`, dataset.name, (opened) => orTidy(opened, () => addDataset(opened, dataset))),
    open: (id, kind) => within("Opening the dataset", id, (opened) => open(opened, id, kind)),
    rename: (id, name) =>
      within("Renaming the dataset", id, (opened) => {
        const dataset = requireDataset(opened, id);
        writeDataset(opened.database, { ...dataset, name: tidyName(name) || dataset.name });
        return summaryOf(opened, id);
      }),
    describeColumns: (id, choices) =>
      within("Describing the columns", id, async (opened) => {
        await open(opened, id, "original");
        opened.database.write(() => describeColumns(opened, id, choices));
        return summaryOf(opened, id);
      }),
    editCell: (id, place, text) =>
      edits(() =>
        within("Changing the cell", id, async (opened) => {
          await editCell(opened, await open(opened, id, "original"), place, text);
          return summaryOf(opened, id);
        }),
      ),
    clean: (id, recipe, options = {}) =>
      within("Storing the cleaned rows", id, async (opened) => {
        const counts = await orTidy(opened, async () => cleanRows(opened, await open(opened, id, "original"), recipe, options));
        return { dataset: summaryOf(opened, id), counts };
      }),
    dropCleaned: (id) =>
      within("Taking the cleaned rows away", id, async (opened) => {
        requireDataset(opened, id);
        opened.database.run("DELETE FROM versions WHERE dataset = ? AND kind = 'cleaned'", id);
        await tidyStore(opened);
        return summaryOf(opened, id);
      }),
    remove: (id) =>
      within("Removing the dataset", id, async (opened) => {
        const builtIn = builtIns.find(({ summary }) => summary.id === id);
        if (builtIn) throw cannotRemove(builtIn.summary);
        const { name } = requireDataset(opened, id);
        const mixes = mixesWith(opened.database, id);
        if (mixes.length > 0) throw partOfMixes(name, mixes);
        opened.database.run("DELETE FROM datasets WHERE id = ?", id);
        await tidyStore(opened);
      }),
    readText: (id, characters) =>
      within("Opening the text", id, async (opened) => readOpening((await open(opened, id, "training")).table, Math.max(0, Math.floor(characters)))),
    prepare(id, tokenizerId, heldOut, tokenizerSettings = {}) {
      const prepareNow = (): Promise<PreparedData> =>
        within("Preparing the dataset", id, async (opened) => {
          const mix = findMix(opened.database, id);
          const parts = mix?.parts ?? [{ dataset: id, weight: 1 }];
          const total = parts.reduce((sum, { weight }) => sum + weight, 0);
          const sources = [];
          for (const { dataset, weight } of parts) {
            sources.push({ source: await sourceOf(opened, dataset), share: weight / total });
          }
          const name = mix?.name ?? sources[0]!.source.name;
          return prepareTokens(opened, { id, name, sources }, chooseTokenizer(opened, tokenizerId, tokenizerSettings), heldOut);
        });
      return preparations(prepareNow);
    },
    openSource: (id) => within("Opening the text", id, (opened) => sourceOf(opened, id)),
    tidy: () => within("Tidying", "store", tidyStore),
  };
}

/** Tasks that are done one after another, in the order in which they came. */
function createLine(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}

function chooseTokenizer({ database }: Store, id: string, settings: TokenizerSettings): TokenizerChoice {
  if (!id.startsWith(SAVED_TOKENIZER)) return { kind: findTokenizer(id), settings };
  const { tokenizer, hash } = openTokenizer(database, id.slice(SAVED_TOKENIZER.length));
  return { trained: tokenizer, hash };
}

/** `replaces`: the cleaned rows that these are to take the place of; where others are there by then, nothing is written. */
async function cleanRows(store: Store, original: OpenVersion, recipe: Recipe, options: CleaningOptions, replaces?: VersionRow): Promise<RecipeCounts> {
  const { rows, columns, madeFrom, counts } = await writeCleaned(store, original, recipe, writeChunks(store.blobs), options);
  try {
    // The numbers of the rows lie behind the columns and are not listed.
    const listed = { ...rows, columns: rows.columns.slice(0, columns.length) };
    const content = { columns: countedColumns(listed, columns), joiner: original.version.joiner, chunks: rows.chunks };
    const cleaned: NewVersion = { kind: "cleaned", hash: await hashContent(content), ...content, recipe: JSON.stringify(recipe), madeFrom };
    await createBreath(options.signal, `The cleaning of ${original.dataset.name}`)();
    store.database.write(() => {
      const { id } = requireDataset(store, original.dataset.id);
      if (!replaces || isSame(findVersion(store.database, id, "cleaned"), replaces)) writeVersion(store.database, id, cleaned);
    });
  } finally {
    rows.hold.release();
  }
  return counts;
}

/** Not by their numbers, which are given again. */
const isSame = (one: VersionRow | undefined, other: VersionRow): boolean => one?.hash === other.hash && one.madeFrom === other.madeFrom && one.recipe === other.recipe;

/**
 * The rows to train on: cleaned where a recipe is applied, and cleaned again where they are no longer what it makes. Undefined where
 * another recipe was applied meanwhile, or this one taken away.
 */
async function freshRows(store: Store, original: OpenVersion): Promise<OpenVersion | undefined> {
  const { dataset } = original;
  const cleaned = findVersion(store.database, dataset.id, "cleaned");
  if (!cleaned) return original;
  const recipe = recipeSchema.parse(JSON.parse(cleaned.recipe ?? "[]"));
  if (cleaned.madeFrom === cleanedKey(store, original, recipe)) return openVersion(store, dataset, cleaned);
  await cleanRows(store, original, recipe, {}, cleaned);
  const made = findVersion(store.database, dataset.id, "cleaned");
  return made?.madeFrom === cleanedKey(store, original, recipe) ? openVersion(store, dataset, made) : undefined;
}

function partOfMixes(name: string, mixes: readonly string[]): FailureError {
  return new FailureError({ kind: "bad-settings", message: `${name} is part of ${mixes.map((mix) => `the mix ${mix}`).join(" and ")}.`, hint: "Take it out of the mix first, or remove the mix.", where: name });
}

function requireDataset({ database }: Store, id: string): DatasetRow {
  const dataset = findDataset(database, id);
  if (dataset) return dataset;
  throw new FailureError({ kind: "bad-settings", message: `There is no dataset "${id}" in this browser.`, hint: "Choose one from the list, or import the text again.", where: "dataset" });
}

/** What failed gives its room back now, not at the next start. */
async function orTidy<T>(store: Store, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    await tidyStore(store).catch(() => undefined);
    throw error;
  }
}

const tidyName = (name: string): string => Array.from(name.trim()).slice(0, 120).join("");

async function storeOwnText(store: Store, source: TextSource, options?: ReadOptions): Promise<DatasetSummary> {
  if (!(await store.files.hasRoomFor(source.size))) throw noRoom(`Storing ${source.name}`, source.name, store.database);
  const name = tidyName(source.name) || "Pasted text";
  // Spelled out, because the members of a File are getters of its prototype, which a spread does not copy.
  const { size, encoding } = source;
  const named: TextSource = { name, size, stream: () => source.stream(), ...(encoding ? { encoding } : {}) };
  const { rows, report } = await storeDocument(store.blobs, named, options);
  const summary = `Your text, read as ${report.encoding}.`;
  return addDataset(store, { name, rows, columns: DOCUMENT_COLUMNS, joiner: DOCUMENT_JOINER, notes: report.notes, summary });
}

async function addDataset(store: Store, { name, rows, columns, joiner, notes, summary }: NewDataset): Promise<DatasetSummary> {
  try {
    const content = { columns: countedColumns(rows, columns), joiner, chunks: rows.chunks };
    const version: NewVersion = { kind: "original", hash: await hashContent(content), ...content };
    const same = findSame(store, version);
    if (same) return summarize(store, same);
    const dataset: DatasetRow = { id: freeId(store, version.hash), name: tidyName(name) || "Table", origin: "user", summary: summary ?? "", prompt: "", addedAt: Date.now() };
    // The prompt is read from the rows before they are listed: what cannot be read shall not be listed.
    const { table } = openVersion(store, dataset, { ...version, id: -1, rows: rows.rows }, rows.chunks);
    listDataset(store, { ...dataset, prompt: firstWords(await readOpening(table, 400)) }, version, notes);
    return summarize(store, requireDataset(store, dataset.id));
  } finally {
    rows.hold.release();
  }
}

/** From the content, so that a link that names the dataset finds it on another machine with the same file. */
function freeId({ database }: Store, hash: string): string {
  const id = `data-${hash.slice(0, 16)}`;
  for (let number = 1; ; number++) {
    const free = number === 1 ? id : `${id}-${number}`;
    if (!findDataset(database, free)) return free;
  }
}

/** A few words to begin a sample with: the first of the text, to a word's end. */
function firstWords(opening: string): string {
  const words = opening.trim().split(/\s+/).slice(0, 3).join(" ");
  return Array.from(words).slice(0, 24).join("") || opening.trim().slice(0, 1);
}

/** Whether this edition of it is stored, with all its files. */
async function isStored({ database, blobs }: Store, { summary, sha256 }: BuiltIn): Promise<boolean> {
  const dataset = findDataset(database, summary.id);
  const version = dataset?.edition === sha256 ? findVersion(database, summary.id, "original") : undefined;
  if (!version) return false;
  for (const { blob, bytes } of readChunks(database, version.id)) if ((await blobs.open(blob))?.size !== bytes) return false;
  return true;
}

async function storeBuiltIn(store: Store, { summary, open, sha256 }: BuiltIn): Promise<void> {
  const document = await storeDocument(store.blobs, await open()).catch((error: unknown) => {
    throw error instanceof FailureError && error.failure.kind === "bad-file" ? damagedSample(summary) : error;
  });
  try {
    if (document.sha256 !== sha256) throw damagedSample(summary);
    const content = { columns: countedColumns(document.rows, DOCUMENT_COLUMNS), joiner: DOCUMENT_JOINER, chunks: document.rows.chunks };
    const { id, name, origin, summary: sentence, source, prompt } = summary;
    const dataset: DatasetRow = { id, name, origin, summary: sentence, prompt, edition: sha256, addedAt: Date.now(), ...(source === undefined ? {} : { source }) };
    const old = findVersion(store.database, id, "original");
    listDataset(store, dataset, { kind: "original", hash: await hashContent(content), ...content }, document.report.notes);
    // Of another edition nothing is needed any more.
    if (old) await tidyStore(store);
  } finally {
    document.rows.hold.release();
  }
}

function describeColumns({ database }: Store, id: string, choices: readonly ColumnChoice[]): void {
  for (const kind of ["original", "cleaned"] as const) {
    const version = findVersion(database, id, kind);
    if (!version) continue;
    const described = version.columns.map((column) => {
      const choice = choices.find(({ name }) => name === column.name);
      return choice ? { ...column, role: choice.role, type: choice.type } : column;
    });
    writeColumns(database, version.id, described);
  }
}

function noVersion({ name }: DatasetRow): FailureError {
  return new FailureError({ kind: "bad-settings", message: `${name} has no such rows.`, hint: "Apply a recipe to it first, or look at the original rows.", where: name });
}
