/**
 * `npm test [-- stages]`: sets up, then runs the stages below, all or the named ones, until one fails. Out: a summary whose
 * last line is `N passed, N failed`, added up from the reports that Vitest and Playwright write. A stage that fails without
 * a failing test in its report (types, lint, a crash) counts as one failure, so that "0 failed" always means success.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureChromium } from "./chromium.mjs";
import { Problem } from "./problem.mjs";
import { ROOT, runTool } from "./process.mjs";
import { ensureBuilt, ensureInstalled } from "./setup.mjs";

const REPORTS = join(ROOT, "test-results/reports");

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {"types" | "lint" | "unit" | "gpu" | "e2e"} StageName */
/** @typedef {{ run: () => Promise<boolean>, needsChromium: boolean }} Stage */

/** @param {"unit" | "gpu"} project */
async function runVitest(project) {
  const words = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${join(REPORTS, `${project}.json`)}`];
  return (await runTool("vitest", words)).code === 0;
}

async function checkTypes() {
  for (const project of ["src/engine", "src/worker", "bench", "."]) {
    if ((await runTool("tsc", ["-p", project])).code !== 0) return false;
  }
  return true;
}

async function runStories() {
  await ensureBuilt();
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: join(REPORTS, "e2e.json") };
  return (await runTool("playwright", ["test", "-c", "e2e"], { env })).code === 0;
}

/**
 * In this order: the quickest answers first.
 * @type {Record<StageName, Stage>}
 */
const STAGES = {
  types: { needsChromium: false, run: checkTypes },
  lint: { needsChromium: false, run: async () => (await runTool("oxlint", ["--type-aware", "--deny-warnings"])).code === 0 },
  unit: { needsChromium: false, run: () => runVitest("unit") },
  gpu: { needsChromium: true, run: () => runVitest("gpu") },
  e2e: { needsChromium: true, run: runStories },
};

/** @param {StageName} stage @returns {Counts} */
function readCounts(stage) {
  const path = join(REPORTS, `${stage}.json`);
  if (!existsSync(path)) return { passed: 0, failed: 0, skipped: 0 };
  const report = JSON.parse(readFileSync(path, "utf8"));
  if (report.stats) {
    const { expected, unexpected, flaky, skipped } = report.stats;
    return { passed: expected, failed: unexpected + flaky, skipped };
  }
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests };
}

/**
 * A stage that could not start has failed; the summary still follows.
 * @param {unknown} error
 */
function reportProblem(error) {
  if (!(error instanceof Problem) || error.exitCode > 1) throw error;
  console.error(`${error.message}\n${error.hint}`);
  return false;
}

/** @param {StageName} name */
async function runStage(name) {
  console.log(`\n── ${name}`);
  const started = Date.now();
  const succeeded = await STAGES[name].run().catch(reportProblem);
  const counts = readCounts(name);
  if (!succeeded) counts.failed = Math.max(1, counts.failed);
  const parts = [`${counts.passed} passed`, `${counts.failed} failed`, `${counts.skipped} skipped`].filter((part) => !part.startsWith("0 "));
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  return { succeeded, counts, line: `${name.padEnd(6)} ${succeeded ? "ok    " : "FAILED"} ${seconds.padStart(6)} s  ${parts.join(", ")}`.trimEnd() };
}

/** @param {string[]} words */
export default async function test(words) {
  const known = /** @type {StageName[]} */ (Object.keys(STAGES));
  const unknown = words.find((word) => !known.some((name) => name === word));
  if (unknown !== undefined) throw new Problem(`There is no stage "${unknown}".`, `Stages: ${known.join(", ")}.`);
  const chosen = known.filter((name) => words.length === 0 || words.includes(name));

  await ensureInstalled();
  if (chosen.some((name) => STAGES[name].needsChromium)) await ensureChromium();
  // A report of an earlier run must never be counted.
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });

  const lines = [];
  const total = { passed: 0, failed: 0 };
  for (const name of chosen) {
    if (total.failed > 0) {
      lines.push(`${name.padEnd(6)} not run`);
      continue;
    }
    const { counts, line } = await runStage(name);
    lines.push(line);
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  console.log(`\n── summary\n${lines.join("\n")}\n\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}
