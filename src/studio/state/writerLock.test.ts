/** Two tabs, one writer, on a Web Lock of our own. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { contendForWriter, type LockPlace } from "./writerLock";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The browser's rules: one holder, a queue, aborting, stealing; a channel reaches every tab but its own. */
function createBrowser() {
  interface Claim {
    readonly held: () => Promise<void>;
    readonly end: (failure?: unknown) => void;
  }
  let holder: Claim | undefined;
  let queue: Claim[] = [];
  const ears: { tab: object; hear: () => void }[] = [];
  const grant = (claim: Claim) => {
    holder = claim;
    void claim.held().then(() => {
      if (holder !== claim) return;
      claim.end();
      holder = undefined;
      const next = queue.shift();
      if (next) grant(next);
    });
  };
  const openTab = (): LockPlace => {
    const tab = {};
    return {
      request: (_name, { signal, steal }, held) =>
        new Promise((resolve, reject) => {
          const claim: Claim = { held, end: (failure) => (failure ? reject(failure as Error) : resolve(undefined)) };
          signal?.addEventListener("abort", () => {
            queue = queue.filter((waiting) => waiting !== claim);
            if (holder !== claim) claim.end(new Error("aborted"));
          });
          if (steal) holder?.end(new Error("stolen"));
          if (!holder || steal) grant(claim);
          else queue.push(claim);
        }),
      openChannel: () => ({
        post: () => ears.filter((ear) => ear.tab !== tab).forEach(({ hear }) => hear()),
        listen: (hear) => void ears.push({ tab, hear }),
      }),
    };
  };
  return openTab;
}

test("the first tab writes, the second says so after half a second", async () => {
  const openTab = createBrowser();
  const first = contendForWriter(async () => {}, openTab());
  const second = contendForWriter(async () => {}, openTab());
  await vi.advanceTimersByTimeAsync(400);
  expect(second.store.getState().role).toBe("asking");
  await vi.advanceTimersByTimeAsync(200);
  expect(first.store.getState().role).toBe("writer");
  expect(second.store.getState()).toEqual({ role: "second", taking: "no" });
});

test("taking over lets the first tab save before it lets go, and back again", async () => {
  const openTab = createBrowser();
  const saved: string[] = [];
  const first = contendForWriter(async () => void saved.push("first"), openTab());
  const second = contendForWriter(async () => void saved.push("second"), openTab());
  await vi.advanceTimersByTimeAsync(600);
  second.takeOver();
  await vi.advanceTimersByTimeAsync(50);
  expect(saved).toEqual(["first"]);
  expect([first.store.getState().role, second.store.getState().role]).toEqual(["displaced", "writer"]);
  await vi.advanceTimersByTimeAsync(10_000);
  first.takeOver();
  await vi.advanceTimersByTimeAsync(50);
  expect(saved).toEqual(["first", "second"]);
  expect([first.store.getState().role, second.store.getState().role]).toEqual(["writer", "displaced"]);
});

test("a tab that does not answer is displaced after four seconds", async () => {
  const openTab = createBrowser();
  const first = contendForWriter(() => new Promise(() => {}), openTab());
  const second = contendForWriter(async () => {}, openTab());
  await vi.advanceTimersByTimeAsync(600);
  second.takeOver();
  await vi.advanceTimersByTimeAsync(3900);
  expect(second.store.getState()).toEqual({ role: "second", taking: "yes" });
  await vi.advanceTimersByTimeAsync(200);
  expect([first.store.getState().role, second.store.getState().role]).toEqual(["displaced", "writer"]);
});
