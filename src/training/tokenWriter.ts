/**
 * The model as a writer: one token after another, with the cache of keys and values. In: tokens, how to choose. Out: logits, or tokens
 * that were chosen on the device, many in a row without a round trip: each is fed to the next step where it was made. Its kernels
 * are loaded when they are first needed. It does one thing at a time; generate.ts sees to that.
 */
import type { Executable, Memory, Recording, Runtime } from "../engine/runtime/runtime";
import type { Plan, Programs } from "./compileStep";
import { ARENA } from "./layout";

export interface Writing {
  /** The newest token, its place, and in which way to choose those that follow: see encodeRequest. Earlier places are in the cache. */
  readonly token: number;
  readonly position: number;
  readonly request: Uint32Array;
  /** position + count is at most the length of the context. */
  readonly count: number;
}

export interface TokenWriter {
  /** Logits [V] of the token after this one, which stands at `position`. */
  decode(token: number, position: number): Promise<Float32Array>;
  /** Notes a token that somebody else has written. Resolves when more may be queued. */
  read(token: number, position: number): Promise<void>;
  /** The `count` tokens that come after; NO_TOKEN where no logit is a number. The last of them is not in the cache yet. */
  write(writing: Writing): Promise<Uint32Array>;
  destroy(): void;
}

interface WriterParts {
  readonly plan: Plan;
  readonly programs: Programs;
  readonly runtime: Runtime;
  readonly memory: Memory;
}

export function createTokenWriter({ plan, programs, runtime, memory }: WriterParts): TokenWriter {
  const { decodeFeed, requestFeed, extent } = plan;
  const recordings: Recording[] = [];
  const record = (executables: readonly Executable[]): Recording => {
    const recording = runtime.record(executables);
    recordings.push(recording);
    return recording;
  };
  const load = async (): Promise<{ step: Recording; powerOf: (exponent: number) => Recording }> => {
    const [decode, sample] = await Promise.all([runtime.load(programs.decode, memory), runtime.load(programs.sample, memory)]);
    const powers: Recording[] = [];
    return {
      step: record([decode]),
      // 2^exponent tokens in a row.
      powerOf: (exponent) => (powers[exponent] ??= record(Array.from({ length: 2 ** exponent }, () => [decode, sample]).flat())),
    };
  };
  let loading: ReturnType<typeof load> | undefined;
  const loaded = (): ReturnType<typeof load> => (loading ??= load());
  const place = (token: number, position: number): void => {
    decodeFeed.words["token"]![0] = token;
    decodeFeed.words["position"]![0] = position;
    memory.write(ARENA.decodeFeed, 0, decodeFeed.bytes);
  };
  return {
    async decode(token, position) {
      const { step } = await loaded();
      place(token, position);
      step.run();
      const logits = await memory.read(ARENA.logits, 0, extent.vocabularySize * 4);
      await step.pace();
      return new Float32Array(logits);
    },
    async read(token, position) {
      const { step } = await loaded();
      place(token, position);
      step.run();
      await step.pace();
    },
    async write({ token, position, request, count }) {
      const { powerOf } = await loaded();
      place(token, position);
      requestFeed.words["request"]!.set(request);
      memory.write(ARENA.request, 0, requestFeed.bytes);
      const parts = binaryParts(count).map(powerOf);
      for (const part of parts) part.run();
      const written = await memory.read(ARENA.written, 4 * position, 4 * count);
      for (const part of parts) await part.pace();
      return new Uint32Array(written);
    },
    destroy() {
      for (const recording of recordings) recording.destroy();
    },
  };
}

/** Exponents of the powers of two that make up a count, the largest first. */
function binaryParts(count: number): number[] {
  const exponents = Array.from({ length: Math.floor(Math.log2(count)) + 1 }, (_, exponent) => exponent);
  return exponents.filter((exponent) => Math.floor(count / 2 ** exponent) % 2 === 1).reverse();
}
