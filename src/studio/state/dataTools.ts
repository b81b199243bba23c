/**
 * What the tools of the Data room keep: per dataset its balance, its recipe, its split; and once the mix being made, the
 * tokenizers, the token view and the storage. In: the data worker's calls. Out: the stores; the actions are in files of their own.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { DataBackend } from "../../worker/protocol";
import { type BalanceDesk, NEW_BALANCE } from "./balance";
import { type CleaningDesk, type CleaningShelf, EMPTY_SHELF, NEW_CLEANING } from "./cleaning";
import { type Mixing, NO_MIXING } from "./mixes";
import { PerDataset } from "./perDataset";
import { NEW_SPLITTING, type Splitting } from "./splits";
import { NEW_STORAGE, type Storage } from "./storage";
import { NEW_TOKENIZERS, type Tokenizers } from "./tokenizers";
import { NEW_TOKEN_VIEW, type TokenView } from "./tokenView";
import { LatestWork } from "./work";

export interface DataTools {
  readonly balance: PerDataset<BalanceDesk>;
  readonly cleaning: PerDataset<CleaningDesk>;
  /** The steps there are and the recipes that were saved. */
  readonly shelf: StoreApi<CleaningShelf>;
  readonly splits: PerDataset<StoreApi<Splitting>>;
  readonly mixing: StoreApi<Mixing>;
  readonly tokenizers: StoreApi<Tokenizers>;
  readonly tokenView: StoreApi<TokenView>;
  readonly storage: StoreApi<Storage>;
  /** Of a dataset that is gone: calls off what works on it. */
  forget(dataset: string): void;
}

export function createDataTools(data: DataBackend): DataTools {
  const balance = new PerDataset<BalanceDesk>(() => ({ store: createStore(() => NEW_BALANCE), work: new LatestWork(data) }));
  const cleaning = new PerDataset<CleaningDesk>((dataset) => ({
    dataset, store: createStore(() => NEW_CLEANING), counting: new LatestWork(data), showing: new LatestWork(data), applying: new LatestWork(data),
  }));
  const splits = new PerDataset<StoreApi<Splitting>>(() => createStore(() => NEW_SPLITTING));
  return {
    balance, cleaning, splits,
    shelf: createStore<CleaningShelf>(() => EMPTY_SHELF),
    mixing: createStore<Mixing>(() => NO_MIXING),
    tokenizers: createStore<Tokenizers>(() => NEW_TOKENIZERS),
    tokenView: createStore<TokenView>(() => NEW_TOKEN_VIEW),
    storage: createStore<Storage>(() => NEW_STORAGE),
    forget(dataset) {
      const { counting, showing, applying } = cleaning.of(dataset);
      for (const work of [balance.of(dataset).work, counting, showing, applying]) work.cancel();
      for (const kept of [balance, cleaning, splits]) kept.forget(dataset);
    },
  };
}
