/** What is kept of a machine: measurements take the place of guesses, never the other way round, also from page to page. */
import { expect, it } from "vitest";
import { createMemoryStore } from "../data/store/memory";
import { openCpuRuntime } from "../engine/runtime/cpu";
import { NOTHING_KNOWN, addTuned, openTuningStore } from "./tuningStore";

it("a measured choice takes the place of a guess; a guess takes nobody's", () => {
  const guessed = addTuned(NOTHING_KNOWN, { choices: { a: "1", b: "1" }, settled: ["a"] });
  expect(guessed).toEqual({ choices: { a: "1", b: "1" }, settled: ["a"] });
  const refined = addTuned(guessed, { choices: { a: "2", b: "2", c: "2" }, settled: ["b"] });
  expect(refined).toEqual({ choices: { a: "1", b: "2", c: "2" }, settled: ["a", "b"] });
});

it("keeps what was measured for the next page, and another adapter's apart", async () => {
  const files = createMemoryStore();
  const open = (): ReturnType<typeof openTuningStore> => openTuningStore(files, () => Promise.resolve("Browser 1"));
  const runtime = openCpuRuntime();
  const rates = { flopsPerSecond: 1e9, bytesPerSecond: 1e9, secondsPerDispatch: 1e-5 };
  await open().change(runtime, "one", (known) => ({ ...addTuned(known, { choices: { a: "1" }, settled: ["a"] }), rates }));
  expect(await open().read(runtime, "one")).toEqual({ choices: { a: "1" }, settled: ["a"], rates });
  expect(await open().read(openCpuRuntime(), "two")).toEqual(NOTHING_KNOWN);
  await open().change(runtime, "one", () => NOTHING_KNOWN);
  expect(await open().read(runtime, "one")).toEqual(NOTHING_KNOWN);
});

it("keeps both of two changes that are made at once", async () => {
  const store = openTuningStore(createMemoryStore(), () => Promise.resolve("Browser 1"));
  const runtime = openCpuRuntime();
  await Promise.all(["a", "b"].map((key) => store.change(runtime, "one", (known) => addTuned(known, { choices: { [key]: "1" }, settled: [key] }))));
  expect(await store.read(runtime, "one")).toEqual({ choices: { a: "1", b: "1" }, settled: ["a", "b"] });
});
