/**
 * Where one is in the Data room: the pane of the room, the dataset that is looked at, the tab it is looked at in. In: presses.
 * Out: a store that outlives the visit of another room. Looking at a dataset never changes what is trained on.
 */
import type { StoreApi } from "zustand/vanilla";
import type { FieldValue } from "../../settings/field";
import type { DatasetSummary } from "../../worker/protocol";

export interface DataRoom {
  /** Id of one of the room's panes. */
  readonly pane: string;
  /** Null: the dataset chosen for training. */
  readonly dataset: string | null;
  /** Id of one of the dataset's tabs. */
  readonly tab: string;
  /** The dataset that is being typed in: its grid takes Enter as "edit this cell". */
  readonly typing: string | null;
  /** Rows as a grid, or the text as the model will read it. */
  readonly rowsAs: "rows" | "text";
}

export const NEW_DATA_ROOM: DataRoom = { pane: "datasets", dataset: null, tab: "rows", typing: null, rowsAs: "rows" };

type Room = { readonly dataRoom: StoreApi<DataRoom> };

export function showPane({ dataRoom }: Room, pane: string): void {
  dataRoom.setState({ pane });
}

/** Looks at a dataset, in the tab that is open unless another is named. */
export function showDataset({ dataRoom }: Room, dataset: string, tab: string = dataRoom.getState().tab): void {
  dataRoom.setState({ pane: "datasets", dataset, tab });
}

export function showTab({ dataRoom }: Room, tab: string): void {
  dataRoom.setState({ tab });
}

/** The dataset that is looked at: the one pressed, else the one chosen for training, else the first. */
export function shownDataset(datasets: readonly DatasetSummary[], looked: string | null, chosen: FieldValue | undefined): DatasetSummary | undefined {
  return datasets.find(({ id }) => id === looked) ?? datasets.find(({ id }) => id === chosen) ?? datasets[0];
}

/** Datasets whose name or summary has all the words, in any order. */
export function findDatasets(datasets: readonly DatasetSummary[], typed: string): readonly DatasetSummary[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return datasets;
  return datasets.filter(({ name, summary, source }) => {
    const text = `${name} ${summary} ${source ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
