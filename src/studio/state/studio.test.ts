/** The studio's state on the stand-in backend: a run from Train to its end, its interruptions, and what a reload finds. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { FAKE_CPU, FAKE_DEVICE, type FakeOptions, fakeConnect, fakeLoss } from "../testing/fakeBackend";
import { chooseDataset, removeDataset } from "./datasets";
import { changeValue } from "./draft";
import { createStudio, openStudio } from "./openStudio";
import { importFiles } from "./importing";
import { generate } from "./play";
import { parsePreferences } from "./preferences";
import { reasonAgainst } from "./preview";
import { packSettings, readRoute } from "./route";
import { clearRun, continueFound, discardFound, pressPrimary, stepRun, stopRun } from "./runControl";
import { activeRun, primaryAction } from "./session";
import { choicesOf, readForm, type Studio } from "./studio";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function open(options: FakeOptions = {}, hash = "#/train"): Promise<Studio> {
  const preferences = createStore(() => parsePreferences(""));
  const studio = createStudio(fakeConnect({ stepsPerFlush: 10, flushMs: 50, ...options }), preferences);
  await openStudio(studio, readRoute(hash));
  return studio;
}

/** Starts a command and lets time pass until it is answered. */
async function during(work: Promise<unknown>, milliseconds = 100): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await work;
}

const action = (studio: Studio) => primaryAction(studio.session.getState());
const set = (studio: Studio, id: string, value: number) => {
  const choices = choicesOf(studio);
  if (choices) studio.draft.setState(changeValue(choices, studio.draft.getState(), id, value));
};

test("previews before Train, after the last change only", async () => {
  const studio = await open();
  const preview = vi.spyOn(studio.connection.train, "preview");
  for (const layers of [5, 6, 7]) set(studio, "layers", layers);
  await vi.advanceTimersByTimeAsync(149);
  expect(preview).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5);
  expect(preview).toHaveBeenCalledTimes(1);
  expect(preview.mock.calls[0]?.[0]).toMatchObject({ layers: 7 });
  expect(studio.previewer.store.getState()).toMatchObject({ status: "ready", prepared: { vocabularySize: 85 } });
});

test("a problem that only the worker sees forbids Train with its own sentence", async () => {
  const studio = await open();
  set(studio, "heads", 7);
  await vi.advanceTimersByTimeAsync(200);
  const choices = choicesOf(studio);
  const form = choices && readForm(choices, studio.draft.getState().values);
  expect(reasonAgainst(form?.problems ?? new Map(), studio.previewer.store.getState())).toMatch(/7 heads cannot share a width of 128/);
});

test.each([[FAKE_CPU, "on"], [FAKE_DEVICE, "off"]] as const)("while $name trains, the data worker is told whether to give way: %s", async (device, is) => {
  const studio = await open();
  studio.session.setState({ device });
  const told = vi.spyOn(studio.connection.data, "noteTraining");
  await during(pressPrimary(studio), 300);
  expect(studio.session.getState().run?.phase).toBe("running");
  expect(told.mock.lastCall).toEqual([is]);
  await during(pressPrimary(studio), 300);
  expect(studio.session.getState().run?.phase).toBe("paused");
  expect(told.mock.lastCall).toEqual(["off"]);
});

describe("a run", () => {
  test("goes Train, Pause, Resume, Stop and then Train again", async () => {
    const studio = await open();
    const seen = [action(studio)];
    await during(pressPrimary(studio));
    seen.push(action(studio));
    expect(activeRun(studio.session.getState())?.name).toBe("brave-otter");
    await during(pressPrimary(studio));
    seen.push(action(studio));
    await during(pressPrimary(studio));
    seen.push(action(studio));
    await during(stopRun(studio));
    seen.push(action(studio));
    expect(seen).toEqual(["Train", "Pause", "Resume", "Pause", "Train"]);
    expect(activeRun(studio.session.getState())).toBeNull();
    clearRun(studio);
    expect(studio.session.getState()).toMatchObject({ run: null, samples: [] });
    expect(studio.metrics.rows).toBe(0);
  });

  test("fills figures, charts and samples with what was measured", async () => {
    const studio = await open();
    set(studio, "validationEvery", 50);
    await during(pressPrimary(studio), 2000);
    await during(pressPrimary(studio));
    const { now } = studio.live;
    expect(now.step).toBeGreaterThan(200);
    expect(studio.metrics.rows).toBe(now.step);
    expect(now.trainingLoss).toBeCloseTo(fakeLoss(now.step), 5);
    expect(now.savedStep).toBe(now.step);
    expect(studio.metrics.validation.map(({ step }) => step).slice(0, 3)).toEqual([50, 100, 150]);
    const steps = studio.session.getState().samples.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => b - a));
    expect(steps.at(-1)).toBe(0);
  });

  test("Step does exactly one update and stays paused", async () => {
    const studio = await open();
    await during(pressPrimary(studio), 500);
    await during(pressPrimary(studio));
    const before = studio.live.now.step;
    await during(stepRun(studio));
    expect(studio.live.now.step).toBe(before + 1);
    expect(action(studio)).toBe("Resume");
  });

  test("ends by itself", async () => {
    const studio = await open();
    set(studio, "steps", 100);
    await during(pressPrimary(studio), 1000);
    expect(studio.session.getState().run).toMatchObject({ phase: "finished", step: 100 });
    expect(action(studio)).toBe("Train");
  });

  test("live figures call their listeners at most ten times a second", async () => {
    const studio = await open({ flushMs: 5, stepsPerFlush: 1 });
    await during(pressPrimary(studio));
    let calls = 0;
    studio.live.subscribe(() => calls++);
    await vi.advanceTimersByTimeAsync(2000);
    expect(calls).toBeGreaterThan(10);
    expect(calls).toBeLessThanOrEqual(20);
  });

  test("a failure becomes one message, however often it comes", async () => {
    const failure = { kind: "diverged", message: "The loss became NaN.", hint: "Halve the learning rate." } as const;
    const studio = await open({ failAt: { step: 100, failure } });
    await during(pressPrimary(studio), 1500);
    expect(studio.session.getState().messages).toMatchObject([{ type: "failure", failure, count: 1 }]);
    expect(studio.session.getState().run?.phase).toBe("failed");
  });

  test("a worker that dies in the middle of a command is a failure, not an exception", async () => {
    const studio = await open();
    vi.spyOn(studio.connection.train, "start").mockRejectedValue(new Error("port closed"));
    await during(pressPrimary(studio));
    expect(studio.session.getState()).toMatchObject({ waiting: false, progress: null, messages: [{ failure: { kind: "bug" } }] });
    expect(action(studio)).toBe("Train");
  });
});

describe("after a reload", () => {
  test("the run found on disk is offered, and Resume loads its past and goes on", async () => {
    const studio = await open({ foundAtStep: 1200 });
    expect(studio.session.getState()).toMatchObject({ run: null, found: { step: 1200 } });
    expect(action(studio)).toBe("Resume");
    await during(pressPrimary(studio), 200);
    expect(studio.session.getState()).toMatchObject({ found: null, run: { phase: "running" } });
    expect(studio.metrics.at("step", 0)).toBe(1);
    expect(studio.live.now.step).toBeGreaterThan(1200);
    expect(studio.metrics.rows).toBe(studio.live.now.step);
  });

  test("a finished run is offered too, but followed by a new one", async () => {
    const studio = await open({ foundAtStep: 5000 });
    expect(action(studio)).toBe("Train");
    await during(continueFound(studio));
    expect(studio.session.getState()).toMatchObject({ found: null, run: { step: 5000 } });
    expect(studio.metrics.rows).toBe(5000);
    expect(action(studio)).toBe("Train");
  });

  test("Start fresh gives it up", async () => {
    const studio = await open({ foundAtStep: 1200 });
    await during(discardFound(studio));
    expect(studio.session.getState().found).toBeNull();
    expect(action(studio)).toBe("Train");
  });

  test("a link with settings asks for a new run, and says what becomes of the old", async () => {
    const studio = await open({ foundAtStep: 1200 }, `#/train?set=${packSettings({ steps: 300 })}`);
    expect(action(studio)).toBe("Train");
    expect(studio.draft.getState().values["steps"]).toBe(300);
    expect(studio.draft.getState().linkProblems.join(" ")).toMatch(/earlier run is still saved/);
  });
});

describe("Play", () => {
  test("streams an answer to the end", async () => {
    const studio = await open();
    await during(pressPrimary(studio), 300);
    await during(generate(studio), 3000);
    const { status, answer, asked } = studio.play.getState();
    expect(status).toBe("done");
    expect(asked).toBe("Call me");
    expect(answer).toMatch(/^ Ishmael.*oar\.$/);
  });

  test("without a model, the refusal is shown", async () => {
    const studio = await open();
    await during(generate(studio));
    expect(studio.play.getState()).toMatchObject({ status: "idle", asked: null });
    expect(studio.session.getState().messages).toHaveLength(1);
  });
});

describe("Data", () => {
  test("good files are added, bad ones reported, in one go", async () => {
    const studio = await open();
    await during(importFiles(studio, [new File(["a story"], "story.txt"), new File([], "empty.txt")]), 1000);
    const [empty, story] = studio.imports.getState().entries;
    expect(story).toMatchObject({ name: "story.txt", state: "added", bytesRead: 7 });
    expect(empty).toMatchObject({ name: "empty.txt", state: "failed", failure: { kind: "bad-file" } });
    expect(studio.session.getState().datasets.map(({ name }) => name)).toContain("story.txt");
  });

  test("removing the dataset in use goes back to another one", async () => {
    const studio = await open();
    chooseDataset(studio, "user-1");
    await during(removeDataset(studio, "user-1"));
    expect(studio.draft.getState().values["dataset"]).toBe("moby-dick");
  });
});
