/**
 * The newest figures of a run, outside React. In: telemetry, far faster than a page should repaint. Out: one object and a
 * subscription that calls at most ten times a second; components write it into the page with `textContent`.
 */
export interface Live {
  step: number;
  trainingLoss: number;
  validationLoss: number;
  learningRate: number;
  gradientNorm: number;
  tokensPerSecond: number;
  tokensPerStep: number;
  dispatches: number;
  submits: number;
  flopsPerToken: number;
  /** Measured f32 rate of the device; 0 while it is not known. */
  peakFlopsPerSecond: number;
  savedStep: number;
}

/** NaN means "not measured yet" everywhere but in the losses, where `lossKnown` tells. */
export const BLANK: Readonly<Live> = {
  step: 0, trainingLoss: Number.NaN, validationLoss: Number.NaN, learningRate: Number.NaN, gradientNorm: Number.NaN,
  tokensPerSecond: Number.NaN, tokensPerStep: Number.NaN, dispatches: Number.NaN, submits: Number.NaN, flopsPerToken: Number.NaN, peakFlopsPerSecond: 0, savedStep: -1,
};

const INTERVAL_MS = 100;

export class LiveFigures {
  #now: Live = { ...BLANK };
  #measured = { training: 0, validation: 0 };
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  get now(): Readonly<Live> {
    return this.#now;
  }

  /** How many losses of each kind have been measured: a NaN loss after the first is news, before it is a blank. */
  get measured(): Readonly<{ training: number; validation: number }> {
    return this.#measured;
  }

  update(part: Partial<Live>): void {
    Object.assign(this.#now, part);
    if (part.trainingLoss !== undefined) this.#measured.training += 1;
    if (part.validationLoss !== undefined) this.#measured.validation += 1;
    // The first change after a pause shows at once; those that follow closely wait for their turn.
    const wait = this.#toldAt + INTERVAL_MS - performance.now();
    if (wait <= 0) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), wait);
  }

  clear(): void {
    this.#now = { ...BLANK };
    this.#measured = { training: 0, validation: 0 };
    this.#tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#toldAt = performance.now();
    for (const listener of this.#listeners) listener();
  }
}

/** Useful arithmetic per second; NaN until a speed is known. */
export const flopsPerSecond = ({ tokensPerSecond, flopsPerToken }: Readonly<Live>): number => tokensPerSecond * flopsPerToken;

/** Share of the device's measured peak, NaN while either is unknown. */
export const shareOfPeak = (live: Readonly<Live>): number => (live.peakFlopsPerSecond > 0 ? flopsPerSecond(live) / live.peakFlopsPerSecond : Number.NaN);

/** Seconds until the last step at the present speed; NaN until a speed is known. */
export function secondsLeft(live: Readonly<Live>, steps: number): number {
  return ((steps - live.step) * live.tokensPerStep) / live.tokensPerSecond;
}
