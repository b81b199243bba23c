/** The address as room and settings. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { packSettings, readRoute } from "./route";

test.each([["", "train"], ["#/train", "train"], ["#/data", "data"], ["#/Play/", "play"], ["#/label", "train"], ["#nonsense", "train"]] as const)("%j is the room %s", (hash, room) =>
  expect(readRoute(hash)).toEqual({ room }),
);

test("settings survive the address", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: "grapheme" }), fc.integer(), fc.boolean())), (settings) => {
      const plain = JSON.parse(JSON.stringify(settings)) as unknown;
      expect(readRoute(`#/train?set=${packSettings(settings)}`)).toEqual({ room: "train", shared: { ok: true, settings: plain } });
    }),
  );
});

test("a broken link is a problem, never an exception", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { shared } = readRoute(`#/train?set=${encodeURIComponent(text)}`);
      if (shared && !shared.ok) expect(shared.problem).toMatch(/settings are unchanged/);
    }),
  );
  expect(readRoute("#/train?set=%7Bnot").shared).toMatchObject({ ok: false });
  expect(readRoute(`#/train?set=${"A".repeat(9000)}`).shared).toMatchObject({ ok: false });
});
