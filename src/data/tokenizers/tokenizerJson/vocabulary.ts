/**
 * The tables of a tokenizer.json from anybody. In: its vocabulary, added tokens and merges. Out: tokens by number and merges by
 * number, or a FailureError. Checked: numbers are whole, below 2^20, each given once, without holes; added tokens agree with
 * the vocabulary and with each other; every merge is made of tokens and makes one.
 */
import { z } from "zod";
import { type AddedToken, MOST_MERGES, MOST_TOKENS, type MergeRule } from "../bpe/model";
import { shown, wrong } from "./problem";

export const addedSchema = z.object({ id: z.number(), content: z.string().min(1), special: z.boolean().default(false) });

export interface Tables {
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  readonly added: readonly AddedToken[];
}

type Place = (token: string, id: number) => void;

function createPlacer(file: string, tokens: (string | undefined)[], ids: Map<string, number>): Place {
  return (token, id) => {
    if (!Number.isInteger(id) || id < 0 || id >= MOST_TOKENS) {
      throw wrong(file, `the token ${shown(token)} has the number ${id}; numbers are whole and below ${MOST_TOKENS.toLocaleString("en")}`, "model.vocab");
    }
    const other = tokens[id];
    if (other !== undefined && other !== token) throw wrong(file, `number ${id} is given to ${shown(other)} and to ${shown(token)}`, "model.vocab");
    const known = ids.get(token);
    if (known !== undefined && known !== id) throw wrong(file, `the token ${shown(token)} has the numbers ${known} and ${id}`, "added_tokens");
    tokens[id] = token;
    ids.set(token, id);
  };
}

export function readTables(file: string, vocabulary: unknown, added: readonly z.infer<typeof addedSchema>[]): Tables {
  if (typeof vocabulary !== "object" || vocabulary === null || Array.isArray(vocabulary)) throw wrong(file, "it has no vocabulary of tokens and their numbers", "model.vocab");
  const entries = Object.entries(vocabulary);
  if (entries.length + added.length > MOST_TOKENS) throw wrong(file, `it has ${(entries.length + added.length).toLocaleString("en")} tokens; ${MOST_TOKENS.toLocaleString("en")} are the most`, "model.vocab");
  const tokens: (string | undefined)[] = [];
  const ids = new Map<string, number>();
  const place = createPlacer(file, tokens, ids);
  for (const [token, id] of entries) {
    if (token === "" || typeof id !== "number") throw wrong(file, token === "" ? "a token is empty" : `the token ${shown(token)} has no number`, "model.vocab");
    place(token, id);
  }
  for (const { content, id } of added) place(content, id);
  // A hole would be a row of the embedding that nothing ever uses; findIndex visits holes too.
  const hole = tokens.findIndex((token) => token === undefined);
  if (tokens.length === 0 || hole !== -1) throw wrong(file, tokens.length === 0 ? "its vocabulary is empty" : `no token has the number ${hole}, although there are ${tokens.length.toLocaleString("en")}`, "model.vocab");
  return { tokens: tokens as string[], ids, added: added.map(({ id, content, special }) => ({ id, text: content, special })) };
}

export function readMerges(file: string, merges: unknown, { ids }: Tables): MergeRule[] {
  if (!Array.isArray(merges)) throw wrong(file, "it has no list of merges", "model.merges");
  if (merges.length > MOST_MERGES) throw wrong(file, `it has ${merges.length.toLocaleString("en")} merges; ${MOST_MERGES.toLocaleString("en")} are the most`, "model.merges");
  return merges.map((merge: unknown, index) => {
    const parts = typeof merge === "string" ? merge.split(" ") : merge;
    const where = `model.merges[${index}]`;
    if (!Array.isArray(parts) || parts.length !== 2 || !parts.every((part) => typeof part === "string")) throw wrong(file, `merge ${(index + 1).toLocaleString("en")} is not a pair of tokens`, where);
    const [left, right] = parts as [string, string];
    const numbers = [left, right, left + right].map((token) => ids.get(token));
    const missing = [left, right, left + right].find((_, i) => numbers[i] === undefined);
    if (missing !== undefined) throw wrong(file, `merge ${(index + 1).toLocaleString("en")} needs the token ${shown(missing)}, which is not in the vocabulary`, where);
    return { left: numbers[0]!, right: numbers[1]!, result: numbers[2]! };
  });
}
