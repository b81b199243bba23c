/**
 * One size, all contenders. In: what answers the questions, a size, names. Out: an entry each. First every contender makes the same first updates,
 * and one whose losses are not those of Descent is dropped; then blocks of updates are timed in turn, so that whatever the machine
 * does meanwhile happens to all. A block during which others kept the machine busy is timed again, a few times at most.
 */
import { CONTENDERS } from "./contenders.mjs";
import { othersBusy, readLoad } from "./load.mjs";

/** @typedef {import("./result").BenchPage} BenchPage */
/** @typedef {import("./result").ContenderName} ContenderName */
/** @typedef {import("./result").Entry} Entry */
/** @typedef {import("./result").Block} Block */
/** @typedef {import("./result").BlockAnswer} BlockAnswer */
/** @typedef {import("./sizes").SizeName} SizeName */
/** @typedef {{ -readonly [key in keyof Entry]: Entry[key] }} Draft */
/** @typedef {{ size: SizeName, contenders: readonly ContenderName[], steps: number, onNote: (text: string) => void }} Match */

/** Losses agree to this, relative. */
const AGREEMENT = 1e-5;
/** First losses to compare: fewer where a step takes long. */
const CHEAP_STEP_MS = 3000;
const LOSSES = { many: 8, few: 4 };
/** Long enough that the wait at a block's end and the system's clock ticks weigh little. */
const BLOCK_MS = 250;
const MOST_STEPS = 400;
const ROUNDS = 12;
/** A contender that is slow takes part in fewer rounds: as many as fit, but this many. */
const FEWEST_BLOCKS = 3;
const CONTENDER_MS = 20_000;
/** Processors that others may use before a block counts as disturbed. */
const QUIET = 0.2;
const MOST_REPEATS = 3;
const REST_MS = 300;

/** @param {number} ms */
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {unknown} error */
const firstLine = (error) => (error instanceof Error ? error.message : String(error)).replace(/^(page\.evaluate: |Error: )+/, "").split("\n")[0] ?? "";

/** @param {BenchPage} bench @param {Match} match */
export async function runMatch(bench, match) {
  const { size, contenders, onNote } = match;
  /** @type {Draft[]} */
  const entries = [];
  try {
    for (const contender of contenders) {
      const entry = await startContender(bench, match, contender);
      entries.push(entry);
      onNote(`${size.toUpperCase()} ${contender}: ${entry.dropped ? `dropped: ${entry.dropped}` : `first step ${entry.start?.firstStepMs.toFixed(0)} ms, losses ${entry.firstLosses.map((loss) => loss.toFixed(5)).join(" ")}`}`);
    }
    dropDisagreeing(entries, onNote);
    await timeRounds(bench, match, entries.filter((entry) => !entry.dropped));
    for (const entry of entries.filter((one) => !one.dropped && CONTENDERS[one.contender].computesOn === "webgpu")) {
      const steps = Math.min(2, entry.stepsPerBlock);
      const answer = /** @type {import("./result").CountAnswer} */ (await bench.ask(entry.contender, { ask: "count", steps }));
      entry.counts = answer.counts;
    }
    return entries;
  } finally {
    for (const contender of contenders) await bench.stop(contender);
  }
}

/** @param {BenchPage} bench @param {Match} match @param {ContenderName} contender @returns {Promise<Draft>} */
async function startContender(bench, { size, steps: mostSteps }, contender) {
  /** @type {Draft} */
  const entry = { size, contender, firstLosses: [], reading: "at the end", stepsPerBlock: 1, blocks: [], lastLoss: null };
  try {
    const start = /** @type {import("./result").StartAnswer} */ (await bench.start(contender));
    entry.start = start;
    entry.firstLosses = start.losses;
    const trial = await askBlock(bench, contender, 1, "every step");
    const steps = (trial.ms < CHEAP_STEP_MS ? LOSSES.many : LOSSES.few) - 2;
    const more = await askBlock(bench, contender, steps, "every step");
    entry.firstLosses = [...start.losses, ...trial.losses, ...more.losses];
    // The first steps of some libraries are slow.
    await chooseBlock(bench, entry, Math.min(trial.ms, more.ms / steps), mostSteps);
  } catch (error) {
    entry.dropped = `it failed: ${firstLine(error)}`;
  }
  return entry;
}

/**
 * How many steps a block has, and when losses are read: some libraries are faster with one reading a step, some with one a block.
 * @param {BenchPage} bench @param {Draft} entry @param {number} stepMs @param {number} mostSteps
 */
async function chooseBlock(bench, entry, stepMs, mostSteps) {
  entry.stepsPerBlock = Math.max(1, Math.min(MOST_STEPS, Math.ceil(BLOCK_MS / stepMs), Math.floor(mostSteps / FEWEST_BLOCKS)));
  if (entry.stepsPerBlock === 1) return;
  const together = await askBlock(bench, entry.contender, entry.stepsPerBlock, "at the end");
  const each = await askBlock(bench, entry.contender, entry.stepsPerBlock, "every step");
  if (each.ms < together.ms) entry.reading = "every step";
}

/**
 * @param {BenchPage} bench
 * @param {ContenderName} contender
 * @param {number} steps
 * @param {import("./result").Reading} reading
 */
async function askBlock(bench, contender, steps, reading) {
  return /** @type {BlockAnswer} */ (await bench.ask(contender, { ask: "block", steps, reading }));
}

/** @param {Draft[]} entries @param {(text: string) => void} onNote */
function dropDisagreeing(entries, onNote) {
  const [reference, ...others] = entries;
  if (!reference || reference.dropped) return;
  for (const entry of others.filter((one) => !one.dropped)) {
    const count = Math.min(reference.firstLosses.length, entry.firstLosses.length);
    const gaps = Array.from({ length: count }, (_, step) => {
      const wanted = reference.firstLosses[step] ?? NaN;
      const found = entry.firstLosses[step] ?? NaN;
      return Math.abs(found - wanted) / Math.abs(wanted);
    });
    const largest = Math.max(...gaps);
    onNote(`${entry.size.toUpperCase()} ${entry.contender}: ${count} first losses agree with ${reference.contender} to ${largest.toExponential(1)}`);
    // A NaN disagrees too.
    if (!(largest <= AGREEMENT)) entry.dropped = `its losses differ from ${reference.contender}'s by ${largest.toExponential(1)} (allowed ${AGREEMENT})`;
  }
}

/** @param {BenchPage} bench @param {Match} match @param {Draft[]} entries */
async function timeRounds(bench, { steps, onNote }, entries) {
  /** @type {Map<Draft, number>} */
  const wanted = new Map(entries.map((entry) => [entry, Math.max(1, Math.min(ROUNDS, Math.floor(steps / entry.stepsPerBlock)))]));
  for (let round = 0; round < ROUNDS; round += 1) {
    // Nobody always follows the same neighbor.
    const order = entries.map((_, index) => entries[(index + round) % entries.length]).filter((entry) => entry !== undefined);
    for (const entry of order) {
      const share = (wanted.get(entry) ?? ROUNDS) / ROUNDS;
      if (entry.blocks.length >= Math.ceil((round + 1) * share)) continue;
      const block = await timeBlock(bench, entry);
      entry.blocks = [...entry.blocks, block];
      const fitting = Math.floor(CONTENDER_MS / (block.ms * entry.stepsPerBlock));
      wanted.set(entry, Math.min(wanted.get(entry) ?? ROUNDS, Math.max(FEWEST_BLOCKS, fitting)));
    }
  }
  for (const { size, contender, blocks } of entries) {
    const disturbed = blocks.filter((block) => block.isDisturbed).length;
    if (disturbed > 0) onNote(`${size.toUpperCase()} ${contender}: ${disturbed} of ${blocks.length} blocks stayed disturbed by other programs`);
  }
}

/** The quietest of a few tries. @param {BenchPage} bench @param {Draft} entry @returns {Promise<Block>} */
async function timeBlock(bench, entry) {
  /** @type {Block | undefined} */
  let best;
  for (let repeat = 0; repeat <= MOST_REPEATS; repeat += 1) {
    const before = readLoad();
    const { ms, losses } = await askBlock(bench, entry.contender, entry.stepsPerBlock, entry.reading);
    const busy = othersBusy(before, readLoad());
    entry.lastLoss = losses.at(-1) ?? null;
    const block = { ms: ms / entry.stepsPerBlock, othersBusy: busy, isDisturbed: busy !== null && busy > QUIET };
    if (!best || (block.othersBusy ?? 0) < (best.othersBusy ?? 0)) best = block;
    // A long block cannot be repeated within any bound.
    if (!best.isDisturbed || ms > CONTENDER_MS / FEWEST_BLOCKS) break;
    await rest(REST_MS);
  }
  return /** @type {Block} */ (best);
}
