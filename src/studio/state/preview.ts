/**
 * What a run would cost, before Train. In: the settings of the form, at every change. Out: parameters, memory and time, 150 ms
 * after the last change. The text has to be cut into tokens first; that is done once per dataset, tokenizer and held-out share.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { type Catalog, type Experiment, settingsOfChoice } from "../../settings/experiment";
import type { DataBackend, Failure, PreparedData, Preview, Result, TrainBackend } from "../../worker/protocol";
import { settle } from "./settle";

export interface PreviewState {
  readonly status: "none" | "working" | "ready" | "failed";
  /** The last good answers stay visible while new ones are worked out. */
  readonly preview: Preview | null;
  readonly prepared: PreparedData | null;
  readonly failure: Failure | null;
}

export const DEBOUNCE_MS = 150;
const PREPARED_KEPT = 4;

export interface Previewer {
  readonly store: StoreApi<PreviewState>;
  /** Null when the form has problems of its own. */
  ask(settings: Experiment | null): void;
  /** The tokens for these settings; shared with the preview, so Train does not cut the text twice. */
  prepare(settings: Experiment): Promise<Result<PreparedData>>;
  /** Forgets prepared data, because the dataset of that id changed, its rows or its split; asks again where it is the one chosen. */
  forget(datasetId: string): void;
}

export function createPreviewer(data: DataBackend, train: TrainBackend, catalog: () => Catalog | null): Previewer {
  const store = createStore<PreviewState>(() => ({ status: "none", preview: null, prepared: null, failure: null }));
  const cache = new Map<string, Promise<Result<PreparedData>>>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest = 0;
  let asked: Experiment | null = null;

  const prepare = (settings: Experiment) => {
    const { dataset, tokenizer, validationFraction } = settings;
    const choices = catalog();
    const tokenizerSettings = choices ? settingsOfChoice(choices, settings, "tokenizer") : {};
    const key = JSON.stringify([dataset, tokenizer, validationFraction, tokenizerSettings]);
    const known = cache.get(key);
    if (known) return known;
    const answer = settle(data.prepare(dataset, tokenizer, validationFraction, tokenizerSettings));
    cache.set(key, answer);
    for (const oldest of cache.keys()) {
      if (cache.size <= PREPARED_KEPT) break;
      cache.delete(oldest);
    }
    void answer.then((result) => {
      // A failure may pass (storage freed, file added again): the next change asks anew.
      if (!result.ok && cache.get(key) === answer) cache.delete(key);
    });
    return answer;
  };

  const work = async (settings: Experiment, request: number) => {
    const prepared = await prepare(settings);
    if (request !== newest) return;
    if (!prepared.ok) return store.setState({ status: "failed", preview: null, prepared: null, failure: prepared.failure });
    const preview = await settle(train.preview(settings, prepared.value.vocabularySize));
    if (request !== newest) return;
    store.setState(
      preview.ok
        ? { status: "ready", preview: preview.value, prepared: prepared.value, failure: null }
        : { status: "failed", preview: null, prepared: prepared.value, failure: preview.failure },
    );
  };

  const ask = (settings: Experiment | null): void => {
    clearTimeout(timer);
    newest += 1;
    const request = newest;
    asked = settings;
    if (!settings) return store.setState({ status: "none" });
    store.setState({ status: "working" });
    timer = setTimeout(() => void work(settings, request), DEBOUNCE_MS);
  };

  return {
    store,
    prepare,
    ask,
    forget(datasetId) {
      // A mix may hold it.
      const isOf = (dataset: unknown): boolean => dataset === datasetId || String(dataset).startsWith("mix-");
      for (const key of cache.keys()) if (isOf((JSON.parse(key) as unknown[])[0])) cache.delete(key);
      if (asked && isOf(asked.dataset)) ask(asked);
    },
  };
}

/** Why Train has to wait, as a sentence; undefined when nothing forbids it. */
export function reasonAgainst(fieldProblems: ReadonlyMap<string, string>, { status, preview, failure }: PreviewState): string | undefined {
  const [first] = fieldProblems.values();
  if (first) return first;
  if (status === "failed" && failure) return `${failure.message} ${failure.hint}`;
  return status === "ready" ? preview?.problems[0] : undefined;
}
