/**
 * What is sent into the studio's page to watch the Data room. Each function is sent as text, so it can use nothing from outside. In:
 * the page as it is. Out: plain data; times are the page's own clock.
 */

/** @typedef {{ at: number, text: string, problem?: string }} Seen */

/** Before the page's own scripts: notes when a file was chosen and when a key was pressed. */
export function noteInputs() {
  const inputs = { chosen: NaN, pressed: NaN };
  Object.assign(globalThis, { inputs });
  document.addEventListener("change", ({ target }) => target instanceof HTMLInputElement && target.type === "file" && (inputs.chosen = performance.now()), true);
  for (const type of ["keydown", "pointerdown"]) document.addEventListener(type, () => (inputs.pressed = performance.now()), true);
}

/** When the newest import's entry matches. @param {string} pattern @returns {Seen | false} */
export function lookAtReport(pattern) {
  const entry = document.querySelector('[aria-label="Import report"] li');
  const text = entry?.textContent ?? "";
  const problem = entry?.querySelector('[role="alert"]')?.textContent;
  if (problem) return { at: NaN, text, problem };
  return new RegExp(pattern).test(text) ? { at: performance.now(), text } : false;
}

/** When the preview shows rows. @returns {Seen | false} */
export function lookAtPreview() {
  const cell = document.querySelector('[role="dialog"] tbody td');
  return cell?.textContent ? { at: performance.now(), text: cell.textContent } : false;
}

/** When any element of the selector matches. @param {{ selector: string, pattern: string }} what @returns {Seen | false} */
export function lookAt({ selector, pattern }) {
  for (const { textContent } of document.querySelectorAll(selector)) {
    if (textContent && new RegExp(pattern).test(textContent)) return { at: performance.now(), text: textContent };
  }
  return false;
}

/**
 * @typedef {object} GridReading
 * @property {number[]} frames Milliseconds between animation frames.
 * @property {number} blank Frames in which a row in sight had a cell that was not there yet.
 * @property {number[]} leaps Milliseconds from a leap to the frame in which all rows of the new place are there.
 * @property {number} travelled Pixels of the scroll bar.
 */

/** From now on reads the grid frame by frame, until `endGridReading`. A leap begins with the scroll that the page is told of, or with the key before it. @param {"scroll" | "key"} from */
export function beginGridReading(from) {
  const grid = document.querySelector('[role="grid"]');
  if (!grid) throw new Error("There is no grid.");
  /** @type {GridReading} */
  const reading = { frames: [], blank: 0, leaps: [], travelled: 0 };
  let [before, bar, leapt, isOn] = [NaN, grid.scrollTop, NaN, true];
  const pressed = () => /** @type {{ inputs: { pressed: number } }} */ (/** @type {unknown} */ (globalThis)).inputs.pressed;
  const onScroll = () => {
    const moved = Math.abs(grid.scrollTop - bar);
    bar = grid.scrollTop;
    reading.travelled += moved;
    if (moved > 5 * grid.clientHeight) leapt = from === "key" ? pressed() : performance.now();
  };
  const isWhole = () => {
    const { top, bottom } = grid.getBoundingClientRect();
    const rows = [...grid.querySelectorAll('[role="row"]')].filter((row) => row.getAttribute("aria-rowindex") !== "1" && row.getBoundingClientRect().top < bottom && row.getBoundingClientRect().bottom > top);
    return rows.length > 0 && rows.every((row) => [...row.querySelectorAll('[role="gridcell"]')].every(({ textContent }) => textContent !== ""));
  };
  const onFrame = (/** @type {number} */ now) => {
    if (before < now) reading.frames.push(now - before);
    before = now;
    const whole = isWhole();
    if (!whole) reading.blank += 1;
    else if (performance.now() - leapt >= 0) {
      // The handler of the scroll has run; what it asked for is in the document once nothing of it is blank.
      reading.leaps.push(performance.now() - leapt);
      leapt = NaN;
    }
    if (isOn) requestAnimationFrame(onFrame);
  };
  grid.addEventListener("scroll", onScroll, { passive: true });
  requestAnimationFrame(onFrame);
  Object.assign(globalThis, {
    endGrid: () => {
      isOn = false;
      grid.removeEventListener("scroll", onScroll);
      return reading;
    },
  });
}

/** @returns {GridReading} */
export function endGridReading() {
  return /** @type {{ endGrid: () => GridReading }} */ (/** @type {unknown} */ (globalThis)).endGrid();
}

/** For the training worker: counts the updates that it reports from now on. */
export function countSteps() {
  const counted = { steps: 0 };
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (/** @type {any} */ message, /** @type {any} */ more) {
    if (message?.type === "metrics") counted.steps += message.rows;
    postMessage.call(this, message, more);
  };
  Object.assign(globalThis, { counted });
}

/** For the training worker, later. @returns {{ at: number, steps: number }} */
export function readSteps() {
  const { counted } = /** @type {{ counted: { steps: number } }} */ (/** @type {unknown} */ (globalThis));
  return { at: performance.now(), steps: counted.steps };
}
