import { afterEach, expect, test, vi } from "vitest";
import { type Job, type Queue, createQueue } from "./queue";

const open: Queue[] = [];
const openQueue = (): Queue => {
  const queue = createQueue();
  open.push(queue);
  return queue;
};
afterEach(() => {
  vi.restoreAllMocks();
  for (const queue of open.splice(0)) queue.destroy();
});

/** Notes itself at each turn; done at the last of so many. */
function makeJob(name: string, notes: string[], turns = 1): Job {
  let turn = 0;
  return {
    advance: () => {
      turn += 1;
      notes.push(turns === 1 ? name : `${name}${turn}`);
      return turn === turns;
    },
  };
}

test("what is pushed while nothing waits is done at once", () => {
  const [queue, notes] = [openQueue(), [] as string[]];
  queue.push(makeJob("a", notes));
  queue.push(makeJob("b", notes));
  expect(notes).toEqual(["a", "b"]);
  expect(queue.isIdle).toBe(true);
});

test("jobs are done in order, however many slices each takes, and others have their turn between slices", async () => {
  const [queue, notes] = [openQueue(), [] as string[]];
  queue.push(makeJob("a", notes, 3));
  queue.push(makeJob("b", notes));
  queue.push(makeJob("c", notes, 2));
  expect([notes, queue.isIdle]).toEqual([["a1"], false]);
  const message = new Promise<void>((resolve) => setImmediate(() => {
    notes.push("message");
    resolve();
  }));
  await queue.settled();
  await message;
  expect(notes.filter((note) => note !== "message")).toEqual(["a1", "a2", "a3", "b", "c1", "c2"]);
  expect(notes.indexOf("message")).toBeLessThan(notes.length - 1);
  expect(queue.isIdle).toBe(true);
});

test("a job that runs again and again is pushed like any other", async () => {
  const [queue, notes] = [openQueue(), [] as string[]];
  let at = 0;
  const job: Job = { advance: () => {
    notes.push(`${(at += 1)}`);
    return at % 2 === 0;
  } };
  queue.push(job);
  queue.push(job);
  await queue.settled();
  expect(notes).toEqual(["1", "2", "3", "4"]);
});

test("a slice ends when its time is over, whatever is left to do", async () => {
  const queue = openQueue();
  let now = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const starts: number[] = [];
  const untils: number[] = [];
  const job = (): Job => ({ advance: (until) => {
    starts.push(now);
    untils.push(until);
    now += 20;
    return true;
  } });
  queue.push(makeJob("first", [], 2));
  for (let i = 0; i < 3; i += 1) queue.push(job());
  await queue.settled();
  expect(starts).toEqual([1000, 1020, 1040]);
  expect(untils.map((until, index) => until - starts[index]!)).toEqual([12, 12, 12]);
});

test("where nothing waits, pace asks for a turn only once the worker has not answered for a while", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const queue = openQueue();
  expect(queue.pace()).toBeUndefined();
  now = 13;
  const turn = queue.pace();
  expect(turn).toBeInstanceOf(Promise);
  await turn;
  expect(queue.pace()).toBeUndefined();
});

test("pace and settled wait for what is under way", async () => {
  const [queue, notes] = [openQueue(), [] as string[]];
  queue.push(makeJob("a", notes, 2));
  await queue.pace();
  expect(notes).toEqual(["a1", "a2"]);
});

test("a job that throws at once throws where it is pushed, and the queue goes on", () => {
  const [queue, notes] = [openQueue(), [] as string[]];
  expect(() => queue.push({ advance: () => {
    throw new Error("broken");
  } })).toThrow("broken");
  queue.push(makeJob("a", notes));
  expect([notes, queue.isIdle]).toEqual([["a"], true]);
});

test("a job that throws later takes with it what follows, tells those who wait, and the queue goes on", async () => {
  const [queue, notes] = [openQueue(), [] as string[]];
  queue.push(makeJob("a", notes, 2));
  queue.push({ advance: () => {
    throw new Error("broken");
  } });
  queue.push(makeJob("lost", notes));
  await expect(queue.settled()).rejects.toThrow("broken");
  queue.push(makeJob("b", notes));
  await queue.settled();
  expect(notes).toEqual(["a1", "a2", "b"]);
});

test("whoever waits when the queue is destroyed is let go, and nothing more is done", async () => {
  const [queue, notes] = [openQueue(), [] as string[]];
  queue.push(makeJob("a", notes, 5));
  queue.push(makeJob("b", notes));
  const waiting = [queue.settled(), queue.pace()];
  queue.destroy();
  for (const one of waiting) await one;
  expect([notes, queue.isIdle]).toEqual([["a1"], true]);
});
