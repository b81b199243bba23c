/**
 * Runs outlive their page. A reload offers the run and goes on with its charts; a page that is killed in the middle of
 * training goes on to the very bytes that an undisturbed run ends in.
 */
import type { Page } from "@playwright/test";
import { arenasOf, readCheckpoints, type StoredCheckpoint } from "./support/checkpoints";
import { expect, killPage, test } from "./support/profile";
import { control, figure, linkTo, openStudio, pause, press, readStep, readTable, TINY, train, waitForFigure, waitForStep, waitUntilReady } from "./support/studio";

const offer = (page: Page) => page.getByRole("region", { name: "Earlier run" });
const sampleTexts = (page: Page) => page.getByRole("list", { name: "Samples" }).getByRole("listitem").allTextContents();

test("a reload offers the run again, with its charts and samples", async ({ page }) => {
  await openStudio(page, linkTo({ ...TINY, validationEvery: 20, width: 12 }));
  await train(page, 22);
  const paused = await pause(page);
  await expect(figure(page, "Saved")).toHaveText(String(paused));
  const before = { losses: await readTable(page, "Loss"), samples: await sampleTexts(page), loss: await figure(page, "Validation loss").textContent() };

  await page.goto("about:blank");
  await page.goto("/");
  await waitUntilReady(page);
  await expect(offer(page)).toContainText(`stopped at step ${paused.toLocaleString("en-US")} (saved)`);
  await expect(control(page, "Resume")).toBeEnabled();
  await expect(page.getByLabel("Width", { exact: true }), "the form shows the run's settings").toHaveValue("12");

  await offer(page).getByRole("button", { name: "Continue" }).click();
  await expect(offer(page)).toHaveCount(0, { timeout: 60_000 });
  await expect(figure(page, "Step")).toHaveText(String(paused));
  await expect(figure(page, "Validation loss")).toHaveText(before.loss ?? "");
  expect(await readTable(page, "Loss")).toEqual(before.losses);
  expect(await sampleTexts(page)).toEqual(before.samples);

  await press(page, "Step");
  await expect(figure(page, "Step")).toHaveText(String(paused + 1), { timeout: 30_000 });
  await press(page, "Resume");
  await waitForStep(page, paused + 25);
  await pause(page);
  const after = await readTable(page, "Loss");
  const steps = after.map((row) => row["Step"] ?? 0);
  expect(after[0]?.["Validation loss"], "of the first update").toBeGreaterThan(0);
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  expect((await sampleTexts(page)).length).toBeGreaterThan(before.samples.length);

  await page.reload();
  await waitUntilReady(page);
  await offer(page).getByRole("button", { name: "Start fresh" }).click();
  await expect(offer(page)).toHaveCount(0);
  await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });
  expect(await readCheckpoints(page)).toEqual([]);
});

test("a reload in the middle of training loses no more than what came after the last save", async ({ page }) => {
  await openStudio(page, linkTo(TINY));
  await train(page, 20);
  // Hiding the page saves; so does leaving it, but nobody waits for that.
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  const saved = await waitForFigure(page, "Saved", (step) => step >= 20);
  const reached = await waitForStep(page, saved + 5);
  await page.reload();
  await waitUntilReady(page);
  const [stored] = await readCheckpoints(page);
  expect(stored?.step).toBeGreaterThanOrEqual(saved);
  await expect(offer(page)).toContainText(`stopped at step ${stored?.step.toLocaleString("en-US")} (saved)`);
  await press(page, "Resume");
  await waitForStep(page, reached + 5);
});

/** Dropout, accumulation and a schedule: everything whose state could be forgotten between two visits. */
const EXACT = linkTo({
  ...TINY, steps: 100, validationEvery: 50, contextLength: 64, batchSize: 8, width: 32, heads: 2, dropout: 0.1, gradientAccumulation: 2, schedule: "cosine", warmupSteps: 10, seed: 11,
});

async function expectFinished(page: Page): Promise<void> {
  await expect(page.getByRole("status").filter({ hasText: /has finished, step 100/ })).toBeAttached({ timeout: 120_000 });
  await expect(figure(page, "Saved")).toHaveText("100");
}

async function trainToEnd(page: Page): Promise<StoredCheckpoint> {
  await openStudio(page, EXACT);
  await press(page, "Train");
  await expectFinished(page);
  return newestAt100(page);
}

async function newestAt100(page: Page): Promise<StoredCheckpoint> {
  const [newest] = await readCheckpoints(page);
  if (newest?.step !== 100) throw new Error(`The newest checkpoint is of step ${newest?.step ?? "none"}, not 100.`);
  return newest;
}

test("killed and resumed, or trained twice, a run ends in the same bytes", async ({ profile }) => {
  test.setTimeout(420_000);
  profile.watched.allow(/^crash:/);
  const { context } = profile;
  const first = await context.newPage();
  const whole = await trainToEnd(first);
  expect(Object.keys(arenasOf(whole)).length, "weights and both moments of AdamW").toBe(3);
  for (const name of Object.keys(arenasOf(whole))) expect(whole.bytes[name]).toBeGreaterThan(10_000);
  const again = await trainToEnd(first);
  expect(again.runId).not.toBe(whole.runId);
  expect(arenasOf(again), "the same seed twice").toEqual(arenasOf(whole));

  await openStudio(first, EXACT);
  await train(first, 30);
  const saved = await pause(first);
  await press(first, "Resume");
  const reached = await waitForStep(first, saved + 3);
  expect(reached, "it was killed before its end").toBeLessThan(100);
  await killPage(first);

  const second = await context.newPage();
  await openStudio(second);
  await expect(offer(second)).toContainText(/stopped at step \d+ \(saved\)/, { timeout: 60_000 });
  const [left] = await readCheckpoints(second);
  expect(left?.runId).not.toBe(again.runId);
  expect(left?.step).toBeGreaterThanOrEqual(saved);
  expect(left?.step).toBeLessThan(100);
  await press(second, "Resume");
  await expect(control(second, "Pause")).toBeEnabled({ timeout: 90_000 });
  expect(await readStep(second)).toBeLessThan(100);
  await expectFinished(second);
  const resumed = await newestAt100(second);
  expect(resumed.runId).toBe(left?.runId);
  expect(arenasOf(resumed), "killed and resumed").toEqual(arenasOf(whole));
  expect(resumed.hashes["history:samples"], "the samples are the same, too").toBe(whole.hashes["history:samples"]);
});
