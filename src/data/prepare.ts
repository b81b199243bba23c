/**
 * From a stored text to what a run starts with. In: a dataset, a tokenizer, the share to hold out. Out: PreparedData: the
 * shard (made once per text and tokenizer), the cut between training and validation, and the baselines of the training part.
 */
import { createPacer } from "./formats/readBytes";
import { createBaselineCounter } from "./baselines";
import { moveToLineEnd, planCut } from "./split";
import type { FileReader, FileStore } from "./store/fileStore";
import type { DatasetRecord } from "./store/manifest";
import { type Shard, findOrMakeShard, readShard } from "./store/shards";
import { type TokenizerSettings, findTokenizer, restoreTokenizer } from "./tokenizers";
import type { Baselines, PreparedData } from "./types";

export async function prepareRecord(
  store: FileStore,
  record: DatasetRecord,
  openText: () => Promise<FileReader>,
  tokenizerId: string,
  validationFraction: number,
  tokenizerSettings: TokenizerSettings = {},
): Promise<PreparedData> {
  const shard = await findOrMakeShard(store, record.hash, { kind: findTokenizer(tokenizerId), settings: tokenizerSettings }, openText);
  const trainTokens = await chooseCut(store, shard, record.name, tokenizerId, validationFraction);
  return {
    datasetId: record.id,
    datasetName: record.name,
    tokenizerId,
    tokenizer: shard.tokenizer,
    unit: findTokenizer(tokenizerId).unit,
    vocabularySize: shard.vocabularySize,
    shard: shard.path,
    bytesPerToken: shard.bytesPerToken,
    tokens: shard.tokens,
    trainTokens,
    hash: shard.hash,
    baselines: await measureBaselines(store, shard, trainTokens),
    ...(shard.notes.length > 0 ? { notes: shard.notes } : {}),
  };
}

async function chooseCut(store: FileStore, shard: Shard, name: string, tokenizerId: string, validationFraction: number): Promise<number> {
  const cut = planCut(name, shard.tokens, validationFraction);
  const lineEnd = restoreTokenizer(tokenizerId, shard.tokenizer).encode("\n");
  if (lineEnd.length !== 1) return cut.at;
  const near: number[] = [];
  for await (const tokens of readShard(store, shard, cut.from, cut.to)) near.push(...tokens);
  return moveToLineEnd(cut, near, lineEnd[0]!);
}

async function measureBaselines(store: FileStore, shard: Shard, trainTokens: number): Promise<Baselines> {
  const counter = createBaselineCounter(shard.vocabularySize);
  const pace = createPacer();
  for await (const tokens of readShard(store, shard, 0, trainTokens)) {
    counter.add(tokens);
    await pace();
  }
  return counter.result();
}
