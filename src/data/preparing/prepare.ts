/**
 * From datasets to what a run starts with. In: one dataset or several with their shares, a tokenizer, the share of the text to hold out
 * where no split was chosen. Out: PreparedData: one shard of tokens (made once per content and tokenizer), what in it trains and what
 * validates, and the baselines of the training part.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { createBaselineCounter } from "../baselines";
import { createPacer } from "../formats/readBytes";
import { moveToLineEnd, planCut, requirePart } from "../split";
import { type Shard, type ShardContent, type TokenizerChoice, findOrMakeShard, joinTexts, readShard } from "../store/shards";
import type { Store } from "../store/store";
import { findTokenizer, restoreTokenizer } from "../tokenizers";
import type { Tokenizer } from "../tokenizers";
import type { Baselines, PreparedData, PreparedSource } from "../types";
import type { TextSourceOfRows } from "./source";

export interface PreparedOf {
  readonly id: string;
  readonly name: string;
  /** Shares add up to 1. */
  readonly sources: readonly { readonly source: TextSourceOfRows; readonly share: number }[];
}

export async function prepareTokens(store: Store, { id, name, sources }: PreparedOf, choice: TokenizerChoice, heldOut: number): Promise<PreparedData> {
  const learnsFrom = "kind" in choice ? choice.kind.learnsFrom : "nothing";
  const texts = sources.map(({ source }) => source);
  const shard = await findOrMakeShard(store, shardContent(texts, learnsFrom, heldOut), choice);
  const tokenizerId = "kind" in choice ? choice.kind.id : choice.trained.id;
  const tokenizer = restoreTokenizer(tokenizerId, shard.tokenizer);
  const placed = await placeSources(store, shard, sources, tokenizer, heldOut);
  return {
    datasetId: id,
    datasetName: name,
    tokenizerId,
    tokenizer: shard.tokenizer,
    unit: findTokenizer(tokenizerId).unit,
    vocabularySize: shard.vocabularySize,
    shard: shard.path,
    bytesPerToken: shard.bytesPerToken,
    tokens: shard.tokens,
    trainTokens: placed.reduce((sum, { train: [from, to] }) => sum + to - from, 0),
    ...(placed.length > 1 ? { sources: placed } : {}),
    provenance: texts.map(({ provenance }) => provenance),
    hash: shard.hash,
    baselines: await measureBaselines(store, shard, placed),
    ...(shard.notes.length > 0 ? { notes: shard.notes } : {}),
  };
}

/** What a tokenizer learned from the training part alone is another one for another part. */
function shardContent(sources: readonly TextSourceOfRows[], learnsFrom: "training" | "everything" | "nothing", heldOut: number): ShardContent {
  const cut = learnsFrom === "training" && sources.some(({ split }) => !split) ? heldOut : null;
  const identities = sources.map(({ identity }) => identity);
  const isPlain = cut === null && identities.length === 1;
  return {
    hash: isPlain && isHash(identities[0]!) ? identities[0]! : bytesToHex(sha256(new TextEncoder().encode(JSON.stringify([identities, cut])))),
    versions: sources.map(({ version }) => version),
    segments: sources.flatMap(({ segments }) => segments),
    async *learnFrom(what) {
      if (what === "nothing") return;
      for (const source of sources) yield* what === "everything" ? readAll(source) : readTraining(source, heldOut);
    },
  };
}

const isHash = (identity: string): boolean => /^[0-9a-f]{64}$/.test(identity);

async function* readAll({ segments }: TextSourceOfRows): AsyncGenerator<string, void, undefined> {
  for (const { read, joiner } of segments) yield* joinTexts(read(), joiner);
}

/** The training rows, or the beginning of a text whose end will be held out; with nothing held out, all training rows. */
export async function* readTraining(source: TextSourceOfRows, heldOut: number): AsyncGenerator<string, void, undefined> {
  const { segments: [first], split } = source;
  let left = split ? Infinity : (await source.countCharacters()) * (1 - heldOut);
  for await (const text of joinTexts(first!.read(), first!.joiner)) {
    yield text.length > left ? text.slice(0, Math.max(0, Math.floor(left))) : text;
    left -= text.length;
    if (left <= 0) return;
  }
}

/** Where each source's training and validation tokens lie in the shard. */
async function placeSources(store: Store, shard: Shard, sources: PreparedOf["sources"], tokenizer: Tokenizer, heldOut: number): Promise<PreparedSource[]> {
  const placed: PreparedSource[] = [];
  let segment = 0;
  let at = 0;
  for (const { source, share } of sources) {
    const lengths = source.segments.map(() => shard.segments[segment++]!);
    const end = at + lengths.reduce((sum, length) => sum + length, 0);
    const cut = source.split ? at + lengths[0]! : at + (await chooseCut(store, shard, { from: at, tokens: end - at, name: source.name }, tokenizer, heldOut));
    requirePart(source.name, cut - at, end - cut);
    placed.push({ datasetId: source.datasetId, datasetName: source.name, share, train: [at, cut], validation: [cut, end] });
    at = end;
  }
  return placed;
}

/** In tokens from the source's first; just behind a line end where one is close. */
async function chooseCut({ files }: Store, shard: Shard, { from, tokens, name }: { readonly from: number; readonly tokens: number; readonly name: string }, tokenizer: Tokenizer, heldOut: number): Promise<number> {
  const cut = planCut(name, tokens, heldOut);
  const lineEnd = tokenizer.encode("\n");
  if (lineEnd.length !== 1) return cut.at;
  const near: number[] = [];
  for await (const some of readShard(files, shard, from + cut.from, from + cut.to)) near.push(...some);
  return moveToLineEnd(cut, near, lineEnd[0]!);
}

async function measureBaselines({ files }: Store, shard: Shard, placed: readonly PreparedSource[]): Promise<Baselines> {
  const counter = createBaselineCounter(shard.vocabularySize);
  const pace = createPacer();
  for (const { share, train: [from, to] } of placed) {
    if (placed.length > 1) counter.begin(share / (to - from));
    for await (const tokens of readShard(files, shard, from, to)) {
      counter.add(tokens);
      await pace();
    }
  }
  return counter.result();
}
