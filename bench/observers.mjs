/**
 * What is sent into the studio's page and its training worker to measure there. Each function is sent as text, so it can use nothing
 * from outside. In: the page as it is. Out: plain data. Sources: long tasks (w3.org/TR/longtasks-1), event timing
 * (w3.org/TR/event-timing).
 */

/**
 * @typedef {object} PageReading
 * @property {number[]} frames Milliseconds between animation frames.
 * @property {number[]} longTasks Milliseconds of each task of the main thread that took more than 50.
 * @property {{ delay: number, duration: number }[]} interactions Until its first handler runs, and until it is on the screen; only those that took 16 ms or more.
 * @property {number} steps Seen on the page.
 * @property {number} stepMs Of each of them; NaN if fewer than one whole step was seen.
 */

/** For the page. @param {number} ms @returns {Promise<PageReading>} */
export function recordPage(ms) {
  /** @type {PageReading} */
  const reading = { frames: [], longTasks: [], interactions: [], steps: 0, stepMs: NaN };
  /** Of one interaction (key down, press, key up) the browser reports several events. @type {Map<number, { delay: number, duration: number }>} */
  const interactions = new Map();
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.entryType === "longtask") reading.longTasks.push(entry.duration);
      const { interactionId, processingStart } = /** @type {PerformanceEventTiming & { interactionId: number }} */ (entry);
      if (!interactionId) continue;
      const longest = interactions.get(interactionId);
      const delay = Math.max(longest?.delay ?? 0, processingStart - entry.startTime);
      interactions.set(interactionId, { delay, duration: Math.max(longest?.duration ?? 0, entry.duration) });
    }
  });
  observer.observe({ type: "longtask" });
  observer.observe(/** @type {PerformanceObserverInit} */ ({ type: "event", durationThreshold: 16 }));

  const figure = Array.from(document.querySelectorAll("dt")).find(({ textContent }) => textContent === "Step")?.nextElementSibling;
  /** @type {{ at: number, step: number }[]} */
  const seen = [];
  const steps = new MutationObserver(() => seen.push({ at: performance.now(), step: Number(figure?.textContent) }));
  if (figure) steps.observe(figure, { characterData: true, childList: true, subtree: true });

  return new Promise((resolve) => {
    const end = performance.now() + ms;
    let before = NaN;
    const onFrame = (/** @type {number} */ now) => {
      if (before < now) reading.frames.push(now - before);
      before = now;
      if (performance.now() < end) return requestAnimationFrame(onFrame);
      observer.disconnect();
      steps.disconnect();
      reading.interactions = [...interactions.values()];
      const [first, last] = [seen.at(0), seen.at(-1)];
      if (first && last && last.step > first.step) {
        reading.steps = last.step - first.step;
        reading.stepMs = (last.at - first.at) / reading.steps;
      }
      return resolve(reading);
    };
    requestAnimationFrame(onFrame);
  });
}

/**
 * For the training worker: from now on adds up the time that its thread spends between the making of a command encoder and the end of the
 * submit of what was encoded, and in `writeBuffer`.
 */
export function clockEncoding() {
  const clock = { ms: 0 };
  let began = 0;
  const { createCommandEncoder } = GPUDevice.prototype;
  const { submit, writeBuffer } = GPUQueue.prototype;
  GPUDevice.prototype.createCommandEncoder = function (descriptor) {
    began = performance.now();
    return createCommandEncoder.call(this, descriptor);
  };
  GPUQueue.prototype.submit = function (commands) {
    submit.call(this, commands);
    clock.ms += performance.now() - began;
  };
  GPUQueue.prototype.writeBuffer = function (...words) {
    const start = performance.now();
    writeBuffer.apply(this, words);
    clock.ms += performance.now() - start;
  };
  Object.assign(globalThis, { encodingClock: clock });
}

/** For the training worker, later: the sum so far and the worker's own time. @returns {{ at: number, ms: number }} */
export function readEncodingClock() {
  const { encodingClock } = /** @type {{ encodingClock: { ms: number } }} */ (/** @type {unknown} */ (globalThis));
  return { at: performance.now(), ...encodingClock };
}
