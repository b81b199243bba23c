/**
 * Two things can compute here: a GPU (an emulated one, where there is no other) and the processor. A person chooses the CPU, trains,
 * moves the paused run to the GPU and goes on; the page says that it is not bit for bit the same run. Nobody chooses: what is faster.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test";
import { figure, linkTo, openStudio, pause, press, readTable, TINY, train, waitForStep, waitUntilReady } from "./support/studio";

const device = (page: Page) => page.getByRole("combobox", { name: "Device" });
const status = (page: Page) => page.getByRole("contentinfo", { name: "Status" });

test("a run begun on the CPU moves to the GPU, by keyboard", async ({ page }) => {
  await openStudio(page, linkTo(TINY));
  await expect(device(page)).toHaveValue("gpu");
  await expect(page.getByRole("combobox", { name: "CPU threads" })).toHaveCount(0);
  await device(page).focus();
  await page.keyboard.press("C");
  await expect(device(page)).toHaveValue("cpu");
  await expect(device(page)).toBeFocused();
  await expect(figure(page, "Adapter")).toHaveText("CPU");
  await expect(status(page)).toContainText(/WebAssembly, f32, \d+ threads?/);
  expect(page.workers().filter((worker) => worker.url().includes("compute")).length, "threads beside the training worker").toBeLessThan(await page.evaluate(() => navigator.hardwareConcurrency));

  await train(page, 20);
  await expect(device(page)).toBeDisabled();
  const paused = await pause(page);
  await device(page).focus();
  await page.keyboard.press("G");
  await expect(status(page)).toContainText("WebGPU", { timeout: 60_000 });
  const moved = page.getByText(new RegExp(`was trained on CPU until step ${paused.toLocaleString("en")}\\. It continues on .*: as good, but not bit for bit the same run\\.`));
  await expect(moved.first()).toBeVisible();
  await expect(figure(page, "Step")).toHaveText(String(paused));
  await press(page, "Resume");
  await waitForStep(page, paused + 5);
  await pause(page);
  const losses = (await readTable(page, "Loss")).map((row) => row["Training loss"] ?? Number.NaN).filter(Number.isFinite);
  expect(losses.length).toBeGreaterThan(10);
  expect(Math.min(...losses.slice(-3)), "it goes on where it was").toBeLessThan(losses[0]!);

  await page.getByRole("button", { name: "Performance" }).click();
  await expect(page.getByRole("dialog", { name: "Performance" })).toContainText(new RegExp(`Trained on CPU, then .* from step ${paused.toLocaleString("en")}\\.`));
  await page.keyboard.press("Escape");
  await page.reload();
  await waitUntilReady(page);
  await expect(device(page), "the choice is remembered").toHaveValue("gpu");
  await press(page, "Resume");
  await waitForStep(page, paused + 6);
  await expect(moved, "the run stays where it went").toHaveCount(0);
});

test("where the GPU is emulated, Automatic takes what was measured to be faster, and says so", async ({ page }) => {
  await openStudio(page, linkTo(TINY), "automatic");
  await expect(device(page)).toHaveValue("automatic");
  const isEmulated = await page.evaluate(async () => (await navigator.gpu?.requestAdapter())?.info.architecture === "swiftshader");
  test.skip(!isEmulated, "there is a real GPU");
  const faster = (await figure(page, "Adapter").textContent()) ?? "";
  await expect(page.getByText(/The GPU here is emulated \(SwiftShader \(software\)\)\. Measured: .* as fast as/)).toContainText(`Measured: ${faster} is`);
  await train(page, 5);
  await pause(page);
});

test("training on the CPU rests while the page is hidden, if that is wished", async ({ page }) => {
  await openStudio(page, linkTo(TINY), "cpu");
  await train(page, 5);
  await expect(device(page), "another device has to wait").toBeDisabled();
  await page.getByRole("switch", { name: "Pause while hidden" }).check();
  await show(page, "hidden");
  await expect(page.getByRole("group", { name: "Run control" }).getByRole("button", { name: "Resume", exact: true })).toBeEnabled();
  await show(page, "visible");
  await expect(page.getByRole("group", { name: "Run control" }).getByRole("button", { name: "Pause", exact: true })).toBeEnabled();
  await pause(page);
  await show(page, "hidden");
  await show(page, "visible");
  await expect(page.getByRole("group", { name: "Run control" }).getByRole("button", { name: "Resume", exact: true }), "who paused it goes on").toBeEnabled();
});

/** A headless page is never hidden by itself. */
const show = (page: Page, state: DocumentVisibilityState): Promise<void> =>
  page.evaluate((visibility) => {
    Object.defineProperty(document, "visibilityState", { value: visibility, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
