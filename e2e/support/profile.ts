/**
 * A browser with a profile on the disk, as people have it: what it stores survives pages that are killed, and large files do
 * not live in memory. In: the project's launch options. Out: the fixture `profile`, a context whose folder goes when the
 * story ends.
 */
import { rm } from "node:fs/promises";
import type { BrowserContext, Page } from "@playwright/test";
import { test as base, expect, watch, type Watch } from "./test";

export interface Profile {
  readonly context: BrowserContext;
  readonly watched: Watch;
}

export const test = base.extend<{ profile: Profile }>({
  profile: async ({ playwright, launchOptions, baseURL, viewport }, use, testInfo) => {
    const folder = testInfo.outputPath("profile");
    const context = await playwright.chromium.launchPersistentContext(folder, { ...launchOptions, ...(baseURL ? { baseURL } : {}), viewport });
    context.setDefaultTimeout(20_000);
    const watched = await watch(context, new URL(baseURL ?? "").origin);
    await use({ context, watched });
    await context.close();
    await rm(folder, { recursive: true, force: true });
    expect(watched.list(), "problems seen by the browser during the story").toEqual([]);
  },
});

export { expect } from "./test";

/** Ends the page's process at once: no event reaches the page, nothing is saved. */
export async function killPage(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  // The answer never comes: whoever would send it is gone.
  void session.send("Page.crash").catch(() => undefined);
  await crashed;
  await page.close();
}
