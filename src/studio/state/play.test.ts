/** Chunks and commands travel on two channels; whichever comes first, the answer is whole. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { addGenerated, NEW_PLAY, type Play, playProblem } from "./play";

const generating: Play = { ...NEW_PLAY, status: "generating", asked: "Call me" };
const apply = (state: Play, event: { request: number; text: string; done: boolean }): Play => ({ ...state, ...addGenerated(state, event) });

test("chunks before their number is known are kept, those of other requests are not shown", () => {
  let early = apply(generating, { request: 4, text: "Ish", done: false });
  early = apply(early, { request: 3, text: "old", done: true });
  early = apply(early, { request: 4, text: "mael", done: true });
  expect(early.early[4]).toEqual({ text: "Ishmael", done: true });
  expect(early.answer).toBe("");
});

test("chunks of the known request add up, in any company", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ request: fc.constantFrom(1, 2), text: fc.string() })), (chunks) => {
      const known: Play = { ...generating, request: 2 };
      const end = chunks.reduce((state, chunk) => apply(state, { ...chunk, done: false }), known);
      expect(end.answer).toBe(chunks.filter(({ request }) => request === 2).map(({ text }) => text).join(""));
    }),
  );
});

test("numbers out of range are named with the nearest valid one", () => {
  expect(playProblem(NEW_PLAY)).toBeUndefined();
  expect(playProblem({ ...NEW_PLAY, topP: 7 })).toBe("Top-p takes a number from 0.01 to 1. Try 1.");
  expect(playProblem({ ...NEW_PLAY, topK: 2.5 })).toBe("Top-k takes a whole number from 0 to 1000. Try 3.");
  expect(playProblem({ ...NEW_PLAY, temperature: Number.NaN })).toBe("Temperature takes a number from 0 to 5. Try 0.8.");
});
