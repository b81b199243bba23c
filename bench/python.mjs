/** A Python program that answers questions, one line of JSON each. In: its file and words. Out: `ask`, and `stop`, which ends it. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ROOT } from "../scripts/process.mjs";

/** @typedef {{ ask: (question: object) => Promise<any>, stop: () => void }} Python */

/** @param {string} file @param {readonly string[]} words @param {NodeJS.ProcessEnv} [env] @returns {Python} */
export function startPython(file, words, env = {}) {
  const child = spawn("python3", [file, ...words], { cwd: ROOT, env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (complaints += text));
  /** @type {Promise<never>} */
  const failure = new Promise((_, reject) => child.once("error", ({ message }) => reject(new Error(`python3 could not be started: ${message}`))));
  // Heard of by whoever asks next.
  failure.catch(() => {});
  child.stdin.on("error", () => {});
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await Promise.race([answers.next(), failure]);
      if (done) throw new Error(`${file} ended: ${complaints.trim().split("\n").at(-1)}`);
      return JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}
