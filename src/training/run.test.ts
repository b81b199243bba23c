/** The loop, on the CPU runtime: what is reported when, what is saved, and that it can be stopped anywhere and goes on exactly. */
import { describe, expect, it, vi } from "vitest";
import { openCpuRuntime } from "../engine/runtime/cpu";
import type { Tokenizer } from "../data/tokenizers/index";
import type { FailureError } from "../settings/failure";
import { METRIC_COLUMNS, type RunHistory, type SamplePoint, type ValidationPoint } from "../settings/run";
import { type Generator, createGenerator } from "./generate";
import { type Phase, type Progress, type Run, createRun } from "./run";
import { TINY_TEXT, makeTinyRun, makeUpdates, tinySettings } from "./testing/tinyRun";
import type { Trainer, TrainerState } from "./trainer";

const letters = [...new Set(TINY_TEXT)].sort();
const tokenizer: Tokenizer = {
  id: "letters",
  vocabularySize: letters.length,
  encode: (text) => Uint32Array.from([...text].filter((letter) => letters.includes(letter)), (letter) => letters.indexOf(letter)),
  trace: () => ({ ids: new Uint32Array(), starts: new Uint32Array(), ends: new Uint32Array() }),
  decode: (ids) => Array.from(ids, (id) => letters[id]!).join(""),
  tokenText: (id) => letters[id]!,
  toJSON: () => "{}",
  toFiles: () => ({ "tokenizer.json": "{}", "tokenizer_config.json": "{}" }),
  startDecoding: () => ({ push: (id) => letters[id]!, finish: () => "" }),
};

interface Saved {
  readonly progress: Progress;
  readonly state: TrainerState;
  readonly history: RunHistory;
}

interface Story {
  readonly run: Run;
  readonly generator: Generator;
  readonly trainer: Trainer;
  readonly phases: Phase[];
  readonly rows: number[][];
  readonly validation: ValidationPoint[];
  readonly samples: SamplePoint[];
  readonly speeds: number[];
  readonly saves: Saved[];
  readonly errors: unknown[];
}

async function tell(change: Parameters<typeof tinySettings>[0] = {}, from?: Saved, save?: () => Promise<void>): Promise<Story> {
  const settings = tinySettings(change);
  const { trainer } = await makeTinyRun(openCpuRuntime(), settings);
  if (from) trainer.restore(from.state);
  const told = { phases: [] as Phase[], rows: [] as number[][], validation: [] as ValidationPoint[], samples: [] as SamplePoint[], speeds: [] as number[], saves: [] as Saved[], errors: [] as unknown[] };
  const generator = createGenerator(() => trainer, tokenizer);
  const run = createRun({
    settings,
    trainer,
    generator,
    start: from?.progress ?? { step: 0, tokens: 0, seconds: 0 },
    ...(from ? { past: from.history } : {}),
    save: async (progress, state, history) => {
      await save?.();
      told.saves.push({ progress, state, history });
    },
    observer: {
      onPhase: (phase) => told.phases.push(phase),
      onMetrics: (rows) => {
        for (let at = 0; at < rows.length; at += METRIC_COLUMNS.length) told.rows.push([...rows.subarray(at, at + METRIC_COLUMNS.length)]);
      },
      onValidation: (point) => told.validation.push(point),
      onSample: (sample) => told.samples.push(sample),
      onSpeed: (tokensPerSecond) => told.speeds.push(tokensPerSecond),
      onSaved: () => {},
      onError: (error) => told.errors.push(error),
    },
  });
  return { run, trainer, generator, ...told };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** Every update waits for its device, as it does for a real one. */
function slowDown({ trainer }: Story): void {
  const { update } = trainer;
  Object.assign(trainer, { update: async (...call: Parameters<Trainer["update"]>) => {
    await update(...call);
    await new Promise((resolve) => setTimeout(resolve, 1));
  } });
}

describe("a run", () => {
  it("reports every update once and in order, measures on schedule, samples, saves at its end", async () => {
    const story = await tell();
    story.run.resume();
    await until(() => story.run.phase !== "running");
    expect(story.errors).toEqual([]);
    expect(story.phases).toEqual(["running", "finished"]);
    expect(story.rows.map((row) => row[0])).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(story.rows.map((row) => row[4])).toEqual(Array.from({ length: 40 }, (_, index) => (index + 1) * 3 * 12));
    expect(story.validation.map((point) => point.step)).toEqual([1, 10, 20, 30, 40]);
    expect(story.validation.at(-1)!.loss).toBeLessThan(story.validation[0]!.loss);
    expect(story.samples.map((sample) => sample.step)).toEqual([1, 10, 20, 30, 40]);
    expect(story.samples.every(({ prompt, text }) => prompt === "the" && text.length === 96)).toBe(true);
    expect(story.saves.at(-1)!.progress.step).toBe(40);
    expect(story.saves.at(-1)!.history.metrics.length).toBe(40 * METRIC_COLUMNS.length);
  });

  it("tells a speed of the updates alone, also where validations follow one another quickly", async () => {
    const story = await tell({ steps: 600, validationEvery: 4 });
    slowDown(story);
    const { evaluate } = story.trainer;
    Object.assign(story.trainer, { evaluate: async () => {
      await new Promise((resolve) => setTimeout(resolve, 15));
      return evaluate();
    } });
    const start = performance.now();
    story.run.resume();
    await until(() => story.speeds.length > 0 || story.run.phase !== "running");
    const throughout = (1000 * story.run.progress.tokens) / (performance.now() - start);
    await story.run.stop();
    expect(story.errors).toEqual([]);
    expect(story.speeds.length).toBeGreaterThan(0);
    expect(story.speeds[0]).toBeGreaterThan(throughout);
  });

  it("paused, saved and continued from the save ends with the bytes of the uninterrupted run", async () => {
    const whole = await tell();
    whole.run.resume();
    await until(() => whole.run.phase === "finished");

    const first = await tell();
    slowDown(first);
    first.run.resume();
    await until(() => first.run.progress.step >= 13);
    await first.run.pause();
    expect(first.run.phase).toBe("paused");
    const saved = first.saves.at(-1)!;
    expect(saved.progress.step).toBe(first.run.progress.step);
    expect(saved.history.metrics.length / METRIC_COLUMNS.length).toBe(saved.progress.step);

    const second = await tell({}, saved);
    second.run.resume();
    await until(() => second.run.phase === "finished");
    const [ours, theirs] = [second.saves.at(-1)!, whole.saves.at(-1)!];
    const differing = Object.keys(theirs.state).filter((arena) => !Buffer.from(ours.state[arena]!).equals(Buffer.from(theirs.state[arena]!)));
    expect(differing).toEqual([]);
    expect(ours.history.validation.map(({ step, loss }) => [step, loss])).toEqual(theirs.history.validation.map(({ step, loss }) => [step, loss]));
    expect(ours.history.samples).toEqual(theirs.history.samples);
  });

  it("steps exactly once, then is paused again; stop ends it and keeps it saved", async () => {
    const story = await tell();
    slowDown(story);
    const { run, rows, phases, saves } = story;
    await run.step();
    await run.step();
    expect(rows.map((row) => row[0])).toEqual([1, 2]);
    expect(phases).toEqual(["running", "paused", "running", "paused"]);
    run.resume();
    await until(() => run.progress.step >= 5);
    await run.stop();
    expect(run.phase).toBe("stopped");
    expect(saves.at(-1)!.progress.step).toBe(run.progress.step);
  });

  it("makes one update for each step that was asked for, also while it runs, and none after a pause", async () => {
    const story = await tell({ steps: 400, validationEvery: 400 });
    const { run, rows, phases } = story;
    slowDown(story);
    await Promise.all([run.step(), run.step(), run.step()]);
    expect(rows.map((row) => row[0])).toEqual([1, 2, 3]);
    run.resume();
    await until(() => run.progress.step >= 5);
    await Promise.all([run.step(), run.step()]);
    const made = run.progress.step;
    expect(phases.slice(-6)).toEqual(["running", "paused", "running", "paused", "running", "paused"]);
    await Promise.all([run.step(), run.step(), run.pause()]);
    expect(run.progress.step).toBeLessThanOrEqual(made + 1);
    expect(rows.map((row) => row[0])).toEqual(rows.map((_, index) => index + 1));
  });

  it("stops after a single step when that step is saved", async () => {
    const { run, saves } = await tell({}, undefined, () => new Promise((resolve) => setTimeout(resolve, 30)));
    await run.step();
    await run.stop();
    expect(saves.map(({ progress }) => progress.step)).toEqual([1]);
  });

  it("saves the very state of the step it names, also while the loop waits for the device", async () => {
    const story = await tell({ steps: 30, validationEvery: 30 });
    slowDown(story);
    story.run.resume();
    await until(() => story.run.progress.step >= 7);
    await story.run.save();
    await story.run.stop();
    expect(story.errors).toEqual([]);
    const { progress, state } = story.saves[0]!;
    const { trainer } = await makeTinyRun(openCpuRuntime(), tinySettings({ steps: 30, validationEvery: 30 }));
    await makeUpdates(trainer, 0, progress.step);
    const expected = await trainer.snapshot();
    expect(Object.keys(expected).filter((arena) => !Buffer.from(state[arena]!).equals(Buffer.from(expected[arena]!)))).toEqual([]);
  });

  it("tells a copy of the state that fails while the save before is written, and leaves no rejection to nobody", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    let release = (): void => {};
    const written = new Promise<void>((resolve) => (release = resolve));
    const story = await tell({ steps: 400, validationEvery: 400 }, undefined, () => written);
    slowDown(story);
    story.run.resume();
    await until(() => story.run.progress.step >= 3);
    const first = story.run.save();
    const made = story.run.progress.step;
    await until(() => story.run.progress.step > made);
    const { snapshot } = story.trainer;
    // No spy: it would handle the rejection itself.
    Object.assign(story.trainer, { snapshot: () => Promise.reject(new Error("the device is gone")) });
    const second = story.run.save().catch(String);
    Object.assign(story.trainer, { snapshot });
    await new Promise((resolve) => setTimeout(resolve, 20));
    release();
    await first;
    expect(await second).toBe("Error: the device is gone");
    await story.run.stop();
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("tries a save that fails again when the next is due, not at every update", async () => {
    const story = await tell({ steps: 560, validationEvery: 400, width: 8 }, undefined, () => Promise.reject(new Error("disk full")));
    story.run.resume();
    await until(() => story.run.phase !== "running");
    expect(story.run.phase).toBe("finished");
    expect(story.errors.map(String)).toEqual(["Error: disk full", "Error: disk full"]);
  });

  it("keeps in a save every row up to its step, also while results are being read", async () => {
    const story = await tell({ steps: 400, validationEvery: 400 });
    const { collectRows } = story.trainer;
    slowDown(story);
    Object.assign(story.trainer, { collectRows: async () => {
      const rows = await collectRows();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return rows;
    } });
    story.run.resume();
    for (let k = 1; k <= 4; k += 1) {
      await until(() => story.run.progress.step >= 20 * k);
      await story.run.save();
    }
    await story.run.stop();
    for (const { progress, history } of story.saves) expect(history.metrics.length / METRIC_COLUMNS.length).toBe(progress.step);
  });

  it("ends when a save is the first to see that the loss is no number", async () => {
    const story = await tell({ steps: 400, validationEvery: 400 });
    const { collectRows } = story.trainer;
    slowDown(story);
    const poison = { isOn: false };
    Object.assign(story.trainer, { collectRows: async () => (await collectRows()).map((number) => (poison.isOn ? NaN : number)) });
    story.run.resume();
    await until(() => story.run.progress.step >= 10);
    poison.isOn = true;
    await story.run.save().catch(() => {});
    await until(() => story.run.phase !== "running");
    expect(story.run.phase).toBe("failed");
    expect(story.errors.map((error) => (error as FailureError).failure.kind)).toEqual(["diverged"]);
  });

  it("makes a sample that a pause cut short when it goes on", async () => {
    const story = await tell();
    slowDown(story);
    const { run, samples, validation } = story;
    run.resume();
    await until(() => validation.length === 1);
    await run.pause();
    expect(samples.every(({ text }) => text.length === 96)).toBe(true);
    run.resume();
    await until(() => run.phase === "finished");
    expect(samples.map(({ step, text }) => [step, text.length])).toEqual([1, 10, 20, 30, 40].map((step) => [step, 96]));
    expect(validation.map(({ step }) => step)).toEqual([1, 10, 20, 30, 40]);
  });

  it("goes on when a save fails, and tells it", async () => {
    let fails = true;
    const story = await tell({}, undefined, () => (fails ? Promise.reject(new Error("disk full")) : Promise.resolve()));
    slowDown(story);
    story.run.resume();
    await until(() => story.run.progress.step >= 5);
    await story.run.pause();
    expect(story.errors.map(String)).toEqual(["Error: disk full"]);
    expect(story.run.phase).toBe("paused");
    fails = false;
    await story.run.save();
    expect(story.saves.at(-1)!.progress.step).toBe(story.run.progress.step);
  });

  it("tries again a save that failed, when it is asked for again at the same step", async () => {
    let fails = false;
    const story = await tell({}, undefined, () => (fails ? Promise.reject(new Error("disk full")) : Promise.resolve()));
    slowDown(story);
    story.run.resume();
    await until(() => story.run.progress.step >= 3);
    fails = true;
    await expect(story.run.save()).rejects.toThrow("disk full");
    await story.run.pause();
    await expect(story.run.save()).rejects.toThrow("disk full");
    fails = false;
    await story.run.save();
    expect(story.saves.at(-1)!.progress.step).toBe(story.run.progress.step);
  });

  it("ends with a named failure, and good weights, when the loss is no longer a number", async () => {
    const story = await tell({ learningRate: 10, gradientClipping: 0, warmupSteps: 0, optimizer: "sgd", steps: 400, validationEvery: 400 });
    story.run.resume();
    await until(() => story.run.phase !== "running");
    expect(story.run.phase).toBe("failed");
    expect(story.errors.length).toBe(1);
    expect((story.errors[0] as FailureError).failure.kind).toBe("diverged");
    expect((story.errors[0] as FailureError).failure.hint).toContain("learning rate");
    const weights = new Float32Array((await story.trainer.snapshot())["parameters"]!);
    expect(weights.every(Number.isFinite)).toBe(true);
  });

  it("answers a prompt while it trains, and again the same after it stopped", async () => {
    const story = await tell({ steps: 400, validationEvery: 400 });
    story.run.resume();
    const request = { prompt: "the quick brown fox jumps over", temperature: 0, topK: 0, topP: 1, maxTokens: 20, seed: 1 };
    const answer = async (): Promise<string> => {
      let text = "";
      for await (const piece of story.generator.generate(request)) text += piece;
      return text;
    };
    expect((await answer()).length).toBe(20);
    await story.run.stop();
    const [first, second] = [await answer(), await answer()];
    expect(first).toBe(second);
    story.trainer.destroy();
  });
});
