/** The panes of the Data room, as a list. Adding one is a component in its own folder and a line here. */
import type { ComponentType } from "react";
import { DatasetsPane } from "./DatasetsPane";
import { StoragePane } from "./storage/StoragePane";
import { TokenizersPane } from "./tokenizers/TokenizersPane";

export interface RoomPane {
  readonly id: string;
  readonly label: string;
  readonly Pane: ComponentType;
}

export const ROOM_PANES: readonly RoomPane[] = [
  { id: "datasets", label: "Datasets", Pane: DatasetsPane },
  { id: "tokenizers", label: "Tokenizers", Pane: TokenizersPane },
  { id: "storage", label: "Storage", Pane: StoragePane },
];
