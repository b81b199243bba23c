import { expect, it } from "vitest";
import { createWorks, telling } from "./works";

const untilAborted = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
    setTimeout(() => resolve("done"), 50);
  });

it("calls off the work of that number only, also when the cancel came first", async () => {
  const works = createWorks();
  const first = works.run(1, "one", untilAborted);
  const second = works.run(2, "two", untilAborted);
  works.cancel(1);
  works.cancel(3);
  const third = works.run(3, "three", untilAborted);
  expect(await first).toMatchObject({ ok: false, failure: { kind: "canceled", where: "one" } });
  expect(await second).toEqual({ ok: true, value: "done" });
  expect(await third).toMatchObject({ ok: false, failure: { kind: "canceled" } });
  expect(await works.run(3, "three", untilAborted)).toEqual({ ok: true, value: "done" });
});

it("tells a listener seldom, and survives one that throws", async () => {
  const heard: number[] = [];
  const tell = telling((value: number) => {
    heard.push(value);
    throw new Error("gone");
  });
  for (let value = 0; value < 1000; value++) tell(value);
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(heard[0]).toBe(0);
  expect(heard.length).toBeLessThan(20);
});
