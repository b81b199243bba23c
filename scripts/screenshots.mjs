/**
 * `npm run screenshots`: the pictures of the README, from the production build in the installed Chromium. In: nothing. Out:
 * `docs/images/train-light.png` and `-dark.png`, one run of the suggested settings seen in both themes at 1440 × 900. Nothing
 * is staged: the page is opened, Train is pressed, and the pictures are taken when the run is half done.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CHROMIUM_FLAGS, ensureChromium, findChromium } from "./chromium.mjs";
import { Problem } from "./problem.mjs";
import { ROOT } from "./process.mjs";
import { serve } from "./serve.mjs";
import { DIST, ensureBuilt, ensureInstalled } from "./setup.mjs";

const FOLDER = join(ROOT, "docs/images");
const LARGEST_BYTES = 300_000;
const LONGEST_MS = 30 * 60 * 1000;

/**
 * Resolves when the run has made half of its steps.
 * @param {import("@playwright/test").Page} page
 */
async function trainHalf(page) {
  await page.locator("html[data-ready=true]").waitFor({ state: "attached", timeout: 60_000 });
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await page.waitForFunction(
    () => {
      const shown = document.querySelector("header [role=progressbar]")?.previousElementSibling?.textContent ?? "";
      const steps = /^([\d,]+) of ([\d,]+)$/.exec(shown)?.slice(1).map((count) => Number(count.replaceAll(",", "")));
      return steps !== undefined && (steps[0] ?? 0) >= (steps[1] ?? Infinity) / 2;
    },
    undefined,
    { timeout: LONGEST_MS, polling: 250 },
  );
}

/**
 * @param {import("@playwright/test").Page} page
 * @param {"light" | "dark"} theme
 */
async function takePicture(page, theme) {
  await page.emulateMedia({ colorScheme: theme });
  // Charts redraw four times a second, in the colors of the theme.
  await page.waitForTimeout(1500);
  const path = join(FOLDER, `train-${theme}.png`);
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > LARGEST_BYTES) throw new Problem(`${path} has ${size} bytes; a README should not load more than ${LARGEST_BYTES}.`);
  console.log(`${path} (${Math.round(size / 1000)} kB)`);
}

export default async function takeScreenshots() {
  await ensureInstalled();
  await ensureChromium();
  await ensureBuilt();
  mkdirSync(FOLDER, { recursive: true });
  const server = await serve(DIST, 0);
  const { chromium } = await import("@playwright/test");
  const executablePath = findChromium();
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
    await page.goto(server.url);
    await trainHalf(page);
    await takePicture(page, "light");
    await takePicture(page, "dark");
  } finally {
    await browser.close();
    server.close();
  }
}
