/**
 * What is known about the columns of datasets. In: columns that come into view. Out: a store of their statistics by dataset and
 * column; one column is counted at a time, the one asked for last first, so that what is looked at comes before what was.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { ColumnStatistics, Failure, ImportCalls, TableCalls } from "../../worker/protocol";
import { settle } from "./settle";
import { nextWork } from "./work";

export type ColumnFact =
  | { readonly status: "waiting" }
  | { readonly status: "known"; readonly statistics: ColumnStatistics }
  | { readonly status: "failed"; readonly failure: Failure };

type Counter = Pick<TableCalls, "columnStatistics"> & Pick<ImportCalls, "cancelWork">;

/** A name may hold any character but this one. */
const keyOf = (dataset: string, column: string): string => `${dataset}\u0000${column}`;

export class ColumnFacts {
  readonly store: StoreApi<{ readonly facts: ReadonlyMap<string, ColumnFact> }> = createStore(() => ({ facts: new Map<string, ColumnFact>() }));
  readonly #data: Counter;
  #waiting: { readonly dataset: string; readonly column: string }[] = [];
  #working: { readonly dataset: string; readonly work: number } | null = null;

  constructor(data: Counter) {
    this.#data = data;
  }

  factOf(dataset: string, column: string): ColumnFact | undefined {
    return this.store.getState().facts.get(keyOf(dataset, column));
  }

  ask(dataset: string, column: string): void {
    if (this.factOf(dataset, column)) return;
    this.#set(dataset, column, { status: "waiting" });
    this.#waiting.push({ dataset, column });
    void this.#next();
  }

  /** Its rows have changed, or nobody looks at it any more. */
  forget(dataset: string): void {
    this.#waiting = this.#waiting.filter((one) => one.dataset !== dataset);
    if (this.#working?.dataset === dataset) {
      const { work } = this.#working;
      this.#working = null;
      void this.#data.cancelWork(work).catch(() => undefined);
    }
    const facts = [...this.store.getState().facts].filter(([key]) => !key.startsWith(keyOf(dataset, "")));
    this.store.setState({ facts: new Map(facts) });
    void this.#next();
  }

  async #next(): Promise<void> {
    if (this.#working) return;
    const one = this.#waiting.pop();
    if (!one) return;
    const current = { dataset: one.dataset, work: nextWork() };
    this.#working = current;
    const answer = await settle(this.#data.columnStatistics(one.dataset, one.column, current.work));
    if (this.#working !== current) return;
    this.#working = null;
    this.#set(one.dataset, one.column, answer.ok ? { status: "known", statistics: answer.value } : { status: "failed", failure: answer.failure });
    void this.#next();
  }

  #set(dataset: string, column: string, fact: ColumnFact): void {
    this.store.setState(({ facts }) => ({ facts: new Map(facts).set(keyOf(dataset, column), fact) }));
  }
}
