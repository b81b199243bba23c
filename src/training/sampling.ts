/**
 * How a person asks for the next token. In: temperature, top-k, top-p, a seed. Out: the request that goes to the device
 * (engine/ops/sampling/choose.ts says what it means), or a failure that names the wrong number.
 */
import { encodeRequest } from "../engine/ops/sampling/choose";
import { FailureError } from "../settings/failure";
import { STREAMS, streamKey } from "./random";

export interface SamplingSettings {
  /** 0 always takes the likeliest token. */
  readonly temperature: number;
  /** 0 is off. */
  readonly topK: number;
  /** 1 is off. */
  readonly topP: number;
}

/**
 * The token that is chosen at `position` is number position + offset of the answer, and that number and the seed are all its randomness
 * depends on.
 */
export function requestOf(settings: SamplingSettings, seed: number, offset: number): Uint32Array<ArrayBuffer> {
  assertSettings(settings);
  const { temperature, topK, topP } = settings;
  return encodeRequest({ temperature, topK, topP, key: streamKey(seed, STREAMS.sampling), offset });
}

function assertSettings({ temperature, topK, topP }: SamplingSettings): void {
  const problem = !(temperature >= 0 && temperature < Infinity)
    ? ["temperature", `Temperature: ${temperature} is not a number from 0 up.`, "Try 0.8; 0 always takes the likeliest token."]
    : !(Number.isInteger(topK) && topK >= 0)
      ? ["topK", `Top-k: ${topK} is not a whole number from 0 up.`, "Try 40; 0 turns it off."]
      : !(topP >= 0 && topP <= 1)
        ? ["topP", `Top-p: ${topP} is not between 0 and 1.`, "Try 0.95; 1 turns it off."]
        : undefined;
  if (problem) throw new FailureError({ kind: "bad-settings", where: problem[0]!, message: problem[1]!, hint: problem[2]! });
}

export function divergedModel(): FailureError {
  return new FailureError({
    kind: "diverged",
    message: "The model gives no token a probability: all its outputs are NaN or minus infinity.",
    hint: "Its weights have diverged. Restart the run with a lower learning rate.",
  });
}
