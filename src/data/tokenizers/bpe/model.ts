/**
 * What a byte-level BPE tokenizer is: its vocabulary, its merges, its special tokens, as plain data. In: a vocabulary that was
 * learned, saved or imported; whatever comes from outside is checked here. Out: the same, or a FailureError that says what is
 * wrong with it.
 */
import { z } from "zod";
import { FailureError } from "../../../settings/failure";
import { findPattern } from "./patterns";

export interface AddedToken {
  readonly id: number;
  readonly text: string;
  /** Special tokens steer the model and are left out of what people read. */
  readonly special: boolean;
}

export interface MergeRule {
  readonly left: number;
  readonly right: number;
  readonly result: number;
}

export interface BpeModel {
  /** By number, spelled in byte characters; an added token by its own text. */
  readonly tokens: readonly string[];
  readonly merges: readonly MergeRule[];
  readonly added: readonly AddedToken[];
  readonly pattern: string;
  readonly separator?: number;
  readonly pad?: number;
  readonly unknown?: number;
  /** A word that is in the vocabulary is that token, however it would be merged (Llama 3). */
  readonly wholeWordsFirst?: boolean;
  readonly normalization?: "NFC";
}

/** Vocabularies are dense and fit the embedding of any model that can be trained here. */
export const MOST_TOKENS = 2 ** 20;
/** Every merge makes a token that is in the vocabulary, some make one that is there already. */
export const MOST_MERGES = 2 * MOST_TOKENS;

const idSchema = z.int().min(0).max(MOST_TOKENS - 1);

const savedSchema = z.object({
  tokenizer: z.literal("bpe"),
  pattern: z.string(),
  tokens: z.array(z.string().min(1)).min(1).max(MOST_TOKENS),
  /** left, right, result, left, right, result … */
  merges: z.array(idSchema).max(3 * MOST_MERGES),
  added: z.array(z.object({ id: idSchema, text: z.string().min(1), special: z.boolean() })).max(MOST_TOKENS),
  separator: idSchema.optional(),
  pad: idSchema.optional(),
  unknown: idSchema.optional(),
  wholeWordsFirst: z.boolean().optional(),
  normalization: z.literal("NFC").optional(),
});

export function saveModel(model: BpeModel): string {
  const merges = model.merges.flatMap(({ left, right, result }) => [left, right, result]);
  const { pattern, tokens, added, separator, pad, unknown, wholeWordsFirst, normalization } = model;
  return JSON.stringify({ tokenizer: "bpe", pattern, tokens, merges, added, separator, pad, unknown, wholeWordsFirst, normalization });
}

export function loadModel(json: string): BpeModel {
  let saved: z.infer<typeof savedSchema>;
  try {
    saved = savedSchema.parse(JSON.parse(json));
  } catch (error) {
    throw damaged("it is not what the studio writes", error);
  }
  const { tokenizer: _, merges: flat, separator, pad, unknown, wholeWordsFirst, normalization, ...rest } = saved;
  if (flat.length % 3 !== 0) throw damaged("its merges are cut short");
  const merges = Array.from({ length: flat.length / 3 }, (_entry, i) => ({ left: flat[3 * i]!, right: flat[3 * i + 1]!, result: flat[3 * i + 2]! }));
  const model: BpeModel = {
    ...rest,
    merges,
    ...(separator === undefined ? {} : { separator }),
    ...(pad === undefined ? {} : { pad }),
    ...(unknown === undefined ? {} : { unknown }),
    ...(wholeWordsFirst === undefined ? {} : { wholeWordsFirst }),
    ...(normalization === undefined ? {} : { normalization }),
  };
  const problem = problemWithModel(model);
  if (problem) throw damaged(problem);
  return model;
}

/** What contradicts itself in a model, or undefined. */
export function problemWithModel(model: BpeModel): string | undefined {
  const { tokens, merges, added, pattern, separator, pad, unknown } = model;
  const size = tokens.length;
  if (!findPattern(pattern)) return `there is no pattern "${pattern}"`;
  if (new Set(tokens).size !== size) return "a token is there twice";
  const wrongMerge = merges.findIndex(({ left, right, result }) => left >= size || right >= size || result >= size || tokens[left]! + tokens[right]! !== tokens[result]);
  if (wrongMerge !== -1) return `merge ${(wrongMerge + 1).toLocaleString("en")} does not make a token of the vocabulary`;
  const wrongAdded = added.find(({ id, text }) => tokens[id] !== text);
  if (wrongAdded) return `the added token "${wrongAdded.text.slice(0, 40)}" is not number ${wrongAdded.id} of the vocabulary`;
  if ([separator, pad, unknown].some((id) => id !== undefined && id >= size)) return "a special token is outside the vocabulary";
  if (pad !== undefined && pad === separator) return "padding and end of text are the same token";
  return undefined;
}

function damaged(problem: string, cause?: unknown): FailureError {
  return new FailureError(
    { kind: "bad-file", message: `The saved BPE tokenizer is damaged: ${problem}.`, hint: "Train or import it again.", where: "tokenizer" },
    cause,
  );
}
