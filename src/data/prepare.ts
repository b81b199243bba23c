/**
 * From a table to what a run starts with. In: a dataset's rows, a tokenizer, the share to hold out. Out: PreparedData: the
 * shard (made once per content and tokenizer), the cut between training and validation, and the baselines of the training part.
 */
import { createPacer } from "./formats/readBytes";
import { createBaselineCounter } from "./baselines";
import type { OpenVersion } from "./datasets/listing";
import { moveToLineEnd, planCut } from "./split";
import type { FileStore } from "./store/fileStore";
import { type Shard, findOrMakeShard, readShard } from "./store/shards";
import type { Store } from "./store/store";
import { readTrainingText } from "./table/trainingText";
import { type TokenizerSettings, findTokenizer, restoreTokenizer } from "./tokenizers";
import type { Baselines, PreparedData } from "./types";

export async function prepareTable(store: Store, { dataset, version, table }: OpenVersion, tokenizerId: string, validationFraction: number, settings: TokenizerSettings = {}): Promise<PreparedData> {
  const shard = await findOrMakeShard(store, { hash: version.hash, read: () => readTrainingText(table) }, { kind: findTokenizer(tokenizerId), settings });
  const trainTokens = await chooseCut(store.files, shard, dataset.name, tokenizerId, validationFraction);
  return {
    datasetId: dataset.id,
    datasetName: dataset.name,
    tokenizerId,
    tokenizer: shard.tokenizer,
    unit: findTokenizer(tokenizerId).unit,
    vocabularySize: shard.vocabularySize,
    shard: shard.path,
    bytesPerToken: shard.bytesPerToken,
    tokens: shard.tokens,
    trainTokens,
    hash: shard.hash,
    baselines: await measureBaselines(store.files, shard, trainTokens),
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
