/** Tokenizers, as the page calls them. In: the datasets of one store. Out: TokenizerCalls: learning, bringing in, taking out, looking at pieces. */
import type { Datasets } from "../../data/datasets";
import { findMix } from "../../data/datasets/mixes";
import { addTokenizer, listTokenizers, openTokenizer, removeTokenizer } from "../../data/datasets/savedTokenizers";
import { fileNameOf } from "../../data/exporting/source";
import { blobSource } from "../../data/formats/readBytes";
import { planRowText } from "../../data/preparing/rowText";
import { readTraining } from "../../data/preparing/prepare";
import { type Tokenizer, findTokenizer, tokenizers } from "../../data/tokenizers";
import { cutIntoPieces } from "../../data/tokenizers/pieces";
import { importTokenizer } from "../../data/tokenizers/tokenizerJson/importTokenizer";
import { FailureError } from "../../settings/failure";
import { asResult } from "../failure";
import type { TokenizerCalls } from "../protocol";
import { keepFile } from "./keptFiles";
import { type Works, telling } from "./works";

/** Learned from the beginning of a text where no split was chosen, as for a run with the usual share held out. */
const HELD_OUT = 0.1;

export function createTokenizerCalls(datasets: Datasets, works: Works): TokenizerCalls {
  /** A tokenizer of a kind that needs no learning or only an alphabet, kept for the next text. */
  let alphabet: { readonly key: string; readonly tokenizer: Tokenizer } | undefined;

  const open = async (id: string, dataset: string): Promise<Tokenizer> => {
    const kind = tokenizers.find((entry) => entry.id === id);
    if (!kind) return openTokenizer((await datasets.store()).database, id).tokenizer;
    if (kind.learnsFrom === "nothing") return (await kind.train(readText(datasets, [], "nothing"), {})).tokenizer;
    const key = JSON.stringify([id, ...(await textsOf(datasets, dataset))]);
    if (alphabet?.key !== key) alphabet = { key, tokenizer: (await kind.train(readText(datasets, [dataset], "everything"), {})).tokenizer };
    return alphabet.tokenizer;
  };

  return {
    listTokenizers: () => asResult(async () => listTokenizers((await datasets.store()).database)),
    trainTokenizer: ({ name, kind: id, settings, datasets: from }, work, onProgress) =>
      works.run(work, name, async (signal) => {
        const kind = findTokenizer(id);
        if (from.length === 0) throw new FailureError({ kind: "bad-settings", message: "No dataset is chosen to learn the tokenizer from.", hint: "Choose one or more.", where: "datasets" });
        const { tokenizer, notes } = await kind.train(readText(datasets, from, kind.learnsFrom), { settings, signal, onProgress: telling(onProgress), ...(await lengthOf(datasets, from)) });
        const names = await namesOf(datasets, from);
        return addTokenizer((await datasets.store()).database, { name, tokenizer, notes, trainedOn: names.join(", ") });
      }),
    importTokenizer: (file) =>
      asResult(async () => {
        const { tokenizer, notes } = await importTokenizer(blobSource(file, file.name));
        return addTokenizer((await datasets.store()).database, { name: file.name.replace(/\.(json|txt)$/i, ""), tokenizer, notes });
      }, file.name),
    exportTokenizer: (id) =>
      asResult(async () => {
        const { files, database } = await datasets.store();
        const { tokenizer, name } = openTokenizer(database, id);
        return keepFile(files, async (sink) => {
          await sink.write(new TextEncoder().encode(tokenizer.toFiles()["tokenizer.json"]));
          return { name: `${fileNameOf(name)}.tokenizer.json`, notes: [] };
        });
      }, id),
    removeTokenizer: (id) =>
      asResult(async () => {
        removeTokenizer((await datasets.store()).database, id);
        return null;
      }, id),
    tokenize: (id, dataset, text) => asResult(async () => cutIntoPieces(await open(id, dataset), text), "tokenizer"),
  };
}

/** The parts of a mix for a mix. */
async function partsOf(datasets: Datasets, ids: readonly string[]): Promise<string[]> {
  const { database } = await datasets.store();
  return ids.flatMap((id) => findMix(database, id)?.parts.map(({ dataset }) => dataset) ?? [id]);
}

async function* readText(datasets: Datasets, ids: readonly string[], what: "training" | "everything" | "nothing"): AsyncGenerator<string, void, undefined> {
  if (what === "nothing") return;
  for (const id of await partsOf(datasets, ids)) yield* readTraining(await datasets.openSource(id), what === "everything" ? 0 : HELD_OUT);
}

/** Tells apart what is read of a dataset, or of the parts of a mix. */
async function textsOf(datasets: Datasets, id: string): Promise<unknown[]> {
  const texts: unknown[] = [];
  for (const part of await partsOf(datasets, [id])) {
    const { version, table } = await datasets.open(part, "training");
    const { form, columns } = planRowText(table.columns);
    texts.push([version.hash, form, columns]);
  }
  return texts;
}

async function namesOf(datasets: Datasets, ids: readonly string[]): Promise<string[]> {
  const listed = await datasets.list();
  return ids.map((id) => listed.find((dataset) => dataset.id === id)?.name ?? id);
}

async function lengthOf(datasets: Datasets, ids: readonly string[]): Promise<{ readonly length: number }> {
  const listed = await datasets.list();
  const parts = await partsOf(datasets, ids);
  return { length: parts.reduce((sum, id) => sum + (listed.find((dataset) => dataset.id === id)?.characters ?? 0), 0) };
}
