/**
 * A person drives the run with its buttons, and again with nothing but a keyboard. At every moment exactly one of Train,
 * Pause and Resume shows; a watch inside the page looks at every change of it.
 */
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./support/test";
import { control, figure, linkTo, openStudio, pause, press, readStep, readTable, savedStep, stop, TINY, train, waitForStep } from "./support/studio";

/** Counts the primary buttons after every change of the page, from now on. */
async function watchPrimary(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const wrong: string[] = [];
    Object.assign(globalThis, { wrongPrimaries: wrong });
    const look = (): void => {
      const names = Array.from(document.querySelectorAll("button"), (button) => button.textContent.trim()).filter((name) => /^(Train|Pause|Resume)$/.test(name));
      if (names.length !== 1) wrong.push(names.join(" and ") || "none");
    };
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { wrongPrimaries: string[] }).wrongPrimaries);
}

/** The step must stand still: the live figures come ten times a second, updates far more often. */
async function expectStandsAt(page: Page, step: number): Promise<void> {
  await page.waitForTimeout(700);
  expect(await readStep(page)).toBe(step);
}

test("Pause, Step, Resume, Stop, and Train again", async ({ page }) => {
  await openStudio(page, linkTo(TINY));
  const wrongPrimaries = await watchPrimary(page);
  await expect(control(page, "Step")).toBeDisabled();
  await expect(control(page, "Stop")).toBeDisabled();

  await train(page, 3);
  await expect(control(page, "Step")).toBeDisabled();
  const paused = await pause(page);
  expect(paused).toBeGreaterThanOrEqual(3);
  await expect(figure(page, "Saved")).toHaveText(String(paused));
  await expectStandsAt(page, paused);

  for (const more of [1, 2, 3]) {
    await press(page, "Step");
    await expect(control(page, "Resume")).toBeEnabled({ timeout: 60_000 });
    await expect(figure(page, "Step")).toHaveText(String(paused + more));
  }
  await expectStandsAt(page, paused + 3);

  await press(page, "Resume");
  await waitForStep(page, paused + 6);
  const stopped = await stop(page);
  await expect(control(page, "Stop")).toBeDisabled();
  await expectStandsAt(page, stopped);

  const steps = (await readTable(page, "Loss")).map((row) => row["Step"] ?? 0);
  expect(steps.at(-1)).toBe(stopped);
  expect(steps, "every step once, in order").toEqual([...new Set(steps)].sort((a, b) => a - b));

  await train(page, 1);
  await stop(page);
  expect(await wrongPrimaries()).toEqual([]);
});

test("a run that reaches its last step is finished and saved there", async ({ page }) => {
  await openStudio(page, linkTo({ ...TINY, steps: 12, validationEvery: 8 }));
  const wrongPrimaries = await watchPrimary(page);
  await press(page, "Train");
  await expect(page.getByRole("status").filter({ hasText: /has finished, step 12/ })).toBeAttached({ timeout: 90_000 });
  await expect(control(page, "Train")).toBeEnabled();
  await expect(figure(page, "Step")).toHaveText("12");
  await expect(figure(page, "Saved")).toHaveText("12");
  const measured = (await readTable(page, "Loss")).filter((row) => !Number.isNaN(row["Validation loss"])).map((row) => row["Step"]);
  expect(measured).toEqual([1, 8, 12]);
  expect(await wrongPrimaries()).toEqual([]);
});

/** Walks with Tab until the element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("60 presses of Tab did not reach it.");
}

test("with a keyboard alone", async ({ page }) => {
  await openStudio(page, linkTo(TINY));
  await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });

  // Everything in the bar by Tab, pressed by Enter or Space.
  await tabTo(page, control(page, "Train"));
  await page.keyboard.press("Enter");
  await expect(control(page, "Pause")).toBeEnabled({ timeout: 90_000 });
  await waitForStep(page, 3);
  await tabTo(page, control(page, "Pause"));
  await page.keyboard.press("Space");
  await expect(control(page, "Resume")).toBeEnabled({ timeout: 60_000 });
  const paused = await savedStep(page);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await expect(control(page, "Step")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(figure(page, "Step")).toHaveText(String(paused + 1));
  await expect(control(page, "Resume")).toBeEnabled();

  // Single keys, where nothing that takes keys has the focus.
  await page.getByRole("main").focus();
  await page.keyboard.press(".");
  await expect(figure(page, "Step")).toHaveText(String(paused + 2));
  await expect(control(page, "Resume")).toBeEnabled();
  await page.keyboard.press("Space");
  await expect(control(page, "Pause")).toBeEnabled();
  await waitForStep(page, paused + 5);
  await page.keyboard.press("Space");
  await expect(control(page, "Resume")).toBeEnabled({ timeout: 60_000 });

  await tabTo(page, control(page, "Stop"));
  await page.keyboard.press("Space");
  await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });
});
