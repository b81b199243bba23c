/**
 * Someone opens a link with settings in it. What can be taken is filled in and previewed, never started; what cannot is told,
 * sentence by sentence, and the page works on whatever the link holds.
 */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test";
import { control, linkTo, linkWith, openStudio, pause, TINY, train, valueOf, waitUntilReady } from "./support/studio";

const banner = (page: Page) => page.getByRole("region", { name: "About this link" });
const setting = (page: Page, name: string) => page.getByLabel("Settings", { exact: true }).getByLabel(name, { exact: true });

async function expectNothingStarted(page: Page): Promise<void> {
  await expect(page.getByRole("figure", { name: "The way down" })).toBeVisible({ timeout: 60_000 });
  await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });
  await expect(page.getByRole("alert")).toHaveCount(0);
}

test("good settings are filled in, previewed and not started", async ({ page }) => {
  await openStudio(page, linkTo({ ...TINY, model: "llama", heads: 2, learningRate: 0.0005, seed: 42 }));
  await expect(setting(page, "Model")).toHaveValue("llama");
  await expect(setting(page, "Width")).toHaveValue("16");
  await expect(setting(page, "Learning rate")).toHaveValue("5e-4");
  await expect(setting(page, "Seed")).toHaveValue("42");
  await expect(banner(page)).toHaveCount(0);
  await expectNothingStarted(page);
  await expect(valueOf(page.getByLabel("Estimate", { exact: true }), "Parameters")).toHaveText(/^[\d,]{4,6}$/);
});

test("every value that cannot be taken is named, and the default stands in", async ({ page }) => {
  const hostile = '{"__proto__":{"polluted":"yes","layers":3},"constructor":{"prototype":{"polluted":"yes"}},"learningRate":-1,"layers":1e9,"heads":2.5,"model":"gpt-9","steps":"many","width":32,"unknown":true,"seed":null}';
  await openStudio(page, linkWith(hostile));
  const problems = banner(page).getByRole("listitem");
  for (const named of ["Learning rate: -1 is not a number from", "Layers: 1000000000 is not a whole number from 1 to 48", "Heads: 2.5", 'Model: "gpt-9" is not one of', 'Steps: "many"', '"unknown" is not a setting', '"__proto__" is not a setting', '"constructor" is not a setting', "Seed: null"]) {
    await expect(problems.filter({ hasText: named }), named).toHaveCount(1);
  }
  await expect(problems).toHaveCount(9);
  expect(await page.evaluate(() => ({ here: ({} as Record<string, unknown>)["polluted"], there: (Object.prototype as unknown as Record<string, unknown>)["polluted"] }))).toEqual({});
  await expect(setting(page, "Width"), "what is right is taken").toHaveValue("32");
  await expect(setting(page, "Layers")).toHaveValue(/^[1-8]$/);
  await expectNothingStarted(page);
  await banner(page).getByRole("button", { name: "Got it" }).click();
  await expect(banner(page)).toHaveCount(0);
});

const UNREADABLE: readonly (readonly [what: string, hash: string, told: string])[] = [
  ["cut short", linkTo(TINY).slice(0, -9), "cannot be read"],
  ["no base64", "#/train?set=%%%", "cannot be read"],
  ["no JSON", linkWith("alert(1)"), "cannot be read"],
  ["not UTF-8", `#/train?set=${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}`, "cannot be read"],
  ["a list", linkWith("[1,2]"), "not a JSON object"],
  ["null", linkWith("null"), "not a JSON object"],
  ["a megabyte", linkWith(JSON.stringify({ note: "x".repeat(1_000_000) })), "longer than any settings"],
  ["from a later version", linkWith('{"version":99,"width":32}'), "newer Descent"],
];

test("links that hold no settings are told and change nothing", async ({ page }) => {
  for (const [what, hash, told] of UNREADABLE) {
    await test.step(what, async () => {
      await openStudio(page, hash);
      await expect(banner(page), what).toContainText(told);
    });
  }
  await expectNothingStarted(page);
});

test("sizes that fit no machine are refused before they start", async ({ page }) => {
  await openStudio(page, linkTo({ ...TINY, layers: 48, heads: 64, width: 4096, contextLength: 4096, batchSize: 512 }));
  await expect(control(page, "Train")).toBeDisabled({ timeout: 60_000 });
  await expect(page.locator("#reason-against")).toHaveText(/\w+.*\./, { timeout: 60_000 });
  await expect(page.getByRole("alert")).toHaveCount(0);
  await setting(page, "Layers").fill("1");
  await setting(page, "Heads").fill("1");
  await setting(page, "Width").fill("16");
  await setting(page, "Context length").fill("16");
  await setting(page, "Batch size").fill("2");
  await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });
});

test("a link does not disturb a run, and a run from a link survives a reload", async ({ page }) => {
  await openStudio(page, linkTo(TINY));
  await train(page, 2);
  await page.evaluate((hash) => (location.hash = hash), linkTo({ ...TINY, width: 64 }));
  await expect(banner(page)).toContainText("goes on with its own settings");
  await expect(control(page, "Pause")).toBeVisible();
  await expect(setting(page, "Width")).toHaveValue("16");
  await pause(page);

  await page.reload();
  await waitUntilReady(page);
  await expect(page.getByRole("region", { name: "Earlier run" })).toBeVisible();
  await expect(control(page, "Resume")).toBeEnabled();
  // Only now, with nothing going on, is the link followed.
  await page.evaluate((hash) => (location.hash = hash), linkTo({ ...TINY, width: 64 }));
  await expect(setting(page, "Width")).toHaveValue("64");
  await expectNothingStarted(page);
});
