/**
 * A newcomer opens the page and presses Train, nothing else. The validation loss on the sample book must fall below its
 * unigram entropy, a number the page itself shows, within two minutes of a software adapter.
 */
import { expect, test } from "./support/test";
import { figure, openStudio, pause, press, readFigure, readTable, valueOf, waitForFigure } from "./support/studio";

/** From pressing Train, on two cores that do the GPU's work and the browser's. */
const MINUTES_ALLOWED = 2;

test("a fresh page learns the sample book from one press of Train", async ({ page }) => {
  test.setTimeout(300_000);
  await openStudio(page);

  const ladder = page.getByRole("figure", { name: "The way down" });
  const rung = async (name: string): Promise<number> => Number(await ladder.getByRole("listitem").filter({ hasText: name }).locator("b").textContent());
  await expect(ladder).toBeVisible({ timeout: 60_000 });
  const [guess, unigram, bigram] = [await rung("Random guess"), await rung("Frequencies"), await rung("Pairs")];
  expect(guess).toBeGreaterThan(unigram);
  expect(unigram).toBeGreaterThan(bigram);
  expect(bigram).toBeGreaterThan(1);

  const estimate = page.getByLabel("Estimate", { exact: true });
  await expect(valueOf(estimate, "Parameters")).toHaveText(/^[\d,.]+( M)?$/);
  await expect(valueOf(estimate, "Memory")).toHaveText(/^[\d.]+ [KMG]B of [\d.]+ [MG]B$/);
  await expect(valueOf(estimate, "Time")).toHaveText(/^≈ .*\d.* here$/);

  await press(page, "Train");
  const pressed = Date.now();
  const first = await waitForFigure(page, "Validation loss", (loss) => loss > 0, 90_000);
  expect(Math.abs(first - guess), "an untrained model guesses").toBeLessThan(0.3);
  const last = await waitForFigure(page, "Validation loss", (loss) => loss < unigram - 0.05, MINUTES_ALLOWED * 60_000);
  const seconds = (Date.now() - pressed) / 1000;
  test.info().annotations.push({ type: "seconds from Train to below the unigram entropy", description: `${seconds.toFixed(1)} (loss ${last}, line ${unigram})` });
  expect(seconds).toBeLessThan(MINUTES_ALLOWED * 60);

  const samples = page.getByRole("list", { name: "Samples" }).getByRole("listitem");
  await expect.poll(() => samples.count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
  await pause(page);
  const [loss, perplexity] = [await readFigure(page, "Validation loss"), await readFigure(page, "Perplexity")];
  // Both are rounded: the loss to 0.005, so e to it by half a percent, and the perplexity to 0.05.
  expect(Math.abs(perplexity - Math.exp(loss))).toBeLessThan(0.0055 * Math.exp(loss) + 0.06);

  const losses = await readTable(page, "Loss");
  const perplexities = await readTable(page, "Perplexity");
  expect(losses.length).toBeGreaterThan(5);
  expect(perplexities.map((row) => row["Step"])).toEqual(losses.map((row) => row["Step"]));
  for (const [index, row] of losses.entries()) {
    const pairs = ["Training", "Validation"].map((kind) => [row[`${kind} loss`] ?? Number.NaN, perplexities[index]?.[`${kind} perplexity`] ?? Number.NaN] as const);
    for (const [nats, choices] of pairs) {
      if (!Number.isNaN(nats)) expect(Math.abs(choices / Math.exp(nats) - 1), `perplexity ${choices} of loss ${nats}`).toBeLessThan(0.012);
    }
  }

  for (const sample of await samples.all()) await expect(sample).toHaveText(/^Step [\d,]+Call me.{20,}/s);
  const steps = (await samples.allTextContents()).map((text) => Number(/^Step ([\d,]+)Call/.exec(text)?.[1]?.replaceAll(",", "")));
  expect(steps, "newest first").toEqual([...steps].sort((a, b) => b - a));

  await expect(figure(page, "Adapter")).not.toHaveText(/^(–|CPU)$/);
  expect(await readFigure(page, "Tokens per second")).toBeGreaterThan(0);
  const status = page.getByRole("contentinfo", { name: "Status" });
  await expect(status).toContainText(/WebGPU, f32/);
  await expect(status).toContainText(/step [\d.]+ (ms|s)/);
  await expect(status).toContainText(/\d+ dispatches, \d+ submits?/);
  await expect(status).toContainText("seed 1337");
  await expect(status).toContainText(/\d [KMG]B/);
  await expect(status).toContainText(/saved at [\d,]+/);
  await expect(status).toContainText("nothing leaves this device");
});
