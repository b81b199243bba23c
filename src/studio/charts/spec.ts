/** What tells one chart from another: plain data and small functions, so that a new chart is a new ChartSpec. */
import type { Baselines } from "../../worker/protocol";
import { formatLoss, formatPerplexity, formatValue, type Scale } from "./ticks";

/** What the model predicts, for texts: a letter, a token … */
export interface TokenNames {
  readonly one: string;
  readonly many: string;
}

export const TOKENS: TokenNames = { one: "token", many: "tokens" };

export interface ChartSpec {
  /** The accessible name of the figure. */
  readonly title: string;
  /** In the middle of a sentence. */
  readonly noun: string;
  readonly help: string;
  readonly startScale: Scale;
  readonly format: (value: number) => string;
  /** From the loss, which is what is stored. Must not decrease, so that extremes stay extremes. */
  readonly fromLoss: (loss: number) => number;
  /** A sentence about one value, for the reader who points at it. */
  readonly meaning: (loss: number, names: TokenNames) => string;
}

/** Largest exponent kept: beyond it a perplexity says nothing and a chart would overflow. */
const LARGEST_LOSS = 69;

/** exp(loss): among how many equally likely tokens the model might as well choose. */
export function perplexityOf(loss: number): number {
  return Number.isFinite(loss) ? Math.exp(Math.min(loss, LARGEST_LOSS)) : loss;
}

function unsureAmong(loss: number, { many }: TokenNames): string {
  if (!Number.isFinite(loss)) return "not a number: the run has broken down here";
  return loss >= LARGEST_LOSS
    ? `as unsure as choosing among more than ${formatValue(1e29)} ${many}`
    : `as unsure as choosing among ${formatPerplexity(perplexityOf(loss))} ${many}`;
}

export const LOSS: ChartSpec = {
  title: "Loss",
  noun: "loss",
  help: "How surprised the model is by what really comes next, in nats per token. Lower is better. Training is measured on the text it learns from, validation on text it never sees; when validation rises while training falls, it is memorizing.",
  startScale: "linear",
  format: formatLoss,
  fromLoss: (loss) => loss,
  meaning: unsureAmong,
};

export const PERPLEXITY: ChartSpec = {
  title: "Perplexity",
  noun: "perplexity",
  help: "The loss as a count: among how many equally likely choices the model might as well guess. It is e to the power of the loss; 1 would be perfect.",
  startScale: "log",
  format: formatPerplexity,
  fromLoss: perplexityOf,
  meaning: unsureAmong,
};

export interface Baseline {
  readonly value: number;
  /** From full to brief; the first that fits is drawn. */
  readonly texts: readonly string[];
}

/** The reference lines of a chart, the highest first. */
export function baselinesOf(spec: ChartSpec, baselines: Baselines | undefined, names: TokenNames): Baseline[] {
  if (!baselines) return [];
  const { uniform, unigram, bigram } = baselines;
  const vocabulary = Math.round(Math.exp(uniform)).toLocaleString("en-US");
  const loss = spec === LOSS;
  const text = (value: number) => spec.format(spec.fromLoss(value));
  return [
    {
      value: spec.fromLoss(uniform),
      texts: loss ? [`random guess ln ${vocabulary} = ${text(uniform)}`, "random guess"] : [`random guess ${vocabulary}`],
    },
    { value: spec.fromLoss(unigram), texts: [`${names.one} frequencies ${text(unigram)}`, `${names.one} frequencies`] },
    { value: spec.fromLoss(bigram), texts: [`${names.one} pairs ${text(bigram)}`, `${names.one} pairs`] },
  ].filter(({ value }) => Number.isFinite(value));
}
