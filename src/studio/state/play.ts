/**
 * Asking the model for text. In: a prompt and how to sample. Out: the answer as it streams in. Chunks travel on another
 * channel than the answer to the command, so those that come before their number is known are kept until it is.
 */
import type { GenerateRequest } from "../../worker/protocol";
import { settle } from "./settle";
import { report, type Studio } from "./studio";

export type PlaySettings = Omit<GenerateRequest, "seed">;

export interface Play extends PlaySettings {
  /** The prompt the answer below belongs to. */
  readonly asked: string | null;
  readonly answer: string;
  readonly status: "idle" | "generating" | "done" | "canceled";
  /** Number of the request in flight; null until the worker has given it. */
  readonly request: number | null;
  readonly early: Readonly<Record<number, { readonly text: string; readonly done: boolean }>>;
}

export const NEW_PLAY: Play = {
  prompt: "Call me", temperature: 0.8, topK: 40, topP: 1, maxTokens: 200,
  asked: null, answer: "", status: "idle", request: null, early: {},
};

/** The ranges of the four numbers, in the form the number inputs read. */
export const PLAY_RANGES = {
  temperature: { min: 0, max: 5, step: 0.1, default: NEW_PLAY.temperature },
  topK: { min: 0, max: 1000, step: 1, default: NEW_PLAY.topK },
  topP: { min: 0.01, max: 1, step: 0.05, default: NEW_PLAY.topP },
  maxTokens: { min: 1, max: 4096, step: 10, default: NEW_PLAY.maxTokens },
} as const;

export type PlayNumber = keyof typeof PLAY_RANGES;

export const PLAY_TEXT: Record<PlayNumber, { readonly label: string; readonly help: string }> = {
  temperature: { label: "Temperature", help: "Below 1 is safer, above 1 is wilder; 0 always takes the likeliest." },
  topK: { label: "Top-k", help: "Choose among this many likeliest tokens; 0 means all." },
  topP: { label: "Top-p", help: "Choose among the likeliest tokens that together reach this probability." },
  maxTokens: { label: "Max tokens", help: "Where the answer ends." },
};

/** A sentence about the first number out of range, if there is one. */
export function playProblem(play: Pick<Play, PlayNumber>): string | undefined {
  for (const id of Object.keys(PLAY_RANGES) as PlayNumber[]) {
    const { min, max } = PLAY_RANGES[id];
    const whole = id === "topK" || id === "maxTokens";
    const value = play[id];
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) continue;
    const nearest = Number.isFinite(value) ? Math.min(max, Math.max(min, whole ? Math.round(value) : value)) : PLAY_RANGES[id].default;
    return `${PLAY_TEXT[id].label} takes ${whole ? "a whole number" : "a number"} from ${min} to ${max}. Try ${nearest}.`;
  }
  return undefined;
}

export async function generate(studio: Studio): Promise<void> {
  const { play, connection } = studio;
  const { prompt, temperature, topK, topP, maxTokens, status } = play.getState();
  if (status === "generating") return;
  play.setState({ asked: prompt, answer: "", status: "generating", request: null, early: {} });
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const answer = await settle(connection.train.generate({ prompt, temperature, topK, topP, maxTokens, seed }));
  if (!answer.ok) {
    play.setState({ status: "idle", asked: null });
    report(studio, answer.failure);
    return;
  }
  play.setState((state) => {
    if (state.status !== "generating") return { request: answer.value };
    const early = state.early[answer.value];
    return { request: answer.value, early: {}, answer: early?.text ?? "", status: early?.done ? "done" : "generating" };
  });
}

export async function cancelGenerate({ play, connection }: Studio): Promise<void> {
  play.setState({ status: "canceled" });
  await connection.train.cancelGenerate().catch(() => undefined);
}

/** The next state after a chunk; chunks of other requests change nothing. */
export function addGenerated(state: Play, event: { readonly request: number; readonly text: string; readonly done: boolean }): Partial<Play> {
  if (state.status !== "generating") return {};
  if (state.request === null) {
    const before = state.early[event.request]?.text ?? "";
    return { early: { ...state.early, [event.request]: { text: before + event.text, done: event.done } } };
  }
  if (state.request !== event.request) return {};
  return { answer: state.answer + event.text, ...(event.done ? { status: "done" as const } : {}) };
}
