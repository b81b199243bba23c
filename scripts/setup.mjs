/**
 * Makes a clone ready to run: packages from the lockfile, then the production build; each only when something changed.
 * In: the files of the clone. Out: `node_modules` and `dist`. Imports nothing but Node's own modules, because it runs
 * before anything is installed.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "./problem.mjs";
import { ROOT, runNpm, runTool } from "./process.mjs";

export const DIST = join(ROOT, "dist");
const BUILD_INPUTS = ["index.html", "package-lock.json", "tsconfig.json", "vite.config.ts", "public", "src"];
/** Holds the fingerprint of the sources that `dist` was built from. */
const BUILD_STAMP = join(DIST, ".inputs");

/** @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} LockEntry */

/**
 * @param {string} path
 * @returns {Map<string, LockEntry>}
 */
function readLock(path) {
  const lock = JSON.parse(readFileSync(join(ROOT, path), "utf8"));
  return new Map(Object.entries(lock.packages ?? {}));
}

/** npm notes what it installed in a hidden lockfile; it must hold every package of ours at the same content. */
function isInstalled() {
  if (!existsSync(join(ROOT, "node_modules/.package-lock.json"))) return false;
  const installed = readLock("node_modules/.package-lock.json");
  for (const [path, wanted] of readLock("package-lock.json")) {
    if (path === "" || wanted.link) continue;
    const found = installed.get(path);
    // Packages for other systems are optional and rightly absent.
    if (!found && (wanted.optional || wanted.devOptional)) continue;
    if (found?.version !== wanted.version || found?.integrity !== wanted.integrity) return false;
    if (!existsSync(join(ROOT, path))) return false;
  }
  return true;
}

const INSTALL_CAUSES = /** @type {const} */ ([
  [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i, "the npm registry could not be reached",
    "Check the network connection (behind a proxy: `npm config set proxy <address>`)"],
  [/ENOSPC/, "the disk is full", "Free about 500 MB"],
  [/EACCES|EPERM|EROFS/, "this folder may not be written to", "Give yourself write access to this folder"],
  [/EUSAGE|in sync/, "package.json and package-lock.json do not agree", "Run `npm install` once"],
  [/EINTEGRITY/, "a downloaded package is not the one the lockfile names", "Run `npm cache clean --force`"],
  [/E40[13]/, "the npm registry refused access", "Check the registry in `npm config get registry`"],
]);

/** @param {string} output */
function installProblem(output) {
  const lines = output.split("\n").filter((line) => /^npm (error|ERR!)/.test(line));
  const cause = INSTALL_CAUSES.find(([pattern]) => pattern.test(lines.join("\n")));
  const detail = lines.find((line) => !/^npm (?:error|ERR!) (?:code|errno|syscall|path)\b/.test(line)) ?? lines[0] ?? output.trim().split("\n").at(-1) ?? "";
  const said = detail.replace(/^npm (?:error|ERR!) */, "").trim().replace(/\.$/, "");
  const reason = cause ? `${cause[1]}${said ? ` (${said})` : ""}` : said || "npm gave no reason";
  return new Problem(`Installing the packages failed: ${reason}.`, `${cause ? cause[2] : "Run `npm ci` to see all of npm's output"}, then run the command again.`);
}

/** Installs from the lockfile unless that is what is installed already. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  console.log("Installing the packages of package-lock.json (needed once, and after it changes; about a minute) …");
  // Development packages build the app, so NODE_ENV=production must not leave them out. No package needs an install script.
  const { code, output } = await runNpm(["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (code !== 0) throw installProblem(output);
}

/** A hash of everything the build reads; tests do not count. */
function fingerprintSources() {
  const hash = createHash("sha256");
  /** @param {string} path */
  const add = (path) => {
    const full = join(ROOT, path);
    if (!existsSync(full)) return;
    hash.update(`${path}\0`).update(readFileSync(full));
  };
  for (const input of BUILD_INPUTS) {
    if (input.includes(".")) add(input);
    else for (const file of listFiles(input)) add(file);
  }
  return hash.digest("hex");
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function listFiles(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return listFiles(path);
    return /\.test\.tsx?$/.test(entry.name) ? [] : [path];
  });
}

/** Builds whatever the state of `dist`. */
export async function build() {
  const fingerprint = fingerprintSources();
  console.log("Building the app …");
  const { code, output } = await runTool("vite", ["build", "--logLevel", "warn"], { capture: true });
  if (code !== 0) {
    console.error(output.trim());
    throw new Problem("The app could not be built; the cause is above.", "Undo or fix the change named there, then run the command again.");
  }
  if (output.trim()) console.log(output.trim());
  writeFileSync(BUILD_STAMP, fingerprint);
}

/** Builds unless `dist` was made from exactly these sources. */
export async function ensureBuilt() {
  const isCurrent =
    existsSync(join(DIST, "index.html")) && existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, "utf8") === fingerprintSources();
  if (!isCurrent) await build();
}
