/**
 * A browser that can be killed: all its processes at once, at any moment, with the profile left as it is. In: a folder. Out: a page of the
 * app's origin without the app, in which the real data worker of the production build answers. What was acknowledged is known outside.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type Page, chromium } from "@playwright/test";
import { CHROMIUM_FLAGS, findChromium } from "../../scripts/chromium.mjs";

export interface Victim {
  readonly page: Page;
  /** Ends every process of the browser; nothing of it gets a chance to save. */
  kill(): Promise<void>;
}

export async function startVictim(profile: string, baseURL: string): Promise<Victim> {
  for (const name of ["SingletonLock", "SingletonCookie", "SingletonSocket", "DevToolsActivePort"]) rmSync(join(profile, name), { force: true });
  const words = [...CHROMIUM_FLAGS, "--headless=new", `--user-data-dir=${profile}`, "--remote-debugging-port=0", "about:blank"];
  // A group of its own, so that one signal reaches all its processes.
  const child = spawn(findChromium() ?? "chromium", words, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const browser = await chromium.connectOverCDP(await addressOf(child));
  const page = browser.contexts()[0]!.pages()[0]!;
  // The origin's own policies hold there, and no studio contends for the database.
  await page.goto(`${baseURL}manifest.webmanifest`);
  await page.evaluate(startDataWorker, `${baseURL}assets/${nameOfDataWorker()}`);
  return { page, kill: () => endAll(child, browser) };
}

async function endAll(child: ChildProcess, browser: Browser): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  process.kill(-child.pid!, "SIGKILL");
  await ended;
  await browser.close().catch(() => undefined);
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr!.on("data", (part: Buffer) => {
      said += part.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address) resolve(address);
    });
    child.once("exit", () => reject(new Error(`Chromium ended: ${said}`)));
  });
}

function nameOfDataWorker(): string {
  const name = readdirSync(join(import.meta.dirname, "../../dist/assets")).find((file) => /^data\.worker-.*\.js$/.test(file));
  if (!name) throw new Error("The production build has no data worker.");
  return name;
}

interface Asking {
  ask: (method: string, ...values: unknown[]) => Promise<unknown>;
}

/** Runs in the page: Comlink's messages, spelled out. */
function startDataWorker(url: string): void {
  const { trustedTypes } = globalThis as unknown as { trustedTypes: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } };
  const policy = trustedTypes.createPolicy("app", { createScriptURL: (asked: string) => asked });
  const worker = new Worker(policy.createScriptURL(url), { type: "module" });
  const ask = (method: string, ...values: unknown[]): Promise<unknown> =>
    new Promise((resolve) => {
      const id = `${method}-${Math.random()}`;
      const listen = ({ data }: MessageEvent<{ id: string; value: unknown }>): void => {
        if (data.id !== id) return;
        worker.removeEventListener("message", listen);
        resolve(data.value);
      };
      worker.addEventListener("message", listen);
      worker.postMessage({ id, type: "APPLY", path: [method], argumentList: values.map((value) => ({ type: "RAW", value })) });
    });
  Object.assign(globalThis, { ask } satisfies Asking);
}

/** Runs in the page: about `megabytes` of text, another for each number but always as long, so that it has as many parts. */
export async function importNumber([number, megabytes]: readonly [number, number]): Promise<unknown> {
  const { ask } = globalThis as unknown as Asking;
  const lines = Array.from({ length: megabytes * 10_000 }, (_, line) => `${String(number).padStart(4, "0")}: line ${line} says ${(line * 2654435761) % 1_000_003}, and then something that is always the same, for length.`);
  return ask("importText", `text ${number}`, `${lines.join("\n").slice(0, megabytes * 1_000_000 - 1)}\n`);
}

export interface Found {
  readonly names: readonly string[];
  /** Those whose text is not, to its last character, what was imported. */
  readonly torn: readonly string[];
  readonly blobs: number;
  readonly unfinished: number;
}

/** Runs in the page: what there is after tidying. */
export async function lookAround(megabytes: number): Promise<Found> {
  const { ask } = globalThis as unknown as Asking;
  const must = async (method: string, ...values: unknown[]): Promise<unknown> => {
    const answer = (await ask(method, ...values)) as { ok: boolean; value?: unknown; failure?: { message: string } };
    if (!answer.ok) throw new Error(answer.failure?.message);
    return answer.value;
  };
  const own = ((await must("listDatasets")) as { id: string; name: string; origin: string }[]).filter(({ origin }) => origin === "user");
  const torn: string[] = [];
  for (const { id, name } of own) {
    const number = Number(name.slice(5));
    const text = (await must("readText", id, 1e9)) as string;
    const lines = Array.from({ length: megabytes * 10_000 }, (_, line) => `${String(number).padStart(4, "0")}: line ${line} says ${(line * 2654435761) % 1_000_003}, and then something that is always the same, for length.`);
    if (text !== `${lines.join("\n").slice(0, megabytes * 1_000_000 - 1)}\n`) torn.push(name);
  }
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("descent");
  const count = async (folder: string): Promise<number> => {
    let files = 0;
    const handle = await root.getDirectoryHandle(folder, { create: true });
    for await (const _name of handle.keys()) files++;
    return files;
  };
  // The worker tidies after it has opened the store; it is done within moments.
  for (let tries = 0; tries < 100 && (await count("unfinished")) > 0; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { names: own.map(({ name }) => name), torn, blobs: await count("blobs"), unfinished: await count("unfinished") };
}
