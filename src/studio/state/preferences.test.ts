/** What the page remembers, and what it makes of a file it cannot read. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPreferences, parsePreferences, type PreferenceFile } from "./preferences";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each(["", "{", "null", "7", '{"theme":"pink","shortcuts":3,"machine":{"device":"abacus"},"draft":[1]}'])("%j is a first visit", (text) =>
  expect(parsePreferences(text)).toMatchObject({ theme: "system", shortcuts: "on", machine: { device: "automatic", pauseWhileHidden: false }, draft: {} }),
);

test("writes once for many changes, and reads them back", async () => {
  const written: string[] = [];
  const file: PreferenceFile = { read: () => Promise.resolve(written.at(-1) ?? ""), write: async (text) => void written.push(text) };
  const preferences = await openPreferences(file);
  preferences.setState({ theme: "projector" });
  preferences.setState({ draft: { steps: 300 } });
  await vi.advanceTimersByTimeAsync(1000);
  expect(written).toHaveLength(1);
  expect((await openPreferences(file)).getState()).toMatchObject({ theme: "projector", shortcuts: "on", draft: { steps: 300 } });
});

test("a browser without storage loses the memory, not the page", async () => {
  const refusing: PreferenceFile = { read: () => Promise.reject(new Error("no")), write: () => Promise.reject(new Error("no")) };
  const preferences = await openPreferences(refusing);
  preferences.setState({ theme: "dark" });
  await vi.advanceTimersByTimeAsync(1000);
  expect(preferences.getState().theme).toBe("dark");
});
