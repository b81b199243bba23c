/**
 * The GPU goes away in the middle of a run: a driver restarts, a laptop changes its graphics card. In: `device.destroy()` in
 * the training worker. Out: an alert that names it, a new device, and the run going on from its last save by itself, to the
 * same bytes as a run to which nothing happened.
 */
import type { Page, Worker } from "@playwright/test";
import { arenasOf, readCheckpoints } from "./support/checkpoints";
import { expect, test } from "./support/test";
import { control, figure, linkTo, openStudio, pause, press, readStep, readTable, TINY, train, valueOf, visit, waitForStep } from "./support/studio";

interface Lossy {
  lastDevice?: GPUDevice;
  /** Devices opened so far. */
  opened: number;
  /** The next device is destroyed as soon as it is opened. */
  losesNext: boolean;
}

/** Remembers the devices that the training worker opens; before the first, so that none is missed. */
function watchDevices(): void {
  const state: Lossy = Object.assign(globalThis as unknown as Lossy, { opened: 0, losesNext: false });
  const { prototype } = GPUAdapter;
  const open = prototype.requestDevice;
  prototype.requestDevice = async function (this: GPUAdapter, ...given) {
    const device = await open.apply(this, given);
    state.lastDevice = device;
    state.opened += 1;
    return device;
  };
  const encode = GPUDevice.prototype.createCommandEncoder;
  GPUDevice.prototype.createCommandEncoder = function (this: GPUDevice, ...given) {
    state.lastDevice = this;
    if (state.losesNext) {
      state.losesNext = false;
      this.destroy();
    }
    return encode.apply(this, given);
  };
}

async function openWatched(page: Page, hash: string): Promise<Worker> {
  await openStudio(page, hash);
  const worker = page.workers().find((one) => one.url().includes("train"));
  if (!worker) throw new Error(`There is no training worker among ${page.workers().map((one) => one.url()).join(", ")}.`);
  await worker.evaluate(watchDevices);
  return worker;
}

const loseDevice = (worker: Worker) =>
  worker.evaluate(() => {
    const { lastDevice } = globalThis as unknown as Lossy;
    if (!lastDevice) throw new Error("No device has worked yet.");
    lastDevice.destroy();
  });

const loseDuringNextWork = (worker: Worker) => worker.evaluate(() => void ((globalThis as unknown as Lossy).losesNext = true));

/** Of the press on Train; before it the worker may be at work for nobody, and what is lost then is told before. */
const loseAtTrain = (worker: Worker) =>
  worker.evaluate(() => {
    self.addEventListener("message", ({ data }: MessageEvent<{ readonly path?: readonly string[] } | null>) => {
      if (data?.path?.at(-1) === "start") (globalThis as unknown as Lossy).losesNext = true;
    });
  });

const alertOf = (page: Page) => page.getByRole("alert").filter({ has: page.getByRole("heading", { name: /The GPU was lost/ }) });
const isBack = (page: Page) => page.getByText(/The GPU is back; the run goes on at step [\d,]+\./).first();

async function expectOrderly(page: Page): Promise<void> {
  const steps = (await readTable(page, "Loss")).map((row) => row["Step"] ?? 0);
  expect(steps, "the charts hold each step once").toEqual([...new Set(steps)].sort((a, b) => a - b));
}

/** Slow enough to be lost and paused on the way, checked at its end. */
const HUNDRED = linkTo({ ...TINY, steps: 100, validationEvery: 60, dropout: 0.1, batchSize: 16, contextLength: 64, width: 32, gradientAccumulation: 2, seed: 3 });

async function finish(page: Page): Promise<Record<string, string>> {
  await expect(page.getByRole("status").filter({ hasText: /has finished, step 100/ })).toBeAttached({ timeout: 120_000 });
  await expect(figure(page, "Saved")).toHaveText("100");
  const [newest] = await readCheckpoints(page);
  expect(newest?.step).toBe(100);
  return newest ? arenasOf(newest) : {};
}

test("lost twice, before and after the first save, a run ends in the same bytes", async ({ page }) => {
  test.setTimeout(300_000);
  await openStudio(page, HUNDRED);
  await press(page, "Train");
  const undisturbed = await finish(page);
  expect(Object.keys(undisturbed)).toHaveLength(3);

  const worker = await openWatched(page, HUNDRED);
  await train(page, 5);
  const before = await readStep(page);
  await loseDevice(worker);
  await expect(alertOf(page)).toContainText(/took the GPU away at step \d+/);
  await expect(alertOf(page)).toContainText("goes on from the last checkpoint");
  await expect(page.getByText("The GPU is back; the run goes on at step 0.")).toBeVisible({ timeout: 60_000 });
  await expect(control(page, "Pause")).toBeEnabled();
  await waitForStep(page, before + 1);
  await waitForStep(page, 20);
  const saved = await pause(page);
  expect(saved).toBeLessThan(90);
  await press(page, "Resume");
  await waitForStep(page, saved + 2);
  await loseDevice(worker);
  await expect(page.getByText(`The GPU is back; the run goes on at step ${saved}.`)).toBeVisible({ timeout: 60_000 });
  expect(await finish(page)).toEqual(undisturbed);
  await expectOrderly(page);
  await alertOf(page).first().getByRole("button", { name: "Dismiss" }).click();
});

test("lost in the middle of an update, and again while it is brought back", async ({ page }) => {
  const worker = await openWatched(page, linkTo(TINY));
  await train(page, 10);
  const saved = await pause(page);
  await press(page, "Resume");
  await waitForStep(page, saved + 2);
  await loseDuringNextWork(worker);
  await expect(alertOf(page).first()).toBeVisible();
  // The second one dies as soon as it is opened.
  await expect(async () => {
    expect(await worker.evaluate(() => (globalThis as unknown as Lossy).opened)).toBeGreaterThanOrEqual(1);
  }).toPass({ intervals: [1], timeout: 30_000 });
  await loseDevice(worker);
  await expect(isBack(page)).toBeVisible({ timeout: 90_000 });
  await waitForStep(page, saved + 20);
  await expect(control(page, "Pause")).toBeEnabled();
  const step = await pause(page);
  await expect(figure(page, "Saved")).toHaveText(String(step));
  await expectOrderly(page);
});

test("lost while paused, and Pause pressed while it is brought back", async ({ page }) => {
  const worker = await openWatched(page, linkTo(TINY));
  await train(page, 10);
  const paused = await pause(page);
  await loseDevice(worker);
  await expect(isBack(page)).toBeVisible({ timeout: 60_000 });
  await expect(control(page, "Resume"), "it stays paused").toBeEnabled();
  await expect(figure(page, "Step")).toHaveText(String(paused));
  await visit(page, "Play");
  await page.getByRole("textbox", { name: "Prompt" }).fill("Call me");
  await page.getByRole("spinbutton", { name: "Max tokens" }).fill("20");
  await page.getByRole("main").getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("region", { name: "Generated text" })).toHaveText(/^Call me.{20}$/s, { timeout: 60_000 });
  await visit(page, "Train");

  await press(page, "Resume");
  await waitForStep(page, paused + 5);
  await loseDevice(worker);
  await press(page, "Pause");
  await expect(control(page, "Resume")).toBeEnabled({ timeout: 60_000 });
  await expect(page.getByText(`The GPU is back; the run goes on at step ${paused}.`).first()).toBeVisible();
  const stands = await readStep(page);
  await page.waitForTimeout(700);
  expect(await readStep(page), "a press is not forgotten").toBe(stands);
});

test("lost while the form is measured and again as Train is pressed, a run begins all the same", async ({ page }) => {
  const worker = await openWatched(page, linkTo(TINY));
  // The first work of a device is to measure its rates for the estimate.
  await loseDuringNextWork(worker);
  await expect(alertOf(page).first()).toBeVisible({ timeout: 60_000 });
  await expect(valueOf(page.getByLabel("Estimate", { exact: true }), "Time"), "measured on the next device").toHaveText(/^≈ /, { timeout: 60_000 });
  await loseAtTrain(worker);
  await press(page, "Train");
  await expect(alertOf(page).first()).toBeVisible({ timeout: 60_000 });
  await expect(control(page, "Pause")).toBeEnabled({ timeout: 90_000 });
  await waitForStep(page, 5);
  await pause(page);
  await expectOrderly(page);
});
