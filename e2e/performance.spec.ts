/**
 * A person wants to know where the time goes: reads speed and share of the peak in the status bar, opens Performance with the
 * keyboard, measures the kernels while the run goes on, sees memory by purpose, and closes it again; the run is not disturbed. Somebody
 * whose machine was busy when the kernels were chosen has them chosen again.
 */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "./support/test";
import { control, linkTo, openStudio, pause, press, readStep, stop, TINY, train, waitForStep } from "./support/studio";

test("the status bar, the drawer, the kernels, by keyboard", async ({ page }) => {
  await openStudio(page, linkTo({ ...TINY, steps: 5000 }));
  await train(page, 30);
  const status = page.getByRole("contentinfo", { name: "Status" });
  await expect(status).toContainText(/[\d,]+ tokens\/s · [\d.]+ [MGT]FLOP\/s · [\d.]+% of peak/, { timeout: 60_000 });

  await page.getByRole("main").focus();
  await page.keyboard.press("p");
  const drawer = page.getByRole("dialog", { name: "Performance" });
  await expect(drawer).toBeVisible();
  await expect(drawer.getByRole("region", { name: "Speed" })).toContainText(/Measured here: .*FLOP\/s.*B\/s/);
  const memory = drawer.getByRole("region", { name: "Memory by purpose" });
  for (const purpose of ["Weights", "Gradients", "Moments of the optimizer", "Activations"]) await expect(memory).toContainText(purpose);
  await expect(drawer.getByRole("region", { name: "Predicted and measured" })).toContainText(/predicted/);

  const before = await readStep(page);
  await drawer.getByRole("button", { name: "Measure kernels" }).focus();
  await page.keyboard.press("Enter");
  const table = drawer.getByRole("table", { name: "Time by kernel" });
  await expect(table).toBeVisible({ timeout: 60_000 });
  const rows = await table.locator("tbody tr").evaluateAll((all) => all.map((row) => Array.from(row.querySelectorAll("th span, td"), (cell) => cell.textContent.trim())));
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.some(([label]) => label?.startsWith("matmul"))).toBe(true);
  const shares = rows.map((row) => Number.parseFloat(row[3] ?? ""));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(90);
  const { violations } = await new AxeBuilder({ page }).include('[role="dialog"]').analyze();
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id }) => id)).toEqual([]);

  await page.keyboard.press("Escape");
  await expect(drawer).toHaveCount(0);
  await waitForStep(page, before + 3);
  await pause(page);
});

test("tune again: the run goes on with its kernels, the next new one measures anew", async ({ page }) => {
  await openStudio(page, linkTo({ ...TINY, steps: 5000 }));
  await train(page, 3);
  const choices = async (): Promise<string> => {
    await page.getByRole("contentinfo", { name: "Status" }).getByRole("button", { name: "Performance" }).click();
    return (await chosen.locator("dl").textContent()) ?? "";
  };
  const drawer = page.getByRole("dialog", { name: "Performance" });
  const chosen = drawer.getByRole("region", { name: "Kernels chosen for this device" });
  const before = await choices();
  expect(before).toContain("matmul");
  const again = drawer.getByRole("button", { name: "Tune again" });
  await expect(again).toHaveAccessibleDescription(/kept for later runs/);
  await again.focus();
  await page.keyboard.press("Enter");
  await expect(chosen).toContainText("Forgotten");
  await drawer.getByRole("button", { name: "Close" }).click();
  expect(await choices(), "of the run that is going on").toBe(before);
  await page.keyboard.press("Escape");
  await waitForStep(page, (await readStep(page)) + 3);

  await stop(page);
  const progress = page.getByRole("progressbar", { name: "Progress of the run" });
  const tuned = expect(progress.locator("..")).toContainText(/Tuning kernels/, { timeout: 60_000 });
  await press(page, "Train");
  await tuned;
  await expect(control(page, "Pause")).toBeEnabled({ timeout: 90_000 });
  await waitForStep(page, 1);
  await pause(page);
});
