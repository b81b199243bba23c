import { describe, expect, it, vi } from "vitest";
import { CommitScheduler, type Panel } from "./scheduler";

/** A clock that moves only when told; frames come every 16 ms. */
function fakeClock() {
  let time = 0;
  let waiting: { at: number; action: () => void }[] = [];
  const clock = {
    now: () => time,
    after: (milliseconds: number, action: () => void) => void waiting.push({ at: time + milliseconds, action }),
    nextFrame: (action: () => void) => void waiting.push({ at: time + 16, action }),
    interval: () => 250,
  };
  const advance = (milliseconds: number) => {
    const end = time + milliseconds;
    for (;;) {
      const next = waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      waiting = waiting.filter((each) => each !== next);
      time = Math.max(time, next.at);
      next.action();
    }
    time = end;
  };
  return { clock, advance };
}

function panelOf(visible: boolean): Panel & { commit: ReturnType<typeof vi.fn<() => void>> } {
  return { visible, commit: vi.fn<() => void>() };
}

describe("CommitScheduler", () => {
  it("commits at most four times a second however often it is asked", () => {
    const { clock, advance } = fakeClock();
    const scheduler = new CommitScheduler(clock);
    const panel = panelOf(true);
    for (let tick = 0; tick < 500; tick++) {
      scheduler.request(panel);
      advance(10);
    }
    expect(panel.commit.mock.calls.length).toBeGreaterThanOrEqual(17);
    expect(panel.commit.mock.calls.length).toBeLessThanOrEqual(20);
  });

  it("answers the first request within a frame", () => {
    const { clock, advance } = fakeClock();
    const panel = panelOf(true);
    new CommitScheduler(clock).request(panel);
    advance(17);
    expect(panel.commit).toHaveBeenCalledOnce();
  });

  it("gives each panel of a round two frames of its own, and a panel that asks again the next round", () => {
    const { clock, advance } = fakeClock();
    const scheduler = new CommitScheduler(clock);
    const panels = [panelOf(true), panelOf(true), panelOf(true)];
    const counts = () => panels.map(({ commit }) => commit.mock.calls.length);
    panels[0]?.commit.mockImplementationOnce(() => scheduler.request(panels[0]!));
    for (const panel of panels) scheduler.request(panel);
    advance(17);
    expect(counts()).toEqual([1, 0, 0]);
    advance(16);
    expect(counts()).toEqual([1, 0, 0]);
    advance(16);
    expect(counts()).toEqual([1, 1, 0]);
    advance(32);
    expect(counts()).toEqual([1, 1, 1]);
    advance(180);
    expect(counts()).toEqual([1, 1, 1]);
    advance(60);
    expect(counts()).toEqual([2, 1, 1]);
  });

  it("does not commit a panel that was removed or hidden during its round", () => {
    const { clock, advance } = fakeClock();
    const scheduler = new CommitScheduler(clock);
    const [first, removed, hidden] = [panelOf(true), panelOf(true), panelOf(true)];
    for (const panel of [first, removed, hidden]) scheduler.request(panel);
    advance(17);
    scheduler.remove(removed);
    scheduler.show(hidden, false);
    advance(1000);
    expect([first, removed, hidden].map(({ commit }) => commit.mock.calls.length)).toEqual([1, 0, 0]);
    scheduler.show(hidden, true);
    advance(300);
    expect(hidden.commit).toHaveBeenCalledOnce();
  });

  it("lets a hidden panel wait until it is shown, and forgets a removed one", () => {
    const { clock, advance } = fakeClock();
    const scheduler = new CommitScheduler(clock);
    const [hidden, removed] = [panelOf(false), panelOf(true)];
    scheduler.request(hidden);
    scheduler.request(removed);
    scheduler.remove(removed);
    advance(1000);
    expect([hidden.commit.mock.calls.length, removed.commit.mock.calls.length]).toEqual([0, 0]);
    scheduler.show(hidden, true);
    advance(300);
    expect(hidden.commit).toHaveBeenCalledOnce();
    advance(1000);
    expect(hidden.commit).toHaveBeenCalledOnce();
  });
});
