import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError } from "../settings/failure";
import { type CheckpointState, FORMAT_VERSION, HEADER_BYTES, PARAMETERS, decodeHeader, encodeHeader } from "./checkpoint";
import { makeCheckpoint } from "./testing/makeCheckpoint";
import { KEPT_RUNS, openCheckpoints } from "./checkpointStore";
import { type Aftermath, type MemorySlotFiles, createMemorySlots } from "./slots/memory";
import { SLOTS, type Slot } from "./slots/slotFiles";

const RUN = "run-1";
const TORN = [1, 2, 3, 4, 5, 6].map((seed): [Aftermath, number] => ["torn", seed]);
const AFTERMATHS: readonly [Aftermath, number][] = [["present", 0], ["absent", 0], ["kill", 0], ...TORN];

/** Chance for tests: mulberry32. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Saves the steps in order until one save fails; returns the last acknowledged step, 0 if there is none. */
async function saveAll(files: MemorySlotFiles, steps: readonly number[], runId = RUN): Promise<number> {
  const store = openCheckpoints(files);
  let acknowledged = 0;
  try {
    for (const step of steps) {
      await store.save(makeCheckpoint(runId, step));
      acknowledged = step;
    }
  } catch {
    // The cut; what was acknowledged before it is what counts.
  }
  return acknowledged;
}

/** The loaded state is exactly the one saved at its step; returns that step, 0 if there is none. */
async function expectWhole(files: MemorySlotFiles, atLeast: number, runId = RUN): Promise<number> {
  const { state } = await openCheckpoints(files).load(runId);
  if (!state) {
    expect(atLeast).toBe(0);
    return 0;
  }
  expect(state.manifest.step).toBeGreaterThanOrEqual(atLeast);
  expect(state).toEqual(makeCheckpoint(runId, state.manifest.step));
  return state.manifest.step;
}

async function countCalls(task: (files: MemorySlotFiles) => Promise<unknown>): Promise<number> {
  const files = createMemorySlots();
  await task(files);
  return files.calls();
}

async function failureOf(task: Promise<unknown>): Promise<FailureError["failure"]> {
  const error: unknown = await task.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(FailureError);
  return (error as FailureError).failure;
}

const quotaExceeded = (): Error => new DOMException("The quota has been exceeded.", "QuotaExceededError");

describe("a checkpoint store", () => {
  it("gives back everything that was saved, bit for bit, NaN and lone surrogates included", async () => {
    const files = createMemorySlots();
    const store = openCheckpoints(files);
    expect(await store.load(RUN)).toEqual({ state: undefined, notes: [] });
    for (const step of [1, 9, 10]) {
      await store.save(makeCheckpoint(RUN, step));
      expect(await openCheckpoints(files).load(RUN)).toEqual({ state: makeCheckpoint(RUN, step), notes: [] });
    }
    expect(await store.listRuns()).toEqual([{ manifest: makeCheckpoint(RUN, 10).manifest, bytes: files.bytesOf(RUN, "A").length }]);
    await store.remove(RUN);
    expect(await store.load(RUN)).toEqual({ state: undefined, notes: [] });
    expect(await files.listRuns()).toEqual([]);
  });

  it("gives back any arenas and settings (property)", { timeout: 60_000 }, async () => {
    const arena = fc.uint8Array({ maxLength: 2000 }).map((bytes) => bytes.slice().buffer);
    const names = fc.constantFrom("m", "v", "velocity.1", "long_name-2");
    const series = fc.array(fc.float32Array({ maxLength: 30 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, arena), series, fc.string({ unit: "binary" }), async (arenas, metrics, text) => {
        const store = openCheckpoints(createMemorySlots());
        for (const values of metrics) {
          const base = makeCheckpoint(RUN, 3);
          const state: CheckpointState = {
            manifest: { ...base.manifest, metricColumns: ["one"], settings: { ...base.manifest.settings, samplePrompt: text } },
            arenas: { ...arenas, [PARAMETERS]: base.arenas[PARAMETERS]! },
            history: { ...base.history, metrics: values },
          };
          await store.save(state);
          expect((await store.load(RUN)).state).toEqual(state);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("fills settings that an older Descent did not have from their defaults", async () => {
    const store = openCheckpoints(createMemorySlots());
    const { manifest, ...rest } = makeCheckpoint(RUN, 2);
    const { gradientAccumulation: _, ...older } = manifest.settings;
    await store.save({ ...rest, manifest: { ...manifest, settings: older as typeof manifest.settings } });
    expect((await store.load(RUN)).state!.manifest.settings.gradientAccumulation).toBe(1);
  });

  it("writes the two slots in turn, in place", async () => {
    const files = createMemorySlots();
    const store = openCheckpoints(files);
    const generations = async (): Promise<(number | undefined)[]> =>
      Promise.all(SLOTS.map(async (slot) => ((await files.open(RUN, slot)) ? (await decodeHeader(files.bytesOf(RUN, slot)))?.generation : undefined)));
    const seen: unknown[] = [];
    for (const step of [1, 2, 3, 4]) {
      await store.save(makeCheckpoint(RUN, step));
      seen.push(await generations());
    }
    await openCheckpoints(files).save(makeCheckpoint(RUN, 5));
    seen.push(await generations());
    expect(seen).toEqual([[1, undefined], [1, 2], [3, 2], [3, 4], [5, 4]]);
  });

  it("keeps the newest runs and the one being saved, whatever the clock says", async () => {
    const files = createMemorySlots();
    for (let run = 1; run <= KEPT_RUNS + 2; run += 1) await openCheckpoints(files).save(makeCheckpoint(`run-${run}`, run));
    const ids = async (): Promise<string[]> => (await openCheckpoints(files).listRuns()).map(({ manifest }) => manifest.runId);
    expect(await ids()).toEqual(["run-7", "run-6", "run-5", "run-4", "run-3"]);
    await openCheckpoints(files).save(makeCheckpoint("late", 0));
    expect(await ids()).toEqual(["run-7", "run-6", "run-5", "run-4", "late"]);
  });
});

describe("after a cut", () => {
  const steps = [10, 11, 12, 13, 14, 15];

  it("at any call of six saves, the newest acknowledged checkpoint or a newer one loads, and saving goes on", { timeout: 60_000 }, async () => {
    const calls = await countCalls((files) => saveAll(files, steps));
    let states = 0;
    for (let call = 1; call <= calls + 1; call += 1) {
      for (const [aftermath, seed] of AFTERMATHS) {
        const files = createMemorySlots();
        files.cutAt(call);
        const acknowledged = await saveAll(files, steps);
        if (call > calls) expect(acknowledged).toBe(15);
        const after = files.restart(aftermath, chance(seed));
        const step = await expectWhole(after, acknowledged);
        // Payload before header: what the list promises by manifests alone is what loads.
        expect((await openCheckpoints(after).listRuns()).map(({ manifest }) => manifest.step)).toEqual(step ? [step] : []);
        expect(await saveAll(after, [step + 1])).toBe(step + 1);
        expect(await expectWhole(after, step + 1)).toBe(step + 1);
        states += 1;
      }
    }
    expect(states).toBeGreaterThan(500);
  });

  it("and another, and another, nothing acknowledged is lost (property)", { timeout: 60_000 }, async () => {
    const session = fc.record({
      saves: fc.integer({ min: 1, max: 4 }),
      cut: fc.integer({ min: 1, max: 50 }),
      aftermath: fc.constantFrom<Aftermath>("present", "absent", "torn", "kill"),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(session, { minLength: 2, maxLength: 5 }), async (sessions) => {
        let files = createMemorySlots();
        let acknowledged = 0;
        let found = 0;
        for (const { saves, cut, aftermath, seed } of sessions) {
          files.cutAt(cut);
          acknowledged = Math.max(acknowledged, await saveAll(files, Array.from({ length: saves }, (_, i) => found + 1 + i)));
          files = files.restart(aftermath, chance(seed));
          found = await expectWhole(files, acknowledged);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("while old runs are dropped, the newest runs stay", { timeout: 60_000 }, async () => {
    const session = async (files: MemorySlotFiles): Promise<string[]> => {
      const acknowledged: string[] = [];
      for (let run = 1; run <= KEPT_RUNS + 2; run += 1) if (await saveAll(files, [run], `run-${run}`)) acknowledged.push(`run-${run}`);
      return acknowledged;
    };
    const calls = await countCalls(session);
    for (let call = 1; call <= calls; call += 1) {
      const files = createMemorySlots();
      files.cutAt(call);
      const acknowledged = await session(files);
      const after = files.restart("torn", chance(call));
      for (const runId of acknowledged.slice(-KEPT_RUNS)) await expectWhole(after, Number(runId.slice(4)), runId);
    }
  });

  it("says which checkpoint was passed over", async () => {
    const files = createMemorySlots();
    await saveAll(files, [1, 2]);
    files.bytesOf(RUN, "B").fill(0, 0, HEADER_BYTES);
    expect((await openCheckpoints(files).load(RUN)).notes).toEqual([expect.stringContaining("unfinished")]);
    await saveAll(files, [3]);
    files.bytesOf(RUN, "B")[files.bytesOf(RUN, "B").length - 1]! ^= 1;
    const { state, notes } = await openCheckpoints(files).load(RUN);
    expect(state!.manifest.step).toBe(1);
    expect(notes).toEqual([expect.stringContaining("checkpoint of step 3 is damaged")]);
  });
});

describe("a flipped bit", () => {
  const checkFlip = async (slot: Slot, bit: (bytes: number) => number): Promise<void> => {
    const files = createMemorySlots();
    await saveAll(files, [7, 8]);
    const bytes = files.bytesOf(RUN, slot);
    const at = bit(bytes.length * 8);
    bytes[at >> 3]! ^= 1 << (at & 7);
    const { state, notes } = await openCheckpoints(files).load(RUN);
    expect(state).toEqual(makeCheckpoint(RUN, slot === "A" ? 8 : 7));
    if (slot === "B") expect(notes.length).toBe(1);
    // The next save spares the only whole one, although the damaged one may look newer.
    files.cutAt(8);
    await saveAll(files, [9]);
    expect(await expectWhole(files.restart("torn", chance(at)), 7)).toBeLessThan(10);
  };

  it("anywhere in the header is noticed", { timeout: 60_000 }, async () => {
    for (let bit = 0; bit < HEADER_BYTES * 8; bit += 1) await checkFlip("B", () => bit);
  });

  it("anywhere else is noticed (property)", { timeout: 60_000 }, async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom<Slot>("A", "B"), fc.nat({ max: 2 ** 30 }), (slot, bit) => checkFlip(slot, (bits) => bit % bits)), { numRuns: 400 });
  });
});

describe("a save that fails", () => {
  it("for want of room at any call leaves the one before it whole, says so, and can be tried again", { timeout: 60_000 }, async () => {
    const callsOfOne = (await countCalls((files) => saveAll(files, [1, 2, 3, 4]))) - (await countCalls((files) => saveAll(files, [1, 2, 3])));
    expect(callsOfOne).toBeGreaterThan(10);
    for (let call = 1; call <= callsOfOne; call += 1) {
      const files = createMemorySlots();
      const store = openCheckpoints(files);
      for (const step of [1, 2, 3]) await store.save(makeCheckpoint(RUN, step));
      files.failAt(call, quotaExceeded);
      const message = "Saving brave-otter at step 4 failed: the browser has no room left for this site.";
      expect(await failureOf(store.save(makeCheckpoint(RUN, 4)))).toMatchObject({ kind: "storage", message });
      expect(await expectWhole(files, 3)).toBe(3);
      expect((await store.load(RUN)).state).toEqual(makeCheckpoint(RUN, 3));
      await store.save(makeCheckpoint(RUN, 5));
      expect(await expectWhole(files, 5)).toBe(5);
    }
  });

  it("is one of weights with NaN or infinity", async () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const store = openCheckpoints(createMemorySlots());
      await store.save(makeCheckpoint(RUN, 1));
      const diverged = makeCheckpoint(RUN, 2);
      new Float32Array(diverged.arenas[PARAMETERS]!)[299] = bad;
      expect(await failureOf(store.save(diverged))).toMatchObject({ kind: "diverged", where: "step 2", message: expect.stringContaining("brave-otter") });
      expect((await store.load(RUN)).state).toEqual(makeCheckpoint(RUN, 1));
    }
    const extreme = makeCheckpoint(RUN, 2);
    new Float32Array(extreme.arenas[PARAMETERS]!).set([3.4028234e38, -3.4028234e38, 1e-45, -0]);
    const store = openCheckpoints(createMemorySlots());
    await store.save(extreme);
    expect((await store.load(RUN)).state).toEqual(extreme);
  });

  it("is one that could not be read again, or whose id is no folder", async () => {
    const store = openCheckpoints(createMemorySlots());
    const { manifest, ...rest } = makeCheckpoint(RUN, 1);
    await expect(store.save({ ...rest, manifest: { ...manifest, seconds: NaN } })).rejects.toThrow("seconds");
    await expect(store.save({ ...rest, manifest, arenas: {} })).rejects.toThrow('needs the arena "parameters"');
    expect(() => store.load("../secrets")).toThrow("cannot be the id of a run");
    expect(await store.listRuns()).toEqual([]);
  });
});

describe("a checkpoint of a newer Descent", () => {
  it("is refused with a clear word and never rewritten or dropped", async () => {
    const files = createMemorySlots();
    await saveAll(files, [1, 2]);
    const bytes = files.bytesOf(RUN, "A");
    bytes.set(await encodeHeader({ ...(await decodeHeader(bytes))!, version: FORMAT_VERSION + 1, generation: 3 }));
    const before = SLOTS.map((slot) => files.bytesOf(RUN, slot).slice());
    const store = openCheckpoints(files);
    expect(await failureOf(store.load(RUN))).toMatchObject({ kind: "storage", message: expect.stringContaining("made by a newer Descent"), where: RUN });
    expect(await failureOf(store.save(makeCheckpoint(RUN, 3)))).toMatchObject({ message: expect.stringContaining("made by a newer Descent") });
    for (let run = 0; run < KEPT_RUNS + 2; run += 1) await openCheckpoints(files).save(makeCheckpoint(`other-${run}`, 50 + run));
    expect(SLOTS.map((slot) => files.bytesOf(RUN, slot))).toEqual(before);
    expect((await store.listRuns()).length).toBe(KEPT_RUNS);
  });

  it("claims lengths that are checked before anything is allocated", async () => {
    for (const lie of [{ payloadBytes: 2 ** 50 }, { manifestBytes: 2 ** 32 - 1, payloadBytes: 2 ** 33 }, { manifestBytes: 0 }]) {
      const files = createMemorySlots();
      await saveAll(files, [1, 2]);
      const bytes = files.bytesOf(RUN, "B");
      bytes.set(await encodeHeader({ ...(await decodeHeader(bytes))!, ...lie }));
      expect((await openCheckpoints(files).load(RUN)).state).toEqual(makeCheckpoint(RUN, 1));
    }
  });
});
