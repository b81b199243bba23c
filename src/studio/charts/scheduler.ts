/**
 * One pace for all charts. In: panels that say they are out of date. Out: their `commit` calls, together, in one animation
 * frame, at most four times a second (once where reduced motion is asked for), only for panels on screen.
 */
export interface Panel {
  visible: boolean;
  commit(): void;
}

export interface Clock {
  now(): number;
  after(milliseconds: number, action: () => void): void;
  nextFrame(action: () => void): void;
  /** Least time between two commits. */
  interval(): number;
}

export class CommitScheduler {
  readonly #dirty = new Set<Panel>();
  #scheduled = false;
  #last = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  /** Asks for a commit of `panel`; a hidden panel waits until it is shown and asks again. */
  request(panel: Panel): void {
    this.#dirty.add(panel);
    if (panel.visible) this.#schedule();
  }

  show(panel: Panel, visible: boolean): void {
    panel.visible = visible;
    if (visible && this.#dirty.has(panel)) this.#schedule();
  }

  remove(panel: Panel): void {
    this.#dirty.delete(panel);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const wait = Math.max(0, this.#last + this.clock.interval() - this.clock.now());
    this.clock.after(wait, () => this.clock.nextFrame(() => this.#commit()));
  }

  #commit(): void {
    this.#scheduled = false;
    this.#last = this.clock.now();
    for (const panel of [...this.#dirty]) {
      if (!panel.visible) continue;
      this.#dirty.delete(panel);
      panel.commit();
    }
  }
}

const COMMIT_MS = 250;
const CALM_COMMIT_MS = 1000;

/** The scheduler of this page. In a hidden tab no animation frame comes, so nothing is drawn until it is shown again. */
export const pageScheduler = new CommitScheduler({
  now: () => performance.now(),
  after: (milliseconds, action) => void setTimeout(action, milliseconds),
  nextFrame: (action) => void requestAnimationFrame(action),
  interval: () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? CALM_COMMIT_MS : COMMIT_MS),
});
