/**
 * A token shard is a text as one flat array of token numbers, little-endian, in the narrowest integer that holds the
 * vocabulary. In: a text and a tokenizer kind. Out: a file `shards/<content>.<tokenizer>.tok` and a row of the database that says what is
 * in it; made once, then found again by the content it was made from and the tokenizer that cut it.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import type { Tokenizer, TokenizerKind, TokenizerSettings } from "../tokenizers";
import { alignChunks } from "../tokenizers/alignChunks";
import { readSettings } from "../tokenizers/training";
import { type TokenArray, bytesPerTokenFor, narrow, viewTokens } from "../tokenWidth";
import type { Database } from "./database";
import { type FileStore, type FileWriter, writeWhole } from "./fileStore";
import type { Store } from "./store";

export const SHARDS = "shards";

export const shardInfoSchema = z.object({
  /** The trained tokenizer as JSON text. */
  tokenizer: z.string(),
  vocabularySize: z.number(),
  bytesPerToken: z.union([z.literal(1), z.literal(2), z.literal(4)]),
  tokens: z.number(),
  /** Tokens of each segment, one behind the other. */
  segments: z.array(z.number()),
  /** SHA-256 of the shard. */
  hash: z.string(),
  notes: z.array(z.string()),
});

export type ShardInfo = z.infer<typeof shardInfoSchema>;

export interface Shard extends ShardInfo {
  readonly path: string;
}

/** Rows that are written one behind the other: the training rows of a dataset, say. They can be read any number of times. */
export interface ShardSegment {
  /** Texts of rows, some at a time. */
  read(): AsyncIterable<readonly string[]>;
  /** What stands between two rows; "" where they are pieces of one text. */
  readonly joiner: string;
}

export interface ShardContent {
  /** Of everything that decides which texts the segments hold. */
  readonly hash: string;
  /** Content hashes of the versions that were read: when one of them is gone, so is the shard. */
  readonly versions: readonly string[];
  readonly segments: readonly ShardSegment[];
  /** What a tokenizer may learn from: the training rows, or all where it only collects what there is. */
  learnFrom(what: TokenizerKind["learnsFrom"]): AsyncIterable<string>;
}

/** A kind of tokenizer and what it is trained with (settings that are not the kind's own are left aside), or one that was trained before. */
export type TokenizerChoice =
  | { readonly kind: TokenizerKind; readonly settings: TokenizerSettings }
  | { readonly trained: Tokenizer; /** Of its content. */ readonly hash: string };

/** Other settings give other tokens, so the name tells them too. */
function tokenizerKey(choice: TokenizerChoice): string {
  if ("trained" in choice) return `${choice.trained.id}-${choice.hash.slice(0, 16)}`;
  const { kind, settings } = choice;
  const own = Object.entries(readSettings(kind.settings, settings));
  const suffix = own.length === 0 ? "" : `-${bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(own)))).slice(0, 12)}`;
  return `${kind.id}-${kind.version}${suffix}`;
}

export async function findOrMakeShard(store: Store, content: ShardContent, choice: TokenizerChoice): Promise<Shard> {
  const key = tokenizerKey(choice);
  const { files, database } = store;
  const known = findShard(database, content.hash, key);
  if (known && (await files.open(known.path))?.size === known.tokens * known.bytesPerToken) return known;

  const { tokenizer, notes } = "trained" in choice ? { tokenizer: choice.trained, notes: [] } : await choice.kind.train(content.learnFrom(choice.kind.learnsFrom), { settings: choice.settings });
  const path = `${SHARDS}/${content.hash}.${key}.tok`;
  return writeWhole(
    files,
    (writer) => writeTokens(writer, content.segments, tokenizer),
    async (unfinished, { segments, hash }) => {
      const info: ShardInfo = {
        tokenizer: tokenizer.toJSON(),
        vocabularySize: tokenizer.vocabularySize,
        bytesPerToken: bytesPerTokenFor(tokenizer.vocabularySize),
        tokens: segments.reduce((sum, count) => sum + count, 0),
        segments, hash,
        notes: [...notes],
      };
      await files.move(unfinished, path);
      try {
        listShard(database, content, key, { ...info, path });
      } catch (error) {
        await files.remove(path).catch(() => undefined);
        throw error;
      }
      return { ...info, path };
    },
  );
}

function findShard(database: Database, content: string, tokenizer: string): Shard | undefined {
  const [row] = database.all("SELECT path, info FROM shards WHERE content = ? AND tokenizer = ?", content, tokenizer);
  return row && { ...shardInfoSchema.parse(JSON.parse(String(row["info"]))), path: String(row["path"]) };
}

/** In place of an earlier one of that content and tokenizer. */
export function listShard(database: Database, { hash, versions }: Pick<ShardContent, "hash" | "versions">, tokenizer: string, { path, ...info }: Shard): void {
  database.write(() => {
    database.run("DELETE FROM shards WHERE path = ? OR (content = ? AND tokenizer = ?)", path, hash, tokenizer);
    database.run("INSERT INTO shards VALUES (?, ?, ?, ?, ?, ?)", path, hash, JSON.stringify(versions), tokenizer, info.tokens * info.bytesPerToken, JSON.stringify(info));
  });
}

/** Takes shards off the list that were made of a version that is gone, but for those that a saved run needs. */
export function forgetShards(database: Database): void {
  const hashes = new Set(database.all("SELECT hash FROM versions").map(({ hash }) => hash));
  for (const { path, versions } of database.all("SELECT path, versions FROM shards WHERE path NOT IN (SELECT shard FROM runs)")) {
    const used = versionList.parse(JSON.parse(String(versions)));
    if (!used.every((hash) => hashes.has(hash))) database.run("DELETE FROM shards WHERE path = ?", String(path));
  }
}

const versionList = z.array(z.string());

async function writeTokens(writer: FileWriter, segments: readonly ShardSegment[], tokenizer: Tokenizer): Promise<{ segments: number[]; hash: string }> {
  const width = bytesPerTokenFor(tokenizer.vocabularySize);
  const hasher = sha256.create();
  const counts: number[] = [];
  for (const segment of segments) {
    let tokens = 0;
    for await (const ids of encodeSegment(segment, tokenizer)) {
      const bytes = narrow(ids, width);
      hasher.update(bytes);
      writer.write(bytes);
      tokens += ids.length;
    }
    counts.push(tokens);
  }
  return { segments: counts, hash: bytesToHex(hasher.digest()) };
}

/** Rows of their own end with the tokenizer's separator, where it has one; otherwise the joiner stands behind each, as text. */
async function* encodeSegment({ read, joiner }: ShardSegment, { separator, safeCut, encode }: Tokenizer): AsyncGenerator<Uint32Array, void, undefined> {
  if (joiner === "" || separator === undefined) {
    for await (const chunk of alignChunks(joinTexts(read(), joiner), safeCut)) yield encode(chunk);
    return;
  }
  for await (const texts of read()) yield joinIds(texts.map(encode), separator);
}

export async function* joinTexts(texts: AsyncIterable<readonly string[]>, joiner: string): AsyncGenerator<string, void, undefined> {
  for await (const some of texts) if (some.length > 0) yield some.join(joiner) + joiner;
}

function joinIds(rows: readonly Uint32Array[], separator: number): Uint32Array {
  const ids = new Uint32Array(rows.reduce((sum, row) => sum + row.length + 1, 0));
  let at = 0;
  for (const row of rows) {
    ids.set(row, at);
    at += row.length + 1;
    ids[at - 1] = separator;
  }
  return ids;
}

const READ_TOKENS = 2 ** 19;

/** Tokens [from, to) in chunks. */
export async function* readShard(store: FileStore, shard: Shard, from: number, to: number): AsyncGenerator<TokenArray, void, undefined> {
  const file = await store.open(shard.path);
  for (let at = from; at < to; at += READ_TOKENS) {
    const count = Math.min(READ_TOKENS, to - at);
    const bytes = await file?.read(at * shard.bytesPerToken, count * shard.bytesPerToken);
    if (bytes?.length !== count * shard.bytesPerToken) throw damagedShard(shard.path);
    yield viewTokens(bytes, shard.bytesPerToken);
  }
}

export function damagedShard(path: string): FailureError {
  return new FailureError({
    kind: "storage",
    message: "The prepared tokens of this dataset are missing or cut short.",
    hint: "Press Train again: they are made anew from the text.",
    where: path,
  });
}
