/** `npm run e2e [-- Playwright's options]`: sets up and runs the user stories on the production build. */
import { ensureChromium } from "./chromium.mjs";
import { runTool } from "./process.mjs";
import { ensureBuilt, ensureInstalled } from "./setup.mjs";

/** @param {string[]} words */
export default async function e2e(words) {
  await ensureInstalled();
  await ensureChromium();
  await ensureBuilt();
  process.exitCode = (await runTool("playwright", ["test", "-c", "e2e", ...words])).code;
}
