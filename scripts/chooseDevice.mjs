/**
 * What the studio computes on, for stories and benchmarks. In: a page, where the studio is served, a device. Out: the choice is remembered there as if a
 * person had made it on an earlier visit; a visit that was already made has its own memory.
 * @param {import("@playwright/test").Page} page
 * @param {string} url Of the studio; "/" where the page has a base address.
 * @param {"automatic" | "gpu" | "cpu"} device
 * @param {{ cpuThreads?: "all" | "all-but-one" | "half" }} more
 */
export async function chooseDevice(page, url, device, more = {}) {
  // A document of the origin that is not the studio and asks for nothing.
  const isEmpty = (/** @type {URL} */ { search }) => search === "?empty";
  await page.route(isEmpty, (route) => route.fulfill({ contentType: "text/html", body: '<!doctype html><link rel="icon" href="data:,">' }));
  await page.goto(`${url}?empty`);
  await page.unroute(isEmpty);
  await page.evaluate(async (text) => {
    const root = await navigator.storage.getDirectory();
    const isKnown = await root.getFileHandle("preferences.json").then(() => true, () => false);
    if (isKnown) return;
    const stream = await (await root.getFileHandle("preferences.json", { create: true })).createWritable();
    await stream.write(text);
    await stream.close();
  }, JSON.stringify({ machine: { device, ...more } }));
}
