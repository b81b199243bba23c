/**
 * Datasets: the list and the ways to bring in more at the left, the one that is looked at beside them. In: the session's
 * datasets. Out: both columns; files can be dropped anywhere on them.
 */
import { useStore } from "zustand";
import { useSession, useStudio } from "../../components/StudioContext";
import { shownDataset } from "../../state/dataRoom";
import { BringPanel } from "./bring/BringPanel";
import { DropZone } from "./bring/DropZone";
import { ImportReport } from "./bring/ImportReport";
import { PreviewDialog } from "./bring/PreviewDialog";
import css from "./DataRoom.module.css";
import { DatasetList } from "./datasets/DatasetList";
import { DatasetView } from "./datasets/DatasetView";
import { NewMixButton } from "./mix/NewMixButton";

export function DatasetsPane() {
  const studio = useStudio();
  const datasets = useSession((session) => session.datasets);
  const chosen = useStore(studio.draft, (draft) => draft.values["dataset"]);
  const looked = useStore(studio.dataRoom, (room) => room.dataset);
  const shown = shownDataset(datasets, looked, chosen);
  return (
    <DropZone className={css["columns"]}>
      <div className={css["side"]}>
        <DatasetList datasets={datasets} chosen={chosen} shown={shown?.id} />
        <BringPanel />
        <NewMixButton />
        <ImportReport />
      </div>
      {shown ? <DatasetView key={shown.id} dataset={shown} isChosen={shown.id === chosen} /> : null}
      <PreviewDialog />
    </DropZone>
  );
}
