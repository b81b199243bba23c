/**
 * `node scripts/dataPictures.mjs [folder]`: the Data room as people meet it, from the production build in the installed Chromium. In: nothing.
 * Out: pictures of the room with 0, 3 and 50 own datasets, a wide table, a long text, and an import with 200 problems, in three themes
 * and four widths, in `test-results/pictures` or the folder named. All data is brought in through the page's own "Add files".
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chooseDevice } from "./chooseDevice.mjs";
import { CHROMIUM_FLAGS, ensureChromium, findChromium } from "./chromium.mjs";
import { ROOT } from "./process.mjs";
import { serve } from "./serve.mjs";
import { DIST, ensureBuilt, ensureInstalled } from "./setup.mjs";

const WIDTHS = [360, 768, 1280, 1920];
const THEMES = ["light", "dark", "projector"];

/** @param {string} name @param {string} content */
const file = (name, content) => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });

const WORDS = "whale sea ship captain harpoon mast storm deck crew oil lantern rope tide island".split(" ");
/** @param {number} row @param {number} count */
const sentence = (row, count) => Array.from({ length: count }, (_, word) => WORDS[(row * 7 + word * 5 + ((row * word) % 11)) % WORDS.length]).join(" ");

/** @param {number} number */
const small = (number) => file(`notes ${number}.csv`, ["text,label", ...Array.from({ length: 40 + number }, (_, row) => `${sentence(row + number, 9)},${row % 3 ? "calm" : "rough"}`)].join("\n"));
const wide = file("survey.csv", Array.from({ length: 61 }, (_, row) => Array.from({ length: 300 }, (_, column) => (row ? (row * column) % 97 : `question ${column + 1}`)).join(",")).join("\n"));
const long = file("chronicle.txt", Array.from({ length: 3000 }, (_, row) => `${sentence(row, 60)}.\n\n`).join(""));
const ragged = file("ragged.csv", ["text,label,source", ...Array.from({ length: 1200 }, (_, row) => `${sentence(row, 8)},${row % 2},${row % 6 ? "log" : "log,surplus"}`)].join("\n"));

/**
 * @param {import("@playwright/test").Page} page
 * @param {readonly { name: string, mimeType: string, buffer: Buffer }[]} files
 */
async function add(page, files) {
  for (const one of files) {
    await page.getByLabel("Add files").setInputFiles(one);
    await page.getByRole("region", { name: "Import report" }).getByRole("listitem").first().getByText(/Added:|Nothing is kept/).waitFor({ timeout: 60_000 });
  }
  const banner = page.getByRole("region", { name: "About storage" }).getByRole("button", { name: "Got it" });
  if (await banner.isVisible()) await banner.click();
}

/** @type {Record<string, readonly { name: string, mimeType: string, buffer: Buffer }[]>} */
const STATES = { "0-datasets": [], "3-datasets": [small(1), small(2), small(3)], "50-datasets": Array.from({ length: 50 }, (_, number) => small(number)), wide: [wide], long: [long], "200-problems": [ragged] };

await ensureInstalled();
await ensureChromium();
await ensureBuilt();
const folder = process.argv[2] ?? join(ROOT, "test-results/pictures");
mkdirSync(folder, { recursive: true });
const { chromium } = await import("@playwright/test");
const server = await serve(DIST, 0);
const browser = await chromium.launch({ executablePath: findChromium() ?? "", args: [...CHROMIUM_FLAGS] });
try {
  for (const [state, files] of Object.entries(STATES)) {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    await chooseDevice(page, server.url, "cpu");
    await page.goto(`${server.url}#/data`);
    await page.locator("html[data-ready=true]").waitFor({ state: "attached", timeout: 60_000 });
    await add(page, files);
    if (state === "200-problems") await page.getByRole("button", { name: "Show problems" }).click();
    for (const theme of THEMES) {
      await page.evaluate((name) => void (document.documentElement.dataset["theme"] = name), theme);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await page.waitForTimeout(400);
        await page.screenshot({ path: join(folder, `${state}-${theme}-${width}.png`) });
      }
    }
    await page.context().close();
    console.log(`${state}: ${THEMES.length * WIDTHS.length} pictures in ${folder}`);
  }
} finally {
  await browser.close();
  server.close();
}
