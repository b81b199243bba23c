/**
 * Where training ends and validation begins. In: how many tokens there are and which share is held out. Out: the index of the
 * first validation token. The end of the text is held out, never random pieces of it, so that no validation window overlaps
 * a training window; the cut moves to the nearest line end where one is close.
 */
import { FailureError } from "../settings/failure";

/** Fewer tokens than this in either part measure nothing. */
export const MIN_SPLIT_TOKENS = 64;
const REACH_TOKENS = 1024;

export interface Cut {
  /** Nominal cut, before it is moved to a line end. */
  readonly at: number;
  /** Line ends are looked for in the tokens [from, to). */
  readonly from: number;
  readonly to: number;
}

export function planCut(name: string, tokens: number, validationFraction: number): Cut {
  if (!(validationFraction > 0 && validationFraction < 1)) {
    throw new FailureError({
      kind: "bad-settings",
      message: `Held-out share: ${validationFraction} is not between 0 and 1.`,
      hint: "Try 0.1, a tenth of the text.",
      where: "validationFraction",
    });
  }
  const validation = Math.round(tokens * validationFraction);
  const training = tokens - validation;
  requirePart(name, training, validation);
  const reach = Math.min(REACH_TOKENS, Math.floor(validation / 10), Math.floor(training / 10), Math.min(validation, training) - MIN_SPLIT_TOKENS);
  return { at: training, from: training - reach, to: training + reach };
}

/** Refuses parts too short to measure anything. */
export function requirePart(name: string, training: number, validation: number): void {
  if (validation < MIN_SPLIT_TOKENS || training < MIN_SPLIT_TOKENS) throw tooShort(name, training + validation, training, validation);
}

function tooShort(name: string, tokens: number, training: number, validation: number): FailureError {
  const need = Math.ceil((MIN_SPLIT_TOKENS * tokens) / Math.max(1, Math.min(training, validation)));
  const canRaise = tokens >= 2 * MIN_SPLIT_TOKENS + 2;
  return new FailureError({
    kind: "bad-file",
    message: `${name} is too short: of its ${tokens} tokens ${training} are for training and ${validation} for validation; each part needs ${MIN_SPLIT_TOKENS}.`,
    hint: canRaise ? `Use a text of at least ${need.toLocaleString("en")} tokens, or bring the held-out share closer to a half.` : `Use a text of at least ${need.toLocaleString("en")} tokens.`,
    where: name,
  });
}

/** Moves the cut to just after the line end nearest to it; `near` holds the tokens [cut.from, cut.to). */
export function moveToLineEnd(cut: Cut, near: ArrayLike<number>, lineEnd: number): number {
  let best = cut.at;
  let distance = Infinity;
  for (let i = 0; i < near.length; i++) {
    const after = cut.from + i + 1;
    if (near[i] === lineEnd && Math.abs(after - cut.at) < distance) {
      best = after;
      distance = Math.abs(after - cut.at);
    }
  }
  return best;
}
