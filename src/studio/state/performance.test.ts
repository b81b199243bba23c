/** The Performance drawer's figures: shares add up, the bound is the one that costs more, and a device without clocks is told. */
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { fakeConnect } from "../testing/fakeBackend";
import type { KernelShare } from "../../worker/protocol";
import { BLANK, flopsPerSecond, shareOfPeak } from "./live";
import { createStudio, openStudio } from "./openStudio";
import { closePerformance, kernelRows, measureKernels, openPerformance, performanceJson, tuneAgain } from "./performance";
import { parsePreferences } from "./preferences";
import { readRoute } from "./route";
import { startRun } from "./runControl";

const ceilings = { flopsPerSecond: 1e12, bytesPerSecond: 1e11, dispatchSeconds: 1e-6 };
const kernel = fc.record({
  label: fc.string(), dispatches: fc.integer({ min: 1, max: 99 }), seconds: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  flops: fc.integer({ min: 0, max: 1e9 }), bytes: fc.integer({ min: 0, max: 1e9 }),
});

test("shares add up to one, the slowest kernel is first, none is lost", () => {
  fc.assert(fc.property(fc.array(kernel, { minLength: 1, maxLength: 20 }), (kernels) => {
    const rows = kernelRows(kernels, ceilings);
    expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(rows.length).toBe(kernels.length);
    for (const [index, row] of rows.entries()) if (index > 0) expect(row.seconds).toBeLessThanOrEqual(rows[index - 1]!.seconds);
  }));
});

test("a kernel is bound by what would take it longer", () => {
  const one = (flops: number, bytes: number): KernelShare => ({ label: "x", dispatches: 1, seconds: 0.01, flops, bytes });
  expect(kernelRows([one(5e9, 1e6)], ceilings)[0]).toMatchObject({ bound: "arithmetic", efficiency: 0.5 });
  expect(kernelRows([one(1e6, 2e8)], ceilings)[0]).toMatchObject({ bound: "memory", efficiency: 0.2 });
  expect(kernelRows([one(0, 2e8)], undefined)[0]).toMatchObject({ bound: "memory", efficiency: undefined });
});

test("the share of the peak is not a number until speed and peak are known", () => {
  expect(shareOfPeak(BLANK)).toBeNaN();
  const live = { ...BLANK, tokensPerSecond: 1000, flopsPerToken: 5e6 };
  expect(flopsPerSecond(live)).toBe(5e9);
  expect(shareOfPeak(live)).toBeNaN();
  expect(shareOfPeak({ ...live, peakFlopsPerSecond: 1e10 })).toBe(0.5);
});

async function open() {
  const studio = createStudio(fakeConnect({ flushMs: 5 }), createStore(() => parsePreferences("")));
  await openStudio(studio, readRoute("#/train"));
  return studio;
}

test("the drawer asks only when there is a run, and measures only when told to", async () => {
  const studio = await open();
  const asked = vi.spyOn(studio.connection.train, "performance");
  await openPerformance(studio);
  expect(asked).not.toHaveBeenCalled();
  expect(studio.performance.getState()).toMatchObject({ isOpen: true, report: null, kernels: null });
  closePerformance(studio);

  await startRun(studio);
  await openPerformance(studio);
  expect(studio.performance.getState().report?.memory.length).toBeGreaterThan(3);
  expect(studio.performance.getState().kernels).toBeNull();
  await measureKernels(studio);
  expect(studio.performance.getState()).toMatchObject({ status: "idle" });
  const exported = JSON.parse(performanceJson(studio)) as { kernels: unknown[]; memory: unknown[]; device: { name: string } };
  expect(exported.kernels.length).toBeGreaterThan(3);
  expect(exported.device.name).toBe("Apple M2");
  studio.connection.close();
});

test("a new run does not show the times of the one before, also when those come late", async () => {
  const studio = await open();
  await startRun(studio);
  await measureKernels(studio);
  expect(studio.performance.getState().kernels).not.toBeNull();
  await studio.connection.train.stop();
  let answer: (value: { ok: true; value: null }) => void = () => {};
  studio.connection.train.measureKernels = () => new Promise((resolve) => (answer = resolve));
  const late = measureKernels(studio);
  await startRun(studio);
  answer({ ok: true, value: null });
  await late;
  expect(studio.performance.getState()).toMatchObject({ kernels: null, status: "idle" });
  studio.connection.close();
});

test("a device without clocks is told as such, a failure as a message", async () => {
  const studio = await open();
  await startRun(studio);
  studio.connection.train.measureKernels = () => Promise.resolve({ ok: true, value: null });
  await measureKernels(studio);
  expect(studio.performance.getState().kernels).toBe("untimed");
  studio.connection.train.measureKernels = () => Promise.reject(new Error("gone"));
  await measureKernels(studio);
  expect(studio.performance.getState().status).toBe("idle");
  expect(studio.session.getState().messages[0]).toMatchObject({ type: "failure" });
  studio.connection.close();
});

test("what was tuned is forgotten until a new run has tuned again; a refusal is told and forgets nothing", async () => {
  const studio = await open();
  const { train } = studio.connection;
  const forget = vi.spyOn(train, "forgetTuning");
  await tuneAgain(studio);
  expect(forget).toHaveBeenCalledOnce();
  expect(studio.performance.getState().tuning).toBe("forgotten");
  await startRun(studio);
  expect(studio.performance.getState().tuning).toBe("kept");

  forget.mockResolvedValue({ ok: false, failure: { kind: "bug", message: "No.", hint: "Reload." } });
  await tuneAgain(studio);
  expect(studio.performance.getState().tuning).toBe("kept");
  expect(studio.session.getState().messages.map((message) => message.type === "failure" && message.failure.message)).toContain("No.");
  studio.connection.close();
});
