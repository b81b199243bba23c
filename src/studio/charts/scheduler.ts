/**
 * One pace for all charts. In: panels that say they are out of date. Out: their `commit` calls in rounds, at most four a second (one
 * where reduced motion is asked for), only for panels on screen. Within a round each panel has two animation frames of its own, because
 * drawing several in one would be a task of several frames.
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
  /** Under way or about to be. */
  #hasRound = false;
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
    if (this.#hasRound) return;
    this.#hasRound = true;
    const wait = Math.max(0, this.#last + this.clock.interval() - this.clock.now());
    this.clock.after(wait, () => this.clock.nextFrame(() => this.#beginRound()));
  }

  #beginRound(): void {
    this.#last = this.clock.now();
    this.#commitFirst([...this.#dirty].filter(({ visible }) => visible));
  }

  /** The next of this round; one that asks again meanwhile waits for the next round. */
  #commitFirst([panel, ...others]: readonly Panel[]): void {
    if (panel?.visible && this.#dirty.delete(panel)) panel.commit();
    // Recharts draws in the frame after the one in which it is told.
    if (others.length > 0) return this.clock.nextFrame(() => this.clock.nextFrame(() => this.#commitFirst(others)));
    this.#hasRound = false;
    if ([...this.#dirty].some(({ visible }) => visible)) this.#schedule();
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
