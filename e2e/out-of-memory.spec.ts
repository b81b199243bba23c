/**
 * A batch that the GPU cannot hold: the browser refuses the memory in the training worker. In: a limit on what one run may take.
 * Out: the run trains the same batches in pieces and says so, to the losses of a run that had the memory; where not even one
 * window fits, the message says what to make smaller, and a smaller model trains on the same page.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test";
import { control, linkTo, openStudio, pause, press, readTable, TINY, train, visit } from "./support/studio";

/** Activations take by far the most. */
const settings = { ...TINY, width: 32, layers: 2, contextLength: 64, batchSize: 16, validationEvery: 1000, warmupSteps: 2 };
const WIDE = linkTo({ ...settings, steps: 20 });
/** Still on its way when Pause is pressed. */
const ENDLESS = linkTo({ ...settings, steps: 100_000 });

/** Answers as a device does that has run out: memory of a run (it has an arena of parameters) is refused above `limit` bytes. */
async function limitMemory(page: Page, limit: number): Promise<void> {
  const worker = page.workers().find((one) => one.url().includes("train"));
  if (!worker) throw new Error("There is no training worker.");
  await worker.evaluate((most) => {
    const scopes: { bytes: number; isRun: boolean }[] = [];
    const { pushErrorScope, popErrorScope, createBuffer } = GPUDevice.prototype;
    GPUDevice.prototype.pushErrorScope = function (filter) {
      scopes.push({ bytes: 0, isRun: false });
      pushErrorScope.call(this, filter);
    };
    GPUDevice.prototype.createBuffer = function (descriptor) {
      const scope = scopes.at(-1);
      if (scope) {
        scope.bytes += descriptor.size;
        scope.isRun ||= descriptor.label === "parameters";
      }
      return createBuffer.call(this, descriptor);
    };
    GPUDevice.prototype.popErrorScope = async function () {
      const scope = scopes.pop();
      const error = await popErrorScope.call(this);
      return scope?.isRun && scope.bytes > most ? new GPUOutOfMemoryError("refused for this story") : error;
    };
  }, limit);
}

async function trainToEnd(page: Page): Promise<number[]> {
  await press(page, "Train");
  await expect(page.getByRole("status").filter({ hasText: /has finished, step 20/ })).toBeAttached({ timeout: 120_000 });
  return (await readTable(page, "Loss")).map((row) => row["Training loss"] ?? Number.NaN).filter(Number.isFinite);
}

test("batches that do not fit are trained in pieces, to the same losses", async ({ page }) => {
  test.setTimeout(180_000);
  await openStudio(page, WIDE);
  const whole = await trainToEnd(page);
  expect(whole.length).toBeGreaterThan(10);

  await openStudio(page, WIDE);
  await limitMemory(page, 2 * 2 ** 20);
  const split = await trainToEnd(page);
  await expect(page.getByText(/The GPU could not hold batches of 16; Descent trains with \d+ × \d+: same result/)).toBeVisible();
  expect(split).toHaveLength(whole.length);
  whole.forEach((loss, index) => expect(split[index]).toBeCloseTo(loss, 3));

  await page.getByRole("button", { name: "Performance" }).click();
  await expect(page.getByRole("dialog", { name: "Performance" }).getByRole("region", { name: "Memory by purpose" })).toContainText(/Batches of 16 do not fit: each is trained as \d+ × \d+/);
});

test("where not even one window fits, the message names what to make smaller, and a smaller model trains", async ({ page }) => {
  await openStudio(page, ENDLESS);
  await limitMemory(page, 300 * 2 ** 10);
  await press(page, "Train");
  const alert = page.getByRole("alert").filter({ hasText: /Even one window of text at a time is too much for this device/ });
  await expect(alert).toBeVisible({ timeout: 60_000 });
  await expect(alert).toContainText(/make the context or the model smaller/);

  await visit(page, "Train");
  await page.getByRole("spinbutton", { name: "Width", exact: true }).fill("16");
  await page.keyboard.press("Tab");
  await page.getByRole("spinbutton", { name: "Context length", exact: true }).fill("16");
  await page.keyboard.press("Tab");
  await expect(control(page, "Train")).toBeEnabled();
  await train(page, 5);
  await pause(page);
});
