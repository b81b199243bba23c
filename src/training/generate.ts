/**
 * Text from a model, one token at a time. In: a trainer, a tokenizer, a prompt, how to choose. Out: pieces of text as they come.
 * The cache holds the context length; when it is full, the last half of the text is read again and the answer goes on. The
 * cache exists once, so a second answer waits for the first.
 */
import { type Tokenizer, createStreamDecoder } from "../data/tokenizers/index";
import { type SamplingSettings, createSampler } from "./sampling";
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
  const onToken = (): void => {
    tokens += 1;
    wake();
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
        if (isMyTurn) yield* stream(trainer(), tokenizer, options, signal, onToken);
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
  trainer: Trainer, tokenizer: Tokenizer, options: GenerateOptions, signal: AbortSignal | undefined, onToken: () => void,
): AsyncGenerator<string, void, void> {
  const { contextLength, vocabularySize } = trainer.plan.decoder.config;
  const sampler = createSampler(vocabularySize);
  const decoder = createStreamDecoder(tokenizer);
  // A model has to be told something to start: the first token of its vocabulary stands in for an empty prompt.
  const history = options.prompt === "" ? [0] : Array.from(tokenizer.encode(options.prompt));
  let pending = history.slice(-keptOf(contextLength));
  let position = 0;
  for (let made = 0; made < options.maxTokens; made += 1) {
    if (position + pending.length > contextLength) {
      pending = history.slice(-keptOf(contextLength));
      position = 0;
    }
    let logits: Float32Array | undefined;
    for (const token of pending) {
      if (signal?.aborted) return;
      logits = await trainer.decode(token, position);
      position += 1;
      onToken();
    }
    const token = sampler.choose(logits!, options, options.seed, made);
    history.push(token);
    pending = [token];
    const text = decoder.push(token);
    if (text !== "") yield text;
  }
  const rest = decoder.finish();
  if (rest !== "") yield rest;
}

/** Tokens read again when the context is full. */
const keptOf = (contextLength: number): number => Math.max(1, Math.floor(contextLength / 2));
