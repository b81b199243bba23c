/**
 * What is known about a dataset as a whole: how its vocabulary grows, the shares of its sources, its duplicates. In: what is asked
 * for. Out: a store by dataset. Duplicates take long: they tell how far they are and can be called off.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Column, ColumnChoice, DuplicateReport, Failure, Result, SourceShare, VocabularyGrowth } from "../../worker/protocol";
import { refreshDatasets } from "./datasets";
import { settle } from "./settle";
import { report, type Studio } from "./studio";
import { nextWork } from "./work";

export type Fact<T> =
  | { readonly status: "working"; readonly work: number; readonly fraction: number }
  | { readonly status: "known"; readonly value: T }
  | { readonly status: "failed"; readonly failure: Failure };

export interface TableFacts {
  /** The dataset that these are about; asking about another begins anew. */
  readonly dataset: string | null;
  readonly growth: Fact<VocabularyGrowth> | null;
  readonly sources: Fact<readonly SourceShare[]> | null;
  readonly duplicates: Fact<DuplicateReport> | null;
}

export const NO_FACTS: TableFacts = { dataset: null, growth: null, sources: null, duplicates: null };
type Part = "growth" | "sources" | "duplicates";

export const createTableFacts = (): StoreApi<TableFacts> => createStore(() => NO_FACTS);

async function learn<T>(studio: Studio, dataset: string, part: Part, ask: (work: number, tell: (fraction: number) => void) => Promise<Result<T>>): Promise<void> {
  if (studio.tableFacts.getState().dataset !== dataset) {
    for (const other of ["growth", "sources", "duplicates"] as const) void cancelFact(studio, other);
    studio.tableFacts.setState({ ...NO_FACTS, dataset });
  }
  if (studio.tableFacts.getState()[part]?.status === "working") return;
  const work = nextWork();
  const set = (fact: Fact<T> | null) => studio.tableFacts.setState({ [part]: fact });
  const isCurrent = () => {
    const fact = studio.tableFacts.getState()[part];
    return fact?.status === "working" && fact.work === work;
  };
  set({ status: "working", work, fraction: 0 });
  const answer = await settle(ask(work, (fraction) => isCurrent() && set({ status: "working", work, fraction })));
  if (!isCurrent()) return;
  if (answer.ok) set({ status: "known", value: answer.value });
  else set(answer.failure.kind === "canceled" ? null : { status: "failed", failure: answer.failure });
}

export const learnGrowth = (studio: Studio, dataset: string): Promise<void> => learn(studio, dataset, "growth", (work) => studio.connection.data.vocabularyGrowth(dataset, work));
export const learnSources = (studio: Studio, dataset: string): Promise<void> => learn(studio, dataset, "sources", (work) => studio.connection.data.sourceShares(dataset, work));
export const learnDuplicates = (studio: Studio, dataset: string): Promise<void> =>
  learn(studio, dataset, "duplicates", (work, tell) => studio.connection.data.findDuplicates(dataset, work, tell));

export async function cancelFact(studio: Studio, part: Part): Promise<void> {
  const fact = studio.tableFacts.getState()[part];
  if (fact?.status !== "working") return;
  studio.tableFacts.setState({ [part]: null });
  await studio.connection.data.cancelWork(fact.work).catch(() => undefined);
}

/** Another role or type for one column; the others stay as they are. */
export async function describeColumn(studio: Studio, dataset: string, columns: readonly Column[], name: string, part: Partial<Pick<ColumnChoice, "role" | "type">>): Promise<void> {
  const choices = columns.map((column): ColumnChoice => ({ name: column.name, role: column.role, type: column.type, include: true, ...(column.name === name ? part : {}) }));
  const answer = await settle(studio.connection.data.describeColumns(dataset, choices));
  if (!answer.ok) return report(studio, answer.failure);
  studio.previewer.forget(dataset);
  if (part.type !== undefined) studio.columnFacts.forget(dataset);
  await refreshDatasets(studio);
}
