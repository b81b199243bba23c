/**
 * Finds or installs the Chromium that the tests drive. Out: its path, and the flags that give WebGPU on a machine without a
 * GPU. Playwright is loaded only when asked for its own browser, because this file is read before anything is installed.
 */
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { Problem } from "./problem.mjs";
import { runProgram } from "./process.mjs";

/** No sandbox (containers and root have none), nothing phoning home. */
const QUIET_FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** WebGPU, on a software adapter where there is no GPU. */
export const CHROMIUM_FLAGS = [...QUIET_FLAGS, "--enable-unsafe-webgpu"];
/** What a plain browser gives on a machine without a GPU: `navigator.gpu` exists, no adapter. */
export const NO_WEBGPU_FLAGS = [...QUIET_FLAGS, "--disable-gpu"];

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function playwrightChromium() {
  try {
    /** @type {typeof import("@playwright/test")} */
    const { chromium } = createRequire(import.meta.url)("@playwright/test");
    return chromium.executablePath();
  } catch {
    return "";
  }
}

function systemPlaces() {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  if (process.platform === "darwin") {
    const apps = ["Google Chrome", "Chromium"].map((name) => `Applications/${name}.app/Contents/MacOS/${name}`);
    return [...apps.map((app) => `/${app}`), ...apps.map((app) => join(homedir(), app)), ...onPath];
  }
  if (process.platform === "win32") {
    const folders = ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].map((name) => process.env[name]).filter((folder) => folder !== undefined);
    return folders.flatMap((folder) => ["Google\\Chrome", "Chromium"].map((app) => join(folder, app, "Application", "chrome.exe")));
  }
  return onPath;
}

/** Looks at DESCENT_CHROMIUM and CHROME_PATH, then Playwright's own download, then the system. */
export function findChromium() {
  for (const name of ["DESCENT_CHROMIUM", "CHROME_PATH"]) {
    const path = process.env[name];
    if (!path) continue;
    if (isExecutable(path)) return path;
    throw new Problem(`${name} is "${path}", which is not a program.`, "Set it to the path of Chromium or Chrome, or unset it.");
  }
  return [playwrightChromium(), ...systemPlaces()].find((path) => path && isExecutable(path));
}

function installHint() {
  const other = "Or set DESCENT_CHROMIUM to the path of one.";
  if (process.platform === "darwin") return `Install Google Chrome from https://www.google.com/chrome (or: brew install --cask chromium). ${other}`;
  if (process.platform === "win32") return `Install Google Chrome from https://www.google.com/chrome (or: winget install Google.Chrome). ${other}`;
  const system = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  if (/^ID=ubuntu/m.test(system)) return `Install it with: sudo snap install chromium. ${other}`;
  if (/debian/.test(system)) return `Install it with: sudo apt-get install -y chromium. ${other}`;
  if (/fedora|rhel/.test(system)) return `Install it with: sudo dnf install -y chromium. ${other}`;
  if (/^ID=arch/m.test(system)) return `Install it with: sudo pacman -S chromium. ${other}`;
  if (/alpine/.test(system)) return `Install it with: apk add chromium. ${other}`;
  return `Install the "chromium" package of your system. ${other}`;
}

/**
 * Ubuntu's package of that name is only a pointer to the snap: a program that cannot start in a container. Chrome for
 * Windows opens a window when asked for its version, so there finding it must do.
 * @param {string | undefined} path
 */
async function doesStart(path) {
  if (!path) return false;
  if (process.platform === "win32") return true;
  return (await runProgram(path, ["--version"], { capture: true }).catch(() => undefined))?.code === 0;
}

/** Finds a Chromium that starts; as root on Debian and its kin it installs the package first. */
export async function ensureChromium() {
  const found = findChromium();
  if (await doesStart(found)) return;
  if (found) throw new Problem(`The browser at ${found} does not start.`, installHint());
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("No Chromium was found; installing Debian's package with apt-get (needed once) …");
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const update = await runProgram("apt-get", ["update"], { capture: true, env });
    const install = await runProgram("apt-get", ["install", "-y", "chromium"], { capture: true, env });
    if (install.code === 0 && (await doesStart(findChromium()))) return;
    console.error(`${update.code === 0 ? "" : update.output}${install.output}`.trim().split("\n").slice(-8).join("\n"));
    throw new Problem("`apt-get install -y chromium` did not give a browser that starts.", installHint());
  }
  throw new Problem("The tests need Chromium or Chrome, and none was found on this machine.", installHint());
}
