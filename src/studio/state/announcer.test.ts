/** What a screen reader hears, on a clock of our own. */
import { expect, test } from "vitest";
import { createAnnouncer, QUIET_MS } from "./announcer";

function createClock() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    clock: { now: () => now, after: (milliseconds: number, run: () => void) => void timers.push({ at: now + milliseconds, run }) },
    advance(milliseconds: number) {
      now += milliseconds;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { run } of due) run();
    },
  };
}

test("speaks at most every fifteen seconds, and then the newest milestone", () => {
  const { clock, advance } = createClock();
  const spoken: string[] = [];
  const announcer = createAnnouncer((text) => spoken.push(text), clock);
  for (let step = 100; step <= 4000; step += 100) {
    announcer.milestone(`Step ${step}`);
    advance(1000);
  }
  expect(spoken.length).toBe(Math.ceil((40 * 1000) / QUIET_MS));
  expect(spoken.at(-1)).toBe("Step 3100");
});

test("a change of state is not displaced by a milestone", () => {
  const { clock, advance } = createClock();
  const spoken: string[] = [];
  const announcer = createAnnouncer((text) => spoken.push(text), clock);
  announcer.milestone("Step 100");
  advance(0);
  announcer.milestone("Step 200");
  announcer.change("paused");
  announcer.milestone("Step 300");
  advance(QUIET_MS);
  expect(spoken).toEqual(["Step 100", "paused"]);
});
