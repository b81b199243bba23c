/**
 * Everything behind the page as one value: the two backends, the stores the components read, the hot figures and series
 * beside them. In: whatever `openStudio.ts` made. Out: the nouns and the few readings of it that many actions share.
 */
import type { StoreApi } from "zustand/vanilla";
import type { Experiment } from "../../settings/experiment";
import type { Field } from "../../settings/field";
import type { Connection } from "../../worker/connect";
import type { Failure } from "../../worker/protocol";
import type { Announcer } from "./announcer";
import type { ColumnFacts } from "./columnFacts";
import type { DataRoom } from "./dataRoom";
import type { DataTools } from "./dataTools";
import { type Choices, type Draft, formFields, problemsOf, settingsOf } from "./draft";
import type { Exporting } from "./exporting";
import type { Imports } from "./importing";
import type { Inspector } from "./inspection";
import type { LiveFigures } from "./live";
import type { MetricStore } from "./metricStore";
import type { Performance } from "./performance";
import type { Play } from "./play";
import type { Preferences } from "./preferences";
import type { Previewer } from "./preview";
import { addFailure, type Session } from "./session";
import type { TableFacts } from "./tableFacts";
import type { TableViews } from "./tableView";

export interface Studio {
  readonly connection: Connection;
  readonly session: StoreApi<Session>;
  readonly draft: StoreApi<Draft>;
  readonly play: StoreApi<Play>;
  readonly performance: StoreApi<Performance>;
  readonly dataRoom: StoreApi<DataRoom>;
  readonly tools: DataTools;
  readonly imports: StoreApi<Imports>;
  readonly inspector: Inspector;
  readonly tables: TableViews;
  readonly columnFacts: ColumnFacts;
  readonly tableFacts: StoreApi<TableFacts>;
  readonly exporting: StoreApi<Exporting>;
  readonly preferences: StoreApi<Preferences>;
  readonly previewer: Previewer;
  readonly live: LiveFigures;
  readonly metrics: MetricStore;
  readonly announcer: Announcer;
}

export function report(studio: Studio, failure: Failure): void {
  if (failure.kind === "canceled") return;
  studio.session.setState(({ messages }) => ({ messages: addFailure(messages, failure) }));
}

/** What the form needs to know; null until the worker has answered. */
export function choicesOf({ session }: Pick<Studio, "session">): Choices | null {
  const { catalog, datasets, device } = session.getState();
  return catalog && device ? { catalog, datasets, device } : null;
}

export interface Form {
  readonly fields: readonly Field[];
  readonly problems: ReadonlyMap<string, string>;
  /** Null while a field has a problem. */
  readonly settings: Experiment | null;
}

export function readForm(choices: Pick<Choices, "catalog" | "datasets">, values: Draft["values"]): Form {
  const fields = formFields(choices, values);
  const problems = problemsOf(fields, values);
  return { fields, problems, settings: problems.size === 0 ? settingsOf(fields, values) : null };
}
