/**
 * Long work in the data worker, by number. In: calls that take such a number. Out: their answers; of calls of one kind only the
 * newest counts: it calls off the one before, whose answer is then dropped.
 */
import type { ImportCalls, Result } from "../../worker/protocol";
import { settle } from "./settle";

let newest = 0;

/** Distinct within this page; the worker knows no other. */
export const nextWork = (): number => ++newest;

type Canceler = Pick<ImportCalls, "cancelWork">;

export class LatestWork {
  readonly #data: Canceler;
  #current: number | null = null;

  constructor(data: Canceler) {
    this.#data = data;
  }

  /** Null when a newer call, or `cancel`, has overtaken this one. */
  async run<T>(call: (work: number) => Promise<Result<T>>): Promise<Result<T> | null> {
    this.cancel();
    const work = nextWork();
    this.#current = work;
    const answer = await settle(call(work));
    if (this.#current !== work) return null;
    this.#current = null;
    return answer;
  }

  cancel(): void {
    if (this.#current === null) return;
    const work = this.#current;
    this.#current = null;
    void this.#data.cancelWork(work).catch(() => undefined);
  }
}
