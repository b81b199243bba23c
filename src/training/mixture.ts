/**
 * Which of several texts a window comes from. In: the sources of a shard with their shares, a seed. Out: the source of any window, made
 * from (seed, step, micro-batch, row) alone like its start, so that what a run saw can be counted at any time, also after a resume.
 * Shares are of windows, whatever the sizes of the texts: a small text is met more often, not cut off.
 */
import type { PreparedSource } from "../data/types";
import type { Words } from "../engine/wgsl/philox";
import { STREAMS, bits53, drawWords } from "./random";

export interface Mixture {
  readonly sources: readonly PreparedSource[];
  /** Index of the source that window `row` of a micro-batch is drawn from. */
  sourceOf(step: number, microBatch: number, row: number): number;
}

export function createMixture(sources: readonly PreparedSource[], seed: number): Mixture {
  const total = sources.reduce((sum, { share }) => sum + share, 0);
  const words: Words = [0, 0, 0, 0];
  return {
    sources,
    sourceOf(step, microBatch, row) {
      if (sources.length === 1) return 0;
      words[0] = row;
      words[1] = microBatch;
      words[2] = step;
      words[3] = 0;
      drawWords(words, seed, STREAMS.sources);
      let left = (bits53(words[0], words[1]) / 2 ** 53) * total;
      for (let index = 0; index < sources.length; index += 1) {
        left -= sources[index]!.share;
        if (left < 0) return index;
      }
      // Rounding may leave a crumb: the last source that has a share takes it.
      return sources.findLastIndex(({ share }) => share > 0);
    },
  };
}

export interface WindowCount {
  /** Windows drawn from each source in the first `steps` updates, in the order of the sources. */
  upTo(steps: number): readonly number[];
}

/** Counts by drawing again, from where the last count ended; `rows` windows in each of `microBatches` batches make an update. */
export function countWindows({ sources, sourceOf }: Mixture, microBatches: number, rows: number): WindowCount {
  let counts = sources.map(() => 0);
  let counted = 0;
  return {
    upTo(steps) {
      if (steps < counted) [counts, counted] = [sources.map(() => 0), 0];
      for (; counted < steps; counted += 1) {
        for (let micro = 0; micro < microBatches; micro += 1) {
          for (let row = 0; row < rows; row += 1) counts[sourceOf(counted, micro, row)]! += 1;
        }
      }
      return [...counts];
    },
  };
}
