/** Finds a Chromium for the tests. Out: its path, or undefined; and the flags that give WebGPU on a machine without a GPU. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

/** WebGPU on a software adapter, nothing phoning home. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looks at DESCENT_CHROMIUM and CHROME_PATH, then Playwright's own download, then the system. */
export function findChromium() {
  const named = [process.env["DESCENT_CHROMIUM"], process.env["CHROME_PATH"]].filter(Boolean);
  const onPath = (process.env["PATH"] ?? "").split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...named, chromium.executablePath(), ...onPath, ...PLACES].find((path) => path && isExecutable(path));
}
