/** Work at rest: it begins after a moment, one piece at a time, and ends when somebody wants the device. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createIdleWork } from "./idleWork";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("begins after a moment of rest, with the newest plan only", async () => {
  const idle = createIdleWork(100);
  const done: string[] = [];
  const note = (name: string) => () => Promise.resolve(void done.push(name));
  idle.plan(note("first"));
  await vi.advanceTimersByTimeAsync(60);
  idle.plan(note("second"));
  await vi.advanceTimersByTimeAsync(60);
  expect(done).toEqual([]);
  await vi.advanceTimersByTimeAsync(60);
  expect(done).toEqual(["second"]);
});

it("calls off what is going on, and says when the device is free", async () => {
  const idle = createIdleWork(100);
  const events: string[] = [];
  idle.plan(async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    events.push("called off");
    await new Promise((resolve) => setTimeout(resolve, 50));
    events.push("over");
  });
  await vi.advanceTimersByTimeAsync(150);
  const stopped = idle.stop().then(() => events.push("free"));
  await vi.advanceTimersByTimeAsync(100);
  await stopped;
  expect(events).toEqual(["called off", "over", "free"]);
});

it("does nothing that was planned before a stop, and goes on after a failure", async () => {
  const idle = createIdleWork(100);
  const done: string[] = [];
  idle.plan(() => Promise.resolve(void done.push("never")));
  await idle.stop();
  await vi.advanceTimersByTimeAsync(200);
  idle.plan(() => Promise.reject(new Error("the GPU was lost")));
  await vi.advanceTimersByTimeAsync(200);
  idle.plan(() => Promise.resolve(void done.push("later")));
  await vi.advanceTimersByTimeAsync(200);
  expect(done).toEqual(["later"]);
});
