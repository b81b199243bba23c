/**
 * JavaScript heaps of a page and its workers while something goes on. In: a page. Out: the most that each held, by the browser's
 * debugging protocol: `Runtime.getHeapUsage`, asked ten times a second of the page and of each worker; what waits to be collected counts.
 */

/** @typedef {{ heap: number, buffers: number }} Peak Bytes of objects, and of the array buffers beside them. */
/** @typedef {{ usedSize: number, backingStorageSize?: number }} Usage */

const EVERY_MS = 100;

/**
 * @template T
 * @param {import("@playwright/test").Page} page
 * @param {() => Promise<T>} act
 * @returns {Promise<{ result: T, peaks: Record<"page" | "data worker", Peak> }>}
 */
export async function watchHeaps(page, act) {
  const devtools = await page.context().newCDPSession(page);
  const peaks = { page: { heap: 0, buffers: 0 }, "data worker": { heap: 0, buffers: 0 } };
  const note = (/** @type {Peak} */ peak, /** @type {Usage} */ { usedSize, backingStorageSize = 0 }) => {
    peak.heap = Math.max(peak.heap, usedSize);
    peak.buffers = Math.max(peak.buffers, backingStorageSize);
  };
  /** Session of the data worker; this protocol speaks to workers in letters within letters. */
  let worker = "";
  devtools.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
    if (targetInfo.url.includes("data.worker")) worker = sessionId;
  });
  devtools.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
    const { result } = JSON.parse(message);
    if (sessionId === worker && result) note(peaks["data worker"], result);
  });
  await devtools.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  let id = 0;
  const ask = async () => {
    note(peaks.page, await devtools.send("Runtime.getHeapUsage"));
    if (worker) await devtools.send("Target.sendMessageToTarget", { sessionId: worker, message: JSON.stringify({ id: ++id, method: "Runtime.getHeapUsage" }) });
  };
  await ask();
  const timer = setInterval(() => void ask().catch(() => undefined), EVERY_MS);
  try {
    const result = await act();
    await ask();
    return { result, peaks };
  } finally {
    clearInterval(timer);
    await devtools.detach();
  }
}
