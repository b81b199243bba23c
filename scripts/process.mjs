/**
 * Runs other programs. In: a program and its arguments. Out: its exit code and, if asked for, what it printed. Signals that
 * end us end the child first. The project's own tools run as `node <file>`, so no shell and no `.cmd` file is involved.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "./problem.mjs";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

const TOOLS = {
  vite: "node_modules/vite/bin/vite.js",
  vitest: "node_modules/vitest/vitest.mjs",
  playwright: "node_modules/@playwright/test/cli.js",
  tsc: "node_modules/typescript/bin/tsc",
  oxlint: "node_modules/oxlint/bin/oxlint",
};

/**
 * @typedef {object} Outcome
 * @property {number} code
 * @property {string} output What it printed, when `capture` was set; else empty.
 */

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {{ capture?: boolean, shell?: boolean, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Outcome>}
 */
export function runProgram(program, parameters, options = {}) {
  const { capture = false, shell = false, env = {} } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...parameters], {
      cwd: ROOT,
      shell,
      // The configuration imports sources without extension, as all of Descent does.
      env: { VITE_CONFIG_NATIVE_IGNORE_WARNING: "true", ...process.env, ...env },
      stdio: capture ? ["ignore", "pipe", "pipe"] : "inherit",
    });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => (output += text));
    child.stderr?.setEncoding("utf8").on("data", (text) => (output += text));

    /** @type {NodeJS.Signals | undefined} */
    let ending;
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      ending = signal;
      child.kill(signal);
    };
    process.on("SIGINT", forward).on("SIGTERM", forward);
    const release = () => process.off("SIGINT", forward).off("SIGTERM", forward);

    child.once("error", (error) => {
      release();
      reject(new Problem(`"${program}" could not be started: ${error.message}.`));
    });
    child.once("close", (code, signal) => {
      release();
      if (ending) reject(new Problem("Stopped.", "", ending === "SIGINT" ? 130 : 143));
      else resolve({ code: code ?? (signal ? 1 : 0), output });
    });
  });
}

/**
 * @param {keyof typeof TOOLS} tool
 * @param {readonly string[]} parameters
 * @param {Parameters<typeof runProgram>[2]} [options]
 */
export function runTool(tool, parameters, options) {
  return runProgram(process.execPath, [join(ROOT, TOOLS[tool]), ...parameters], options);
}

/**
 * The npm that started us, so that its version and settings are the user's own.
 * @param {readonly string[]} parameters
 */
export function runNpm(parameters) {
  const npm = process.env["npm_execpath"] ?? "";
  if (/npm-cli\.c?js$/.test(npm)) return runProgram(process.execPath, [npm, ...parameters], { capture: true });
  return runProgram("npm", parameters, { capture: true, shell: process.platform === "win32" });
}
