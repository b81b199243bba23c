/**
 * What a WordPiece tokenizer is: its vocabulary and how text is cleaned before, as plain data. In: a vocabulary that was learned,
 * saved or imported; whatever comes from outside is checked here. Out: the same, or a FailureError that says what is wrong.
 */
import { z } from "zod";
import { FailureError } from "../../../settings/failure";
import { type AddedToken, MOST_TOKENS } from "../bpe/model";
import type { BertTextRules } from "./bertText";

/** Marks a piece that goes on with a word. */
export const CONTINUES = "##";

export interface WordPieceModel {
  /** By number. */
  readonly tokens: readonly string[];
  readonly unknown: number;
  readonly rules: BertTextRules;
  readonly added: readonly AddedToken[];
  readonly separator?: number;
  readonly pad?: number;
  /** Code points; a longer word is unknown as a whole. */
  readonly longestWord: number;
}

const idSchema = z.int().min(0).max(MOST_TOKENS - 1);

const savedSchema = z.object({
  tokenizer: z.literal("wordpiece"),
  tokens: z.array(z.string().min(1)).min(1).max(MOST_TOKENS),
  unknown: idSchema,
  rules: z.object({ cleaned: z.boolean(), lowercase: z.boolean(), stripAccents: z.boolean(), spacedChinese: z.boolean() }),
  added: z.array(z.object({ id: idSchema, text: z.string().min(1), special: z.boolean() })).max(MOST_TOKENS),
  separator: idSchema.optional(),
  pad: idSchema.optional(),
  longestWord: z.int().min(1).max(10_000),
});

export function saveWordPieceModel({ tokens, unknown, rules, added, separator, pad, longestWord }: WordPieceModel): string {
  const { cleaned, lowercase, stripAccents, spacedChinese } = rules;
  return JSON.stringify({ tokenizer: "wordpiece", tokens, unknown, rules: { cleaned, lowercase, stripAccents, spacedChinese }, added, separator, pad, longestWord });
}

export function loadWordPieceModel(json: string): WordPieceModel {
  let saved: z.infer<typeof savedSchema>;
  try {
    saved = savedSchema.parse(JSON.parse(json));
  } catch (error) {
    throw damaged("it is not what the studio writes", error);
  }
  const { tokenizer: _, separator, pad, ...rest } = saved;
  const model = { ...rest, ...(separator === undefined ? {} : { separator }), ...(pad === undefined ? {} : { pad }) };
  const problem = problemWithWordPieceModel(model);
  if (problem) throw damaged(problem);
  return model;
}

/** What contradicts itself in a model, or undefined. */
export function problemWithWordPieceModel({ tokens, unknown, added, separator, pad }: WordPieceModel): string | undefined {
  if (new Set(tokens).size !== tokens.length) return "a token is there twice";
  if ([unknown, separator, pad].some((id) => id !== undefined && id >= tokens.length)) return "a special token is outside the vocabulary";
  const wrongAdded = added.find(({ id, text }) => tokens[id] !== text);
  if (wrongAdded) return `the added token "${wrongAdded.text.slice(0, 40)}" is not number ${wrongAdded.id} of the vocabulary`;
  if (pad !== undefined && pad === separator) return "padding and separator are the same token";
  return undefined;
}

function damaged(problem: string, cause?: unknown): FailureError {
  return new FailureError(
    { kind: "bad-file", message: `The saved WordPiece tokenizer is damaged: ${problem}.`, hint: "Train or import it again.", where: "tokenizer" },
    cause,
  );
}
