/** What one can do with a dataset, tab by tab. Adding one is a component in its own folder and a line here. */
import type { ComponentType } from "react";
import type { DatasetSummary } from "../../../worker/protocol";
import { ColumnsTab } from "./columns/ColumnsTab";
import { ExportTab } from "./export/ExportTab";
import { RowsTab } from "./rows/RowsTab";

export interface DatasetTab {
  readonly id: string;
  readonly label: string;
  readonly Tab: ComponentType<{ readonly dataset: DatasetSummary }>;
}

export const DATASET_TABS: readonly DatasetTab[] = [
  { id: "rows", label: "Rows", Tab: RowsTab },
  { id: "columns", label: "Columns", Tab: ColumnsTab },
  { id: "export", label: "Export", Tab: ExportTab },
];
