/**
 * Text from a model, a few tokens at a time. In: a trainer, a tokenizer, a prompt, how to choose. Out: pieces of text as they come;
 * the same text, however many tokens make a piece. The cache holds the context length; when it is full, the last half of the text is
 * read again and the answer goes on. The cache exists once, so a second answer waits for the first.
 */
import { type Tokenizer, createStreamDecoder } from "../data/tokenizers/index";
import { NO_TOKEN } from "../engine/ops/sampling/choose";
import { createBatchSizes } from "./batchSizes";
import { type SamplingSettings, divergedModel, requestOf } from "./sampling";
import type { Trainer } from "./trainer";

export interface GenerateOptions extends SamplingSettings {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly seed: number;
}

export interface Generator {
  /** Yields text that continues the prompt; the prompt itself is not repeated. Ends early when the signal is aborted. */
  generate(options: GenerateOptions, signal?: AbortSignal): AsyncGenerator<string, void, void>;
  /**
   * For a loop that shares the device: resolves when it may queue an update. With nobody waiting for an answer that is at
   * once (undefined); else after some more tokens, because each one waits for everything queued before it and a person is watching.
   */
  giveWay(): Promise<void> | undefined;
}

/** Tokens that an answer may make between two updates. */
const TOKENS_PER_TURN = 16;

/** What an answer has to do with a loop that waits for it. */
interface Turn {
  readonly onTokens: (count: number) => void;
  readonly mostTokens: () => number;
}

export function createGenerator(trainer: () => Trainer, tokenizer: Tokenizer): Generator {
  let last: Promise<unknown> = Promise.resolve();
  let isAnswering = false;
  let tokens = 0;
  let waiting: { readonly at: number; readonly resume: () => void }[] = [];
  const wake = (): void => {
    const ready = waiting.filter(({ at }) => !isAnswering || tokens >= at);
    waiting = waiting.filter((one) => !ready.includes(one));
    for (const { resume } of ready) resume();
  };
  const turn: Turn = {
    onTokens: (count) => {
      tokens += count;
      wake();
    },
    mostTokens: () => (waiting.length > 0 ? TOKENS_PER_TURN : Infinity),
  };
  return {
    giveWay() {
      if (!isAnswering) return undefined;
      return new Promise((resume) => {
        waiting.push({ at: tokens + TOKENS_PER_TURN, resume });
      });
    },
    async *generate(options, signal) {
      let release = (): void => {};
      const previous = last;
      // Whoever comes next waits for this one and for all before it, also when this one is called off while it waits.
      const own = new Promise<void>((resolve) => {
        release = resolve;
      });
      last = Promise.all([previous, own]);
      const isMyTurn = await turnOf(previous, signal);
      try {
        isAnswering ||= isMyTurn;
        if (isMyTurn) yield* stream(trainer(), tokenizer, options, signal, turn);
      } finally {
        if (isMyTurn) isAnswering = false;
        wake();
        release();
      }
    },
  };
}

/** Waits for a turn; false when the signal comes first. */
function turnOf(previous: Promise<unknown>, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const leave = (): void => resolve(false);
    signal?.addEventListener("abort", leave, { once: true });
    void previous.then(() => {
      // A run samples under one signal for as long as it goes on: nothing of a sample may stay with it.
      signal?.removeEventListener("abort", leave);
      resolve(signal?.aborted !== true);
    });
  });
}

async function* stream(
  trainer: Trainer, tokenizer: Tokenizer, options: GenerateOptions, signal: AbortSignal | undefined, turn: Turn,
): AsyncGenerator<string, void, void> {
  const { contextLength } = trainer.plan.decoder.config;
  const decoder = createStreamDecoder(tokenizer);
  const sizes = createBatchSizes();
  // A model has to be told something to start: the end of a text, or else the first token of its vocabulary, stands in for an empty prompt.
  const prompt = tokenizer.encode(options.prompt);
  const history = prompt.length === 0 ? [tokenizer.separator ?? 0] : Array.from(prompt);
  let pending = history.slice(-keptOf(contextLength));
  let position = 0;
  for (let made = 0; made < options.maxTokens; ) {
    if (position + pending.length > contextLength) {
      pending = history.slice(-keptOf(contextLength));
      position = 0;
    }
    for (const token of pending.slice(0, -1)) {
      if (signal?.aborted) return;
      await trainer.read(token, position);
      position += 1;
      turn.onTokens(1);
    }
    if (signal?.aborted) return;
    const count = Math.min(sizes.next, turn.mostTokens(), options.maxTokens - made, contextLength - position);
    const began = performance.now();
    const written = await trainer.write({ token: pending.at(-1)!, position, count, request: requestOf(options, options.seed, made - position) });
    sizes.took(count, performance.now() - began);
    if (signal?.aborted) return;
    if (written.includes(NO_TOKEN)) throw divergedModel();
    history.push(...written);
    pending = [written.at(-1)!];
    position += count;
    made += count;
    turn.onTokens(count);
    const text = Array.from(written, (token) => decoder.push(token)).join("");
    if (text !== "") yield text;
  }
  const rest = decoder.finish();
  if (rest !== "") yield rest;
}

/** Tokens read again when the context is full. */
const keptOf = (contextLength: number): number => Math.max(1, Math.floor(contextLength / 2));
