/** The device chosen on the page, on workers that are acted out. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { FAKE_CPU, FAKE_DEVICE, fakeConnect } from "../testing/fakeBackend";
import { changeMachine, restWhileHidden } from "./machine";
import { createStudio, openStudio } from "./openStudio";
import { parsePreferences } from "./preferences";
import { readRoute } from "./route";
import { pauseRun, startRun } from "./runControl";
import type { Studio } from "./studio";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

async function open(machine: object = {}): Promise<Studio> {
  const studio = createStudio(fakeConnect({ stepsPerFlush: 10, flushMs: 50 }), createStore(() => parsePreferences(JSON.stringify({ machine }))));
  const opened = openStudio(studio, readRoute("#/train"));
  await pass(100);
  await opened;
  await pass(300);
  return studio;
}

const stepsOf = ({ draft }: Studio) => draft.getState().values["steps"];
const phaseOf = ({ session }: Studio) => session.getState().run?.phase;

test("the device follows the choice, and so does a form that nobody has touched", async () => {
  const studio = await open();
  expect(studio.session.getState().device).toEqual(FAKE_DEVICE);
  expect(stepsOf(studio)).toBe(5000);
  const changed = changeMachine(studio, "device", "cpu");
  expect(studio.preferences.getState().machine.device).toBe("cpu");
  await pass(100);
  await changed;
  expect(studio.session.getState()).toMatchObject({ device: FAKE_CPU, moving: false, waiting: false });
  expect(stepsOf(studio)).toBe(1000);
  studio.draft.setState(({ values }) => ({ values: { ...values, steps: 321 } }));
  void changeMachine(studio, "device", "gpu");
  await pass(100);
  expect(studio.session.getState().device).toEqual(FAKE_DEVICE);
  expect(stepsOf(studio)).toBe(321);
});

test("of choices that come quickly the last counts; what changes no device opens none", async () => {
  const studio = await open();
  const opening = vi.spyOn(studio.connection.train, "openDevice");
  void changeMachine(studio, "device", "gpu");
  void changeMachine(studio, "device", "automatic");
  void changeMachine(studio, "device", "cpu");
  await pass(300);
  expect(opening.mock.calls.map(([{ device }]) => device)).toEqual(["gpu", "cpu"]);
  expect(studio.session.getState().device).toEqual(FAKE_CPU);
  await changeMachine(studio, "pauseWhileHidden", true);
  expect(opening).toHaveBeenCalledTimes(2);
  expect(studio.preferences.getState().machine).toMatchObject({ device: "cpu", pauseWhileHidden: true });
});

test("a choice that fails is taken back and told", async () => {
  const studio = await open();
  vi.spyOn(studio.connection.train, "openDevice").mockResolvedValue({ ok: false, failure: { kind: "storage", message: "The disk is full.", hint: "Make room." } });
  await changeMachine(studio, "device", "cpu");
  expect(studio.preferences.getState().machine.device).toBe("automatic");
  expect(studio.session.getState()).toMatchObject({ device: FAKE_DEVICE, moving: false, messages: [{ failure: { message: "The disk is full." } }] });
});

test("a run on the CPU rests while the page is hidden, where that is wished, and only then", async () => {
  const studio = await open({ device: "cpu" });
  const rest = restWhileHidden(studio);
  void startRun(studio);
  await pass(500);
  await rest("hidden");
  expect(phaseOf(studio)).toBe("running");
  await changeMachine(studio, "pauseWhileHidden", true);
  await rest("visible");
  void rest("hidden");
  const shown = rest("visible");
  await pass(100);
  await shown;
  expect(phaseOf(studio)).toBe("running");
  await rest("hidden");
  await pass(100);
  expect(phaseOf(studio)).toBe("paused");
  await rest("visible");
  expect(phaseOf(studio)).toBe("running");
  await pauseRun(studio);
  await rest("hidden");
  await rest("visible");
  expect(phaseOf(studio)).toBe("paused");
});
