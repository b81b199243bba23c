/**
 * The studio as a person finds it, by its public names only. In: a page. Out: what a story does again and again: open the
 * studio (perhaps with settings in the address), read a figure, press the run's buttons, wait for a step.
 */
import { expect, type Locator, type Page } from "@playwright/test";
import { chooseDevice } from "../../scripts/chooseDevice.mjs";

export type Settings = Readonly<Record<string, number | string | boolean>>;

/** Learns next to nothing, in milliseconds a step: for stories about buttons, disks and devices. */
export const TINY: Settings = {
  dataset: "moby-dick", layers: 1, heads: 1, width: 16, contextLength: 16, batchSize: 2, steps: 100_000, warmupSteps: 5, validationEvery: 100, seed: 7,
};

/** `#/train?set=` with any text packed into it, so that a story can also pack what is no settings at all. */
export function linkWith(json: string): string {
  return `#/train?set=${Buffer.from(json, "utf8").toString("base64url")}`;
}

export const linkTo = (settings: Settings): string => linkWith(JSON.stringify(settings));

export type Device = "automatic" | "gpu" | "cpu";

/**
 * A fresh document, even when only the hash differs from the one before. Stories are about the GPU unless they say otherwise, also where
 * it is emulated and Automatic would take the CPU; where there is none, the choice changes nothing.
 */
export async function openStudio(page: Page, hash = "", device: Device = "gpu"): Promise<void> {
  if (page.url() !== "about:blank") await page.goto("about:blank");
  await chooseDevice(page, "/", device);
  await page.goto(`/${hash}`);
  await waitUntilReady(page);
}

export async function waitUntilReady(page: Page): Promise<void> {
  await expect(page.locator("html[data-ready=true]")).toBeAttached({ timeout: 60_000 });
}

export async function visit(page: Page, room: "Data" | "Train" | "Play"): Promise<void> {
  await page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: room }).click();
  await expect(page.getByRole("heading", { level: 1, name: room })).toBeAttached();
}

// ------------------------------------------------------------------------------------------------ figures

/** The value beside a term of a description list. */
export function valueOf(list: Locator, term: string): Locator {
  return list.locator("div").filter({ has: list.page().locator("dt", { hasText: new RegExp(`^${term}$`) }) }).locator("dd");
}

export const figure = (page: Page, term: string): Locator => valueOf(page.getByLabel("Run status"), term);

export async function readFigure(page: Page, term: string): Promise<number> {
  const text = (await figure(page, term).textContent()) ?? "";
  return text === "–" || text === "" ? Number.NaN : Number(text);
}

export const readStep = (page: Page): Promise<number> => readFigure(page, "Step");

/** Waits until the figure is a number for which `isRight` holds, and returns that number. */
export async function waitForFigure(page: Page, term: string, isRight: (value: number) => boolean, timeout = 60_000): Promise<number> {
  let value = Number.NaN;
  await expect(async () => {
    value = await readFigure(page, term);
    expect(isRight(value), `${term} is ${value}`).toBe(true);
  }).toPass({ timeout, intervals: [50] });
  return value;
}

export const waitForStep = (page: Page, step: number, timeout = 60_000): Promise<number> => waitForFigure(page, "Step", (now) => now >= step, timeout);

// ------------------------------------------------------------------------------------------------ run control

export type Action = "Train" | "Pause" | "Resume" | "Step" | "Stop";

export function control(page: Page, action: Action): Locator {
  return page.getByRole("group", { name: "Run control" }).getByRole("button", { name: action, exact: true });
}

export async function press(page: Page, action: Action): Promise<void> {
  // Compiling kernels on a software adapter takes seconds, and a command waits for the one before it.
  await expect(control(page, action)).toBeEnabled({ timeout: 90_000 });
  await control(page, action).click();
}

/** Presses Train and waits until the run is on its way. */
export async function train(page: Page, step = 1): Promise<void> {
  await press(page, "Train");
  await expect(control(page, "Pause")).toBeEnabled({ timeout: 90_000 });
  await waitForStep(page, step);
}

/** Pauses and returns the step at which the run stands. */
export async function pause(page: Page): Promise<number> {
  await press(page, "Pause");
  await expect(control(page, "Resume")).toBeEnabled({ timeout: 60_000 });
  return savedStep(page);
}

export async function stop(page: Page): Promise<number> {
  await press(page, "Stop");
  await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });
  return savedStep(page);
}

/** The step of a run that has just come to rest: it is saved there. The figures follow the buttons within a tenth of a second. */
export async function savedStep(page: Page): Promise<number> {
  await expect(async () => expect(await readFigure(page, "Saved")).toBe(await readStep(page))).toPass({ timeout: 10_000, intervals: [120] });
  return readStep(page);
}

// ------------------------------------------------------------------------------------------------ charts

/** The rows of a chart's table, as numbers; a cell without one is NaN. */
export async function readTable(page: Page, chart: "Loss" | "Perplexity"): Promise<Record<string, number>[]> {
  const figureOf = page.getByRole("figure", { name: chart, exact: true });
  const table = page.getByRole("region", { name: `${chart} as a table` });
  const toggle = figureOf.getByRole("button", { name: "View as table" });
  if (!(await table.isVisible())) await toggle.click();
  await expect(table).toBeVisible();
  const rows = await table.locator("table").evaluate((element) => {
    const cellsOf = (row: HTMLTableRowElement) => Array.from(row.cells, (cell) => cell.textContent);
    return Array.from((element as HTMLTableElement).rows, cellsOf);
  });
  await toggle.click();
  const [head = [], ...body] = rows;
  return body.map((cells) => Object.fromEntries(cells.map((cell, index) => [head[index] ?? String(index), toNumber(cell)])));
}

/** A cell without a number holds a dash; "1,000" is a thousand. */
const toNumber = (cell: string): number => (cell === "" ? Number.NaN : Number(cell.replaceAll(",", "")));
