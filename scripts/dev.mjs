/** `npm run dev [-- Vite's options]`: sets up, then Vite's dev server, which updates modules in place. */
import { Problem } from "./problem.mjs";
import { runTool } from "./process.mjs";
import { ensureInstalled } from "./setup.mjs";

/** @param {string[]} words */
export default async function dev(words) {
  await ensureInstalled();
  const { code } = await runTool("vite", words);
  if (code !== 0) throw new Problem(`The dev server ended with code ${code}; the cause is above.`);
}
