/**
 * A token shard is a text as one flat array of token numbers, little-endian, in the narrowest integer that holds the
 * vocabulary. In: a stored text and a tokenizer kind. Out: `shards/<text>.<tokenizer>.tok` beside a small JSON file that
 * says what is in it; made once, then found again by its name, which tells the content it was made from.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import type { Tokenizer, TokenizerKind, TokenizerSettings } from "../tokenizers";
import { alignChunks } from "../tokenizers/alignChunks";
import { readSettings } from "../tokenizers/training";
import { type TokenArray, bytesPerTokenFor, narrow, viewTokens } from "../tokenWidth";
import { readCheckedJson, writeCheckedJson } from "./checkedJson";
import { type FileReader, type FileStore, type FileWriter, writeWhole } from "./fileStore";
import { readStoredText } from "./storedText";

export const SHARDS = "shards";

const infoSchema = z.object({
  /** The trained tokenizer as JSON text. */
  tokenizer: z.string(),
  vocabularySize: z.number(),
  bytesPerToken: z.union([z.literal(1), z.literal(2), z.literal(4)]),
  tokens: z.number(),
  /** SHA-256 of the shard. */
  hash: z.string(),
  notes: z.array(z.string()),
});

export type ShardInfo = z.infer<typeof infoSchema>;

export interface Shard extends ShardInfo {
  readonly path: string;
}

/** A kind of tokenizer and what it is trained with; settings that are not the kind's own are left aside. */
export interface TokenizerChoice {
  readonly kind: TokenizerKind;
  readonly settings: TokenizerSettings;
}

/** Other settings give other tokens, so the name tells them too. */
function shardName(textHash: string, { kind, settings }: TokenizerChoice): string {
  const own = Object.entries(readSettings(kind.settings, settings));
  const suffix = own.length === 0 ? "" : `-${bytesToHex(sha256(new TextEncoder().encode(JSON.stringify(own)))).slice(0, 12)}`;
  return `${textHash}.${kind.id}-${kind.version}${suffix}`;
}

/** Every shard file made from this text. */
export async function listShards(store: FileStore, textHash: string): Promise<string[]> {
  return (await store.list(SHARDS)).filter((name) => name.startsWith(`${textHash}.`)).map((name) => `${SHARDS}/${name}`);
}

/** `openText` is asked only when the shard has to be made. */
export async function findOrMakeShard(store: FileStore, textHash: string, choice: TokenizerChoice, openText: () => Promise<FileReader>): Promise<Shard> {
  const path = `${SHARDS}/${shardName(textHash, choice)}.tok`;
  const infoPath = `${SHARDS}/${shardName(textHash, choice)}.json`;
  const known = await readCheckedJson(store, infoPath, infoSchema);
  if (typeof known !== "string" && (await store.open(path))?.size === known.tokens * known.bytesPerToken) return { ...known, path };

  const text = await openText();
  const { tokenizer, notes } = await choice.kind.train(readStoredText(text), { settings: choice.settings });
  return writeWhole(
    store,
    (writer) => writeTokens(writer, text, tokenizer),
    async (unfinished, { tokens, hash }) => {
      const info: ShardInfo = {
        tokenizer: tokenizer.toJSON(),
        vocabularySize: tokenizer.vocabularySize,
        bytesPerToken: bytesPerTokenFor(tokenizer.vocabularySize),
        tokens,
        hash,
        notes: [...notes],
      };
      await store.move(unfinished, path);
      try {
        await writeCheckedJson(store, infoPath, info);
      } catch (error) {
        await store.remove(path).catch(() => undefined);
        await store.remove(infoPath).catch(() => undefined);
        throw error;
      }
      return { ...info, path };
    },
  );
}

async function writeTokens(writer: FileWriter, text: FileReader, tokenizer: Tokenizer): Promise<{ tokens: number; hash: string }> {
  const width = bytesPerTokenFor(tokenizer.vocabularySize);
  const hasher = sha256.create();
  let tokens = 0;
  for await (const chunk of alignChunks(readStoredText(text), tokenizer.safeCut)) {
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

