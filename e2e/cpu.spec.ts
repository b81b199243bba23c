/**
 * A plain browser on a machine without a GPU: `navigator.gpu` is there, an adapter is not. The page says so and names who has
 * WebGPU; the same program trains on the processor, and everything else works as ever.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test";
import { figure, openStudio, pause, press, readFigure, stop, visit, waitForFigure, waitForStep, waitUntilReady } from "./support/studio";

test("without WebGPU the page says so and trains on the processor @cpu", async ({ page }) => {
  await openStudio(page, "", "automatic");
  expect(await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) ?? null)).toBeNull();

  const notice = page.getByRole("region", { name: "About this device" });
  await expect(notice).toContainText("Training runs on the processor instead");
  for (const name of ["Chrome", "Edge", "Safari", "Firefox", "graphics acceleration", "chrome://flags/#enable-unsafe-webgpu"]) await expect(notice).toContainText(name);
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(figure(page, "Adapter")).toHaveText("CPU");
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  await expectThreads(page, cores <= 2 ? cores : cores - 1);
  await notice.getByRole("button", { name: "Got it" }).click();
  await expect(notice).toHaveCount(0);

  await press(page, "Train");
  const first = await waitForFigure(page, "Validation loss", (loss) => loss > 0, 90_000);
  const last = await waitForFigure(page, "Validation loss", (loss) => loss < first - 0.5, 120_000);
  expect(last).toBeGreaterThan(1);
  expect(await readFigure(page, "Tokens per second")).toBeGreaterThan(0);

  await visit(page, "Play");
  await page.getByRole("textbox", { name: "Prompt" }).fill("Call me");
  await page.getByRole("spinbutton", { name: "Max tokens" }).fill("30");
  await page.getByRole("main").getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("region", { name: "Generated text" })).toHaveText(/^Call me.{30}$/s, { timeout: 60_000 });
  await visit(page, "Train");

  const paused = await pause(page);
  await page.getByRole("combobox", { name: "CPU threads" }).selectOption("Half");
  await expectThreads(page, Math.max(1, Math.floor(cores / 2)));
  await press(page, "Step");
  await expect(figure(page, "Step")).toHaveText(String(paused + 1));
  await expect(page.getByText("not bit for bit the same"), "any number of threads gives the same bytes").toHaveCount(0);
  await page.reload();
  await waitUntilReady(page);
  await press(page, "Resume");
  await waitForStep(page, paused + 5);
  expect(await stop(page)).toBeGreaterThanOrEqual(paused + 5);
});

/** As the page says, and as there are workers: the training worker is a thread itself. */
async function expectThreads(page: Page, wanted: number): Promise<void> {
  const threads = Math.min(16, wanted);
  await expect(page.getByRole("contentinfo", { name: "Status" })).toContainText(`WebAssembly, f32, ${threads} thread${threads === 1 ? "" : "s"}`);
  await expect(async () => expect(page.workers().filter((worker) => worker.url().includes("compute"))).toHaveLength(threads - 1)).toPass({ timeout: 10_000 });
}
