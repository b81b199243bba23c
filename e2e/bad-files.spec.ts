/**
 * People bring whatever files they have. Each gets the right answer, in words, while the page keeps answering: a watch in the
 * page notes the longest wait between two frames. The largest file is longer than any string a browser can hold.
 */
import { open, rm } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { expect, test as onProfile } from "./support/profile";
import { control, linkTo, openStudio, TINY, visit } from "./support/studio";
import { test } from "./support/test";

const report = (page: Page) => page.getByRole("region", { name: "Import report" }).getByRole("listitem");
const lineOf = (page: Page, name: string) => report(page).filter({ has: page.getByText(name, { exact: true }) });
const datasets = (page: Page) => page.getByRole("list", { name: "Datasets" }).getByRole("listitem");

async function remove(page: Page, card: Locator): Promise<void> {
  await card.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
}

interface Heart {
  longestGap: number;
}

/** From now on, the longest time in ms in which the page painted no frame. */
async function watchFrames(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const heart: Heart = Object.assign(globalThis as unknown as Heart, { longestGap: 0 });
    let last = performance.now();
    const beat = (now: number): void => {
      heart.longestGap = Math.max(heart.longestGap, now - last);
      last = now;
      requestAnimationFrame(beat);
    };
    requestAnimationFrame(beat);
  });
  return () => page.evaluate(() => (globalThis as unknown as Heart).longestGap);
}

const file = (name: string, buffer: Buffer) => ({ name, mimeType: "text/plain", buffer });

const POEM = "Grüße aus Köln — “voilà”, said the whale. ".repeat(60).trim();
const PNG = Buffer.concat([Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), Buffer.alloc(4000, 0x03)]);
const NOISE = Buffer.from(Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff));

test("each file gets the right answer", async ({ page }) => {
  await openStudio(page, linkTo(TINY));
  await visit(page, "Data");
  const longestGap = await watchFrames(page);
  const before = await datasets(page).count();
  await page.getByLabel("Add files").setInputFiles([
    file("picture.txt", PNG),
    file("noise.txt", NOISE),
    file("empty.txt", Buffer.alloc(0)),
    file("blank.txt", Buffer.from(" \r\n\t\n")),
    file("wide.txt", Buffer.from(POEM, "utf16le")),
    file("marked.txt", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(`${POEM}!`, "utf8")])),
    file("old.txt", Buffer.from(`${POEM.replaceAll(/[—“”]/g, "-")}?`, "latin1")),
    file("windows.txt", Buffer.from("one\r\ntwo\r\n".repeat(50))),
  ]);

  await expect(lineOf(page, "picture.txt")).toContainText("picture.txt is not a text file: it looks like a PNG image. Nothing was imported.", { timeout: 30_000 });
  await expect(lineOf(page, "noise.txt")).toContainText("noise.txt is not a text file: it looks like binary data");
  await expect(lineOf(page, "empty.txt")).toContainText("There is no text in empty.txt: it has 0 bytes. Nothing was imported.");
  await expect(lineOf(page, "blank.txt")).toContainText("There is no text in blank.txt: it holds nothing but spaces and line ends.");
  for (const name of ["picture.txt", "noise.txt", "empty.txt", "blank.txt"]) await expect(lineOf(page, name), "and a next step").toContainText("paste text");
  const characters = Array.from(POEM).length;
  await expect(lineOf(page, "wide.txt")).toContainText(`Added: ${characters.toLocaleString("en")} characters`);
  await expect(lineOf(page, "wide.txt")).toContainText("read as UTF-16 LE (no byte-order mark)");
  await expect(lineOf(page, "marked.txt")).toContainText(`Added: ${(characters + 1).toLocaleString("en")} characters`);
  await expect(lineOf(page, "old.txt")).toContainText(`Added: ${(characters + 1).toLocaleString("en")} characters`);
  await expect(lineOf(page, "windows.txt")).toContainText("Added: 400 characters");
  await expect(datasets(page)).toHaveCount(before + 4);

  // What was decoded is what was meant, not only as long as that.
  await page.getByRole("radio", { name: "Text" }).click();
  for (const [name, opening] of [["wide.txt", POEM], ["marked.txt", `${POEM}!`], ["old.txt", "Grüße aus Köln - -voilà-"], ["windows.txt", "one\ntwo\n"]] as const) {
    await datasets(page).filter({ has: page.getByRole("heading", { name }) }).getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("heading", { name: `The beginning of ${name}` })).toBeVisible();
    const text = page.getByRole("main").locator("pre");
    await expect(text).not.toHaveText("Opening…");
    expect((await text.textContent())?.slice(0, 2000).startsWith(opening.slice(0, 2000)), name).toBe(true);
  }
  const alerts = page.getByRole("alert");
  await expect(alerts, "one per bad file, in the report").toHaveCount(4);
  for (const alert of await alerts.all()) await expect(alert.getByRole("heading")).toHaveText("A file could not be read");
  expect(await longestGap()).toBeLessThan(1000);
});

test("a text too short to train on says so, and pasting works", async ({ page }) => {
  await openStudio(page, linkTo(TINY));
  await visit(page, "Data");
  await page.getByRole("textbox", { name: "Paste text" }).fill("abc");
  await page.getByRole("textbox", { name: "Name" }).fill("Tiny");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const card = datasets(page).filter({ has: page.getByRole("heading", { name: "Tiny" }) });
  await card.getByRole("button", { name: "Use for training" }).click();
  await visit(page, "Train");
  await expect(control(page, "Train")).toBeDisabled({ timeout: 30_000 });
  await expect(page.locator("#reason-against")).toContainText(/\d+ (characters|tokens)|too short|short/);
  await visit(page, "Data");
  await remove(page, card);
  await expect(card).toHaveCount(0);
  await visit(page, "Train");
  await expect(control(page, "Train")).toBeEnabled({ timeout: 60_000 });
});

/** A string of Chromium holds 2^29 − 24 bytes; whoever read this file as one would get an empty text. */
const LARGE_BYTES = 540_000_000;

async function writeLarge(path: string): Promise<void> {
  const line = Buffer.from("Call me Ishmael. Some years ago, never mind how long.\r\n".replace("\r", " "));
  const block = Buffer.alloc(line.length * 150_000, line);
  const handle = await open(path, "w");
  try {
    for (let at = 0; at < LARGE_BYTES; at += block.length) await handle.write(block, 0, Math.min(block.length, LARGE_BYTES - at));
  } finally {
    await handle.close();
  }
}

onProfile("540 MB are streamed in while the page keeps answering, and can be called off", async ({ profile }, testInfo) => {
  onProfile.setTimeout(420_000);
  const path = testInfo.outputPath("large.txt");
  await writeLarge(path);
  try {
    const page = await profile.context.newPage();
    await openStudio(page);
    await visit(page, "Data");
    const before = await datasets(page).count();
    const longestGap = await watchFrames(page);
    const progress = page.getByRole("progressbar", { name: "Reading large.txt" });
    const bytesRead = async (): Promise<number> => Number(await progress.getAttribute("value", { timeout: 60_000 }));

    await page.getByLabel("Add files").setInputFiles(path);
    await expect.poll(bytesRead, { timeout: 60_000 }).toBeGreaterThan(20_000_000);
    await report(page).getByRole("button", { name: "Cancel" }).click();
    await expect(report(page).first()).toContainText("Canceled. Nothing was kept.", { timeout: 2000 });
    await expect(datasets(page)).toHaveCount(before);

    // At once again: the canceled import must be out of the way.
    await page.getByLabel("Add files").setInputFiles(path);
    await expect.poll(bytesRead, { timeout: 60_000 }).toBeGreaterThan(0);
    // Another file waits for its turn, and other rooms work meanwhile.
    await page.getByLabel("Add files").setInputFiles(file("small.txt", Buffer.from("A small text. ".repeat(20))));
    await expect(lineOf(page, "small.txt")).toContainText("Waiting for its turn.");
    await visit(page, "Play");
    await visit(page, "Data");
    await expect(report(page).filter({ hasText: "Added: 540,000,000 characters" })).toBeVisible({ timeout: 240_000 });
    await expect(lineOf(page, "small.txt")).toContainText("Added: 280 characters", { timeout: 30_000 });
    await expect(datasets(page)).toHaveCount(before + 2);
    const card = datasets(page).filter({ hasText: "large.txt" });
    await card.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("region", { name: "large.txt" })).toContainText("540,000,000 characters, 540 MB");
    expect(await longestGap(), "ms without a frame").toBeLessThan(1000);
    await remove(page, card);
    await expect(card).toHaveCount(0, { timeout: 30_000 });
    await page.close();
  } finally {
    await rm(path, { force: true });
  }
});
