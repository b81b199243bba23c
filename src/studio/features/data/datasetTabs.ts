/** What one can do with a dataset, tab by tab. Adding one is a component in its own folder and a line here. */
import type { ComponentType } from "react";
import type { DatasetSummary } from "../../../worker/protocol";
import { BalanceTab } from "./balance/BalanceTab";
import { CleanTab } from "./clean/CleanTab";
import { ColumnsTab } from "./columns/ColumnsTab";
import { ExportTab } from "./export/ExportTab";
import { MixTab } from "./mix/MixTab";
import { RowsTab } from "./rows/RowsTab";
import { SplitTab } from "./split/SplitTab";

export interface DatasetTab {
  readonly id: string;
  readonly label: string;
  /** A mix has no rows of its own: its parts have. */
  readonly of: "rows" | "mix";
  readonly Tab: ComponentType<{ readonly dataset: DatasetSummary }>;
}

const DATASET_TABS: readonly DatasetTab[] = [
  { id: "rows", label: "Rows", of: "rows", Tab: RowsTab },
  { id: "columns", label: "Columns", of: "rows", Tab: ColumnsTab },
  { id: "balance", label: "Balance", of: "rows", Tab: BalanceTab },
  { id: "clean", label: "Clean", of: "rows", Tab: CleanTab },
  { id: "split", label: "Split", of: "rows", Tab: SplitTab },
  { id: "export", label: "Export", of: "rows", Tab: ExportTab },
  { id: "mix", label: "Mix", of: "mix", Tab: MixTab },
];

export const tabsOf = ({ origin }: DatasetSummary): readonly DatasetTab[] => DATASET_TABS.filter(({ of }) => (of === "mix") === (origin === "mix"));
