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
  /** SHA-256 of the shard. */
  hash: z.string(),
  notes: z.array(z.string()),
});

export type ShardInfo = z.infer<typeof shardInfoSchema>;

export interface Shard extends ShardInfo {
  readonly path: string;
}

/** A text that can be read from its beginning, any number of times. */
export interface ShardSource {
  /** Of the content. */
  readonly hash: string;
  /** Chunks never split a character. */
  read(): AsyncIterable<string>;
}

/** A kind of tokenizer and what it is trained with; settings that are not the kind's own are left aside. */
export interface TokenizerChoice {
  readonly kind: TokenizerKind;
  readonly settings: TokenizerSettings;
}

/** Other settings give other tokens, so the name tells them too. */
function tokenizerKey({ kind, settings }: TokenizerChoice): string {
  const own = Object.entries(readSettings(kind.settings, settings));
  const suffix = own.length === 0 ? "" : `-${bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(own)))).slice(0, 12)}`;
  return `${kind.id}-${kind.version}${suffix}`;
}

export async function findOrMakeShard(store: Store, source: ShardSource, choice: TokenizerChoice): Promise<Shard> {
  const key = tokenizerKey(choice);
  const { files, database } = store;
  const known = findShard(database, source.hash, key);
  if (known && (await files.open(known.path))?.size === known.tokens * known.bytesPerToken) return known;

  const { tokenizer, notes } = await choice.kind.train(source.read(), { settings: choice.settings });
  const path = `${SHARDS}/${source.hash}.${key}.tok`;
  return writeWhole(
    files,
    (writer) => writeTokens(writer, source, tokenizer),
    async (unfinished, { tokens, hash }) => {
      const info: ShardInfo = {
        tokenizer: tokenizer.toJSON(),
        vocabularySize: tokenizer.vocabularySize,
        bytesPerToken: bytesPerTokenFor(tokenizer.vocabularySize),
        tokens,
        hash,
        notes: [...notes],
      };
      await files.move(unfinished, path);
      try {
        listShard(database, source.hash, key, { ...info, path });
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
export function listShard(database: Database, content: string, tokenizer: string, { path, ...info }: Shard): void {
  database.write(() => {
    database.run("DELETE FROM shards WHERE path = ? OR (content = ? AND tokenizer = ?)", path, content, tokenizer);
    database.run("INSERT INTO shards VALUES (?, ?, ?, ?, ?)", path, content, tokenizer, info.tokens * info.bytesPerToken, JSON.stringify(info));
  });
}

async function writeTokens(writer: FileWriter, source: ShardSource, tokenizer: Tokenizer): Promise<{ tokens: number; hash: string }> {
  const width = bytesPerTokenFor(tokenizer.vocabularySize);
  const hasher = sha256.create();
  let tokens = 0;
  for await (const chunk of alignChunks(source.read(), tokenizer.safeCut)) {
    const ids = tokenizer.encode(chunk);
    const bytes = narrow(ids, width);
    hasher.update(bytes);
    writer.write(bytes);
    tokens += ids.length;
  }
  return { tokens, hash: bytesToHex(hasher.digest()) };
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
