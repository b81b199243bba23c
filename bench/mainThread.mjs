/**
 * What a page's main thread does, by the browser's own trace. In: a browser, what to do meanwhile. Out: how long tasks took by the clock, and
 * how much of that the thread really ran: on a busy machine a task of 10 ms can take 100, and only the processor's time is the page's own.
 * Source: the trace event format, `dur` and `tdur` in microseconds.
 */

/** @typedef {{ name: string, ph: string, pid: number, tid: number, dur?: number, tdur?: number, args: { name?: string } }} TraceEvent */
/**
 * @typedef {object} MainThread
 * @property {number} longest Milliseconds of the longest task by the clock.
 * @property {number} longestOwn Processor's milliseconds of the task that took most of them.
 * @property {number} longTasks Tasks over 50 ms by the clock.
 * @property {number} longTasksOwn Tasks over 50 ms of the processor.
 * @property {number} ownMs Processor's milliseconds of all tasks.
 * @property {number} ms How long was looked.
 */

const LONG_MS = 50;
const NOTHING = { longest: 0, longestOwn: 0, longTasks: 0, longTasksOwn: 0, ownMs: 0 };

/**
 * @template T
 * @param {import("@playwright/test").Page} page
 * @param {() => Promise<T>} act
 * @returns {Promise<{ result: T, mainThread: MainThread }>}
 */
export async function traceMainThread(page, act) {
  const browser = page.context().browser();
  await browser?.startTracing(page, { categories: ["toplevel"] });
  const start = performance.now();
  const result = await act();
  const ms = performance.now() - start;
  const trace = await browser?.stopTracing();
  const { traceEvents = [] } = /** @type {{ traceEvents?: TraceEvent[] }} */ (trace ? JSON.parse(trace.toString("utf8")) : {});
  return { result, mainThread: { ...readTasks(traceEvents), ms } };
}

/** @param {readonly TraceEvent[]} events @returns {Omit<MainThread, "ms">} */
function readTasks(events) {
  const mains = new Set(events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(threadOf));
  /** @type {Map<string, Omit<MainThread, "ms">>} */
  const threads = new Map();
  for (const event of events) {
    if (event.ph !== "X" || event.name !== "ThreadControllerImpl::RunTask" || !mains.has(threadOf(event))) continue;
    const [clock, own] = [(event.dur ?? 0) / 1000, (event.tdur ?? 0) / 1000];
    const sum = threads.get(threadOf(event)) ?? NOTHING;
    threads.set(threadOf(event), {
      longest: Math.max(sum.longest, clock),
      longestOwn: Math.max(sum.longestOwn, own),
      longTasks: sum.longTasks + Number(clock > LONG_MS),
      longTasksOwn: sum.longTasksOwn + Number(own > LONG_MS),
      ownMs: sum.ownMs + own,
    });
  }
  // The benchmark's own page is open beside it, and does nothing.
  return [...threads.values()].sort((a, b) => b.ownMs - a.ownMs)[0] ?? NOTHING;
}

/** @param {TraceEvent} event */
const threadOf = ({ pid, tid }) => `${pid}:${tid}`;
