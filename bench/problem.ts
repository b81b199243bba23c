/**
 * What all contenders are given: the same sizes, first weights and text. In: a size. Out: a `Problem`, made once and sent to each; and
 * the windows of a step, drawn as the studio draws them. The text is a chain in which each token has four likely successors, so
 * that the loss falls and a wrong optimizer shows.
 */
import { memoryTokenSource } from "../src/data/tokenSource";
import { type Words, philox } from "../src/engine/wgsl/philox";
import { parseExperiment } from "../src/settings/experiment";
import { type Batches, createBatches } from "../src/training/batches";
import { makeCatalog } from "../src/training/catalog";
import { configureModel } from "../src/training/compileStep";
import { initialize } from "../src/training/initialize";
import { decoderParameters } from "../src/training/models/decoder";
import type { Problem } from "./result";
import { SIZES, type SizeName, settingsOf } from "./sizes";

const TOKENS = 2 ** 16;

export function makeProblem(size: SizeName, isSlow: boolean, batch?: number): Problem {
  const { layers, heads, width, contextLength, vocabulary } = SIZES[size];
  const { settings, problems } = parseExperiment(makeCatalog(), { ...settingsOf(size, isSlow), ...(batch ? { batchSize: batch } : {}) });
  if (problems.length > 0) throw new Error(problems.join(" "));
  const specs = decoderParameters(configureModel(settings, vocabulary));
  const weights = specs.map((spec) => {
    const data = initialize(spec, settings.seed) as Float32Array<ArrayBuffer>;
    return [spec.name, { shape: spec.shape, decay: spec.decay, data }] as const;
  });
  return {
    size, settings: { ...settings }, layers, heads, width, vocabulary,
    batch: settings.batchSize,
    time: contextLength,
    text: makeText(vocabulary),
    weights: Object.fromEntries(weights),
  };
}

/** Seven times in eight one of four successors, else any token. */
function makeText(vocabulary: number): Uint32Array<ArrayBuffer> {
  const text = new Uint32Array(TOKENS);
  const words: Words = [0, 0, 0, 0];
  for (let i = 1; i < TOKENS; i += 1) {
    [words[0], words[1], words[2], words[3]] = [i, 0, 0, 0];
    philox(words, 1337, 0);
    const successor = 5 * text[i - 1]! + 7 * (words[1] % 4) + 1;
    text[i] = (words[0] % 8 === 0 ? words[2] : successor) % vocabulary;
  }
  return text;
}

export function batchesOf({ text, time, batch, settings }: Problem): Batches {
  return createBatches({
    source: memoryTokenSource(text), trainTokens: Math.floor(0.9 * TOKENS), contextLength: time, batchSize: batch, seed: Number(settings["seed"]),
  });
}

/** Draws the windows of a step into arrays of its own: ids and targets [B, T]. */
export function createWindows(problem: Problem): (step: number) => { readonly ids: Int32Array<ArrayBuffer>; readonly targets: Int32Array<ArrayBuffer> } {
  const { batch, time } = problem;
  const batches = batchesOf(problem);
  const tokens = new Uint32Array(batch * (time + 1));
  return (step) => {
    batches.fill(step, 0, tokens);
    const [ids, targets] = [new Int32Array(batch * time), new Int32Array(batch * time)];
    for (let row = 0; row < batch; row += 1) {
      const start = row * (time + 1);
      ids.set(tokens.subarray(start, start + time), row * time);
      targets.set(tokens.subarray(start + 1, start + 1 + time), row * time);
    }
    return { ids, targets };
  };
}
