/**
 * How busy others keep the machine. In: two readings. Out: the processors that programs other than this benchmark and its browser
 * used in between. Linux only (/proc); elsewhere nothing can be said of a moment, and the load average has to do.
 */
import { readFileSync, readdirSync } from "node:fs";
import { loadavg } from "node:os";

/** @typedef {{ at: number, busy: number, own: number } | undefined} Reading Ticks of all programs and of ours. */

/** The kernel counts processor time in hundredths of a second, whatever its own clock. */
const TICKS_PER_SECOND = 100;

/** @param {string} path */
function readOrNothing(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Ticks of this process and all it started, by walking the tree of parents. */
function ownTicks() {
  /** @type {Map<number, { parent: number, ticks: number }>} */
  const processes = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // The program's name may hold anything, so fields are counted from its closing parenthesis: state, parent, …, utime, stime, of the dead children too.
    const fields = readOrNothing(`/proc/${name}/stat`).split(") ").at(-1)?.split(" ") ?? [];
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
    processes.set(Number(name), { parent: Number(fields[1] ?? 0), ticks });
  }
  let total = 0;
  for (const [id, { ticks }] of processes) {
    let above = id;
    while (above > 1 && above !== process.pid) above = processes.get(above)?.parent ?? 0;
    if (above === process.pid) total += ticks;
  }
  return total;
}

/** @returns {Reading} */
export function readLoad() {
  const line = readOrNothing("/proc/stat").split("\n")[0]?.trim().split(/\s+/) ?? [];
  if (line[0] !== "cpu") return undefined;
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0, stolen = 0] = line.slice(1).map(Number);
  return { at: performance.now(), busy: user + nice + system + interrupts + softInterrupts + stolen, own: ownTicks() };
}

/**
 * Processors that others kept busy between two readings; null where that is unknown.
 * @param {Reading} before
 * @param {Reading} after
 */
export function othersBusy(before, after) {
  if (!before || !after) return null;
  const seconds = (after.at - before.at) / 1000;
  return Math.max(0, (after.busy - before.busy - (after.own - before.own)) / TICKS_PER_SECOND / seconds);
}

export const loadAverage = () => loadavg()[0] ?? 0;
