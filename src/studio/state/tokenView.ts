/**
 * A text as tokenizers see it. In: a text, one tokenizer or two, the dataset whose characters count. Out: the pieces of each, a
 * moment after the last letter (the newest wins), their figures, and which pieces one has and the other has not.
 */
import type { Failure, Piece, Tokenization } from "../../worker/protocol";
import { settle } from "./settle";
import type { Studio } from "./studio";

export interface TokenSide {
  readonly status: "none" | "working" | "ready" | "failed";
  readonly result: Tokenization | null;
  /** The text the result is of. */
  readonly text: string;
  readonly failure: Failure | null;
}

const NO_SIDE: TokenSide = { status: "none", result: null, text: "", failure: null };

export interface TokenView {
  readonly text: string;
  /** Ids of tokenizers; the second is empty while nothing is compared. */
  readonly tokenizers: readonly [string, string];
  readonly sides: readonly [TokenSide, TokenSide];
}

const FIRST_TEXT = "Call me Ishmael. Some years ago—never mind how long precisely—I thought I would sail about a little.\nNaïve café, 12,345 times: 🐋!";

export const NEW_TOKEN_VIEW: TokenView = { text: FIRST_TEXT, tokenizers: ["bytes", ""], sides: [NO_SIDE, NO_SIDE] };

/** Characters that are cut at most; more would be thousands of pieces to look at. */
export const LONGEST_TEXT = 20_000;
export const CUT_AFTER_MS = 120;
const timers = new WeakMap<Studio, ReturnType<typeof setTimeout>>();

/** The dataset whose letters the tokenizer "characters" knows: the one that is trained on. */
const datasetOf = ({ draft, session }: Studio): string => String(draft.getState().values["dataset"] ?? session.getState().datasets[0]?.id ?? "");

export function changeTokenView(studio: Studio, part: Partial<Pick<TokenView, "text" | "tokenizers">>): void {
  studio.tools.tokenView.setState(part);
  clearTimeout(timers.get(studio));
  timers.set(studio, setTimeout(() => void cutText(studio), CUT_AFTER_MS));
}

/** Cuts the text with both tokenizers. */
export async function cutText(studio: Studio): Promise<void> {
  await Promise.all([cutSide(studio, 0), cutSide(studio, 1)]);
}

async function cutSide(studio: Studio, side: 0 | 1): Promise<void> {
  const { tokenView } = studio.tools;
  const put = (part: TokenSide) =>
    tokenView.setState(({ sides }) => ({ sides: side === 0 ? [part, sides[1]] : [sides[0], part] }));
  const before = tokenView.getState();
  const id = before.tokenizers[side];
  if (id === "") return put(NO_SIDE);
  put({ ...before.sides[side], status: "working" });
  const answer = await settle(studio.connection.data.tokenize(id, datasetOf(studio), before.text));
  const now = tokenView.getState();
  if (now.text !== before.text || now.tokenizers[side] !== id) return;
  put(answer.ok ? { status: "ready", result: answer.value, text: before.text, failure: null } : { status: "failed", result: null, text: before.text, failure: answer.failure });
}

export interface TokenFigures {
  readonly tokens: number;
  readonly bytesPerToken: number;
  readonly charactersPerToken: number;
  readonly unknown: number;
}

/** NaN where there is no token to divide by. Characters are code points. */
export function tokenFigures(text: string, { pieces, bytes, unknown }: Tokenization): TokenFigures {
  const tokens = pieces.length;
  return { tokens, bytesPerToken: bytes / tokens || Number.NaN, charactersPerToken: [...text].length / tokens || Number.NaN, unknown };
}

/**
 * For each piece, whether the other tokenizer cuts the text otherwise there. White space before a word is left aside: some keep it
 * with the word, some apart, some nowhere, and then every word would differ.
 */
export function cutsDiffer(text: string, pieces: readonly Piece[], others: readonly Piece[]): boolean[] {
  const placeOf = ({ start, end }: Piece): string => {
    const part = text.slice(start, end);
    return part.trim() === "" ? "" : `${start + part.length - part.trimStart().length}:${start + part.trimEnd().length}`;
  };
  const places = new Set(others.map(placeOf)).add("");
  return pieces.map((piece) => !places.has(placeOf(piece)));
}
