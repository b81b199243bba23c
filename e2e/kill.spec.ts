/**
 * The browser is killed at random moments of an import. Whatever the moment: afterwards the dataset is there whole or not at all, what was
 * acknowledged is there, the database is sound (it checks itself when it is opened) and nothing is left over.
 * More kills: `DESCENT_KILLS=20 npm run e2e -- kill`; the same ones again: `DESCENT_SEED=…`.
 */
import { mkdirSync, rmSync } from "node:fs";
import { importNumber, lookAround, startVictim } from "./support/kills";
import { expect, test } from "./support/test";

const KILLS = Number(process.env["DESCENT_KILLS"] ?? 3);
const SEED = Number(process.env["DESCENT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const MEGABYTES = 20;

/** Mulberry32 (Tommy Ettinger, public domain): the kill moments of a seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`killed ${KILLS} times while importing, every dataset is whole or was never there`, async ({ baseURL }, testInfo) => {
  test.setTimeout(60_000 + KILLS * 45_000);
  const profile = testInfo.outputPath("profile");
  mkdirSync(profile, { recursive: true });
  const random = randomOf(SEED);
  const acknowledged: string[] = [];
  const isAcknowledged = (answer: unknown): boolean => (answer as { ok: boolean }).ok;

  // One undisturbed import says how long it takes and how many parts it has.
  let victim = await startVictim(profile, baseURL!);
  await victim.page.evaluate(lookAround, MEGABYTES);
  const began = Date.now();
  expect(isAcknowledged(await victim.page.evaluate(importNumber, [0, MEGABYTES] as const))).toBe(true);
  // Of the quickest import so far, so that most kills fall into one.
  let whole = Date.now() - began;
  acknowledged.push("text 0");
  const { blobs: parts } = await victim.page.evaluate(lookAround, MEGABYTES);

  let listed = 1;
  for (let number = 1; number <= KILLS; number++) {
    const started = Date.now();
    const importing = victim.page.evaluate(importNumber, [number, MEGABYTES] as const).then(
      (answer) => {
        if (!isAcknowledged(answer)) return;
        acknowledged.push(`text ${number}`);
        whole = Math.min(whole, Date.now() - started);
      },
      () => undefined,
    );
    const moment = Math.round(random() * 1.1 * whole);
    await new Promise((resolve) => setTimeout(resolve, moment));
    await victim.kill();
    await importing;
    victim = await startVictim(profile, baseURL!);
    const found = await victim.page.evaluate(lookAround, MEGABYTES);
    const story = `seed ${SEED}, kill ${number} after ${moment} of ${whole} ms`;
    expect(found.torn, story).toEqual([]);
    expect(found.names, story).toEqual(expect.arrayContaining(acknowledged));
    expect(found.blobs, story).toBe(parts * found.names.length);
    expect(found.unfinished, story).toBe(0);
    listed = found.names.length;
  }
  await victim.kill();
  console.log(`Seed ${SEED}: ${KILLS} kills, ${listed - 1} of the imports were whole, ${acknowledged.length - 1} acknowledged, none torn or lost.`);
  rmSync(profile, { recursive: true, force: true });
});
