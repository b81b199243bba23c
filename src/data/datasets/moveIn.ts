/**
 * What was kept before there was a database moves in, once: texts become tables, token files that runs refer to keep their names and are
 * listed, then the old files go. In: a store. Out: the same, with nothing left to move. Each text is listed in one transaction before
 * its file goes, so being cut off at any point only means that the rest moves in next time.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { corpora } from "../corpora";
import { readCheckedJson } from "../store/checkedJson";
import { namingStorageFailures } from "../store/failures";
import type { FileReader, FileStore } from "../store/fileStore";
import { SHARDS, listShard, shardInfoSchema } from "../store/shards";
import type { Store } from "../store/store";
import { type StoredRows, writeChunks } from "../table/chunkWriter";
import { createParagraphCutter } from "../table/paragraphs";
import { tasks } from "../tasks";
import { DOCUMENT_COLUMNS, DOCUMENT_JOINER } from "./document";
import { countedColumns, hashContent, listDataset } from "./listing";
import { OLD_SLOTS, OLD_TEXTS, type OldRecord, pathOfText, readOldManifest } from "./oldManifest";
import { type NewVersion, findDataset } from "./rows";

const READ_BYTES = 2 ** 20;

export async function moveInOldFiles(store: Store): Promise<Store> {
  const { files, database } = store;
  if (database.refusal) return store;
  const { datasets, damaged } = await readOldManifest(files);
  const records = damaged ? await recoverRecords(files) : datasets;
  for (const record of records) {
    if (!findDataset(database, record.id)) await namingStorageFailures(`Moving ${record.name} into the new store`, record.name, () => moveIn(store, record));
    await removeQuietly(files, pathOfText(record.hash));
  }
  for (const name of await files.list(SHARDS)) if (name.endsWith(".json")) await removeQuietly(files, `${SHARDS}/${name}`);
  for (const name of await files.list(OLD_TEXTS)) await removeQuietly(files, `${OLD_TEXTS}/${name}`);
  // Last: as long as the list is there, there may be something to move.
  for (const path of await existing(files, OLD_SLOTS)) await removeQuietly(files, path);
  return store;
}

async function moveIn(store: Store, record: OldRecord): Promise<void> {
  const file = await store.files.open(pathOfText(record.hash));
  if (file?.size !== record.bytes) return;
  const { rows, hash } = await storeText(store, file);
  try {
    const { id, name, origin, summary, source, prompt, notes } = record;
    const content = { columns: countedColumns(rows, DOCUMENT_COLUMNS), joiner: DOCUMENT_JOINER, chunks: rows.chunks };
    const version: NewVersion = { kind: "original", hash: await hashContent(content), ...content };
    const edition = origin === "user" ? {} : { edition: record.hash };
    const damage = hash === record.hash ? [] : ["The text is not what it was when it was stored: the disk has changed it somewhere."];
    const shards = await readOldShards(store.files, record.hash);
    store.database.write(() => {
      listDataset(store, { id, name, origin, summary, prompt, addedAt: Date.now(), ...edition, ...(source === undefined ? {} : { source }) }, version, [...notes, ...damage]);
      for (const { tokenizer, shard } of shards) listShard(store.database, { hash: version.hash, versions: [version.hash] }, tokenizer, shard);
    });
  } finally {
    rows.hold.release();
  }
}

async function storeText({ blobs }: Store, file: FileReader): Promise<{ rows: StoredRows; hash: string }> {
  const writer = writeChunks(blobs);
  const cutter = createParagraphCutter();
  const hasher = sha256.create();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const store = (paragraphs: readonly string[]): Promise<void> => writer.rows([paragraphs], paragraphs.length);
  writer.columns(DOCUMENT_COLUMNS);
  try {
    for (let at = 0; at < file.size; at += READ_BYTES) {
      const bytes = await file.read(at, READ_BYTES);
      hasher.update(bytes);
      await store(cutter.push(decoder.decode(bytes, { stream: true })));
    }
    await store(cutter.push(decoder.decode()));
    await store(cutter.finish());
    return { rows: await writer.finish(), hash: bytesToHex(hasher.digest()) };
  } catch (error) {
    writer.discard();
    throw error;
  }
}

/** A whole text was one segment. */
const oldInfoSchema = shardInfoSchema.omit({ segments: true });

/** The token files of a text: what a saved run trains on, by the same path as before. */
async function readOldShards(files: FileStore, hash: string) {
  const names = (await files.list(SHARDS)).filter((name) => name.startsWith(`${hash}.`) && name.endsWith(".json"));
  const shards = await Promise.all(
    names.map(async (name) => {
      const path = `${SHARDS}/${name.replace(/json$/, "tok")}`;
      const info = await readCheckedJson(files, `${SHARDS}/${name}`, oldInfoSchema);
      const isWhole = typeof info !== "string" && (await files.open(path))?.size === info.tokens * info.bytesPerToken;
      return isWhole ? [{ tokenizer: name.slice(hash.length + 1, -".json".length), shard: { ...info, segments: [info.tokens], path } }] : [];
    }),
  );
  return shards.flat();
}

/** Both copies of the list were damaged: the texts are there, their names are not. Samples and tasks come back by themselves. */
async function recoverRecords(files: FileStore): Promise<OldRecord[]> {
  const records: OldRecord[] = [];
  for (const name of await files.list(OLD_TEXTS)) {
    const hash = name.replace(/\.txt$/, "");
    const file = await files.open(`${OLD_TEXTS}/${name}`);
    if (!file || [...corpora, ...tasks].some(({ sha256: known }) => known === hash)) continue;
    const notes = ["The list of datasets was damaged; this text was found again without its name."];
    records.push({ id: `text-${hash.slice(0, 16)}`, name: `Recovered text ${records.length + 1}`, origin: "user", summary: "Your text, recovered.", bytes: file.size, characters: 0, prompt: "", notes, hash });
  }
  return records;
}

async function existing(files: FileStore, paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(async (path) => ((await files.open(path)) ? [path] : [])));
  return found.flat();
}

async function removeQuietly(files: FileStore, path: string): Promise<void> {
  await files.remove(path).catch(() => undefined);
}
