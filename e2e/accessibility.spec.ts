/**
 * Every room in the three themes, held against WCAG by axe: no serious or critical violation, before a run, while one is
 * going on, with a failure shown and with an answer in Play.
 */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test";
import { control, linkTo, openStudio, pause, press, TINY, train, visit, waitForStep } from "./support/studio";

const THEMES = ["Light", "Dark", "Projector"] as const;

async function choose(page: Page, theme: (typeof THEMES)[number]): Promise<void> {
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: theme }).click();
  await expect(page.getByRole("menu")).toHaveCount(0);
}

async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = bad.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => `${node.target.join(" ")} ${node.failureSummary ?? ""}`).join("; ")}`);
  expect(told, what).toEqual([]);
  expect(passes.length, `${what}: axe has looked`).toBeGreaterThan(20);
}

for (const theme of THEMES) {
  test(`the ${theme.toLowerCase()} theme`, async ({ page }) => {
    await openStudio(page, linkTo({ ...TINY, validationEvery: 10 }));
    await choose(page, theme);
    await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });
    await expectAccessible(page, "Train, before a run");

    await visit(page, "Data");
    await page.getByLabel("Add files").setInputFiles([
      { name: "picture.txt", mimeType: "text/plain", buffer: Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1") },
      { name: "words.txt", mimeType: "text/plain", buffer: Buffer.from("A few words of my own.\n") },
    ]);
    await expect(page.getByRole("region", { name: "Import report" })).toContainText("Added: 23 characters");
    await expectAccessible(page, "Data");
    await visit(page, "Play");
    await expectAccessible(page, "Play, without a model");

    await visit(page, "Train");
    await train(page, 12);
    await expectAccessible(page, "Train, running");

    await page.workers().find((one) => one.url().includes("train"))?.evaluate(() => {
      const { prototype } = GPUDevice;
      const encode = prototype.createCommandEncoder;
      prototype.createCommandEncoder = function (this: GPUDevice, ...given) {
        prototype.createCommandEncoder = encode;
        this.destroy();
        return encode.apply(this, given);
      };
    });
    await expect(page.getByRole("alert").getByRole("heading", { name: "The GPU was lost" })).toBeVisible();
    await expect(page.getByText(/The GPU is back/)).toBeVisible({ timeout: 60_000 });
    await waitForStep(page, 2);
    await pause(page);
    await expectAccessible(page, "Train, paused, with an alert");

    await visit(page, "Play");
    await page.getByRole("spinbutton", { name: "Max tokens" }).fill("30");
    await page.getByRole("main").getByRole("button", { name: "Generate" }).click();
    await expect(page.getByRole("region", { name: "Generated text" })).toHaveAttribute("aria-busy", "false", { timeout: 60_000 });
    await expectAccessible(page, "Play, with an answer");
    await press(page, "Stop");
  });
}
