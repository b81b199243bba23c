/**
 * One dataset: what it is, and the tabs of what one can do with it. In: the dataset. Out: a heading with its facts above the
 * tab that is open.
 */
import { TabPanel, Tabs } from "react-aria-components";
import { useStore } from "zustand";
import type { DatasetSummary } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { TabBar } from "../../../components/TabBar";
import { useStudio } from "../../../components/StudioContext";
import { showTab } from "../../../state/dataRoom";
import { chooseDataset } from "../../../state/datasets";
import { ORIGINS, sizeText } from "../../../state/datasetWords";
import { DATASET_TABS } from "../datasetTabs";
import css from "./DatasetView.module.css";

export interface DatasetViewProps {
  readonly dataset: DatasetSummary;
  readonly isChosen: boolean;
}

export function DatasetView({ dataset, isChosen }: DatasetViewProps) {
  const studio = useStudio();
  const tab = useStore(studio.dataRoom, (room) => room.tab);
  const open = DATASET_TABS.some(({ id }) => id === tab) ? tab : DATASET_TABS[0]?.id;
  return (
    <section className={css["view"]} aria-labelledby="dataset-name">
      <header className={css["head"]}>
        <div className={css["title"]}>
          <h2 id="dataset-name" dir="auto">
            {dataset.name}
          </h2>
          <span className={css["tag"]}>{ORIGINS[dataset.origin]}</span>
          <span className={css["size"]}>{sizeText(dataset)}</span>
          <span className={css["use"]}>
            {isChosen ? <a href="#/train">Go to Train</a> : <Button onPress={() => chooseDataset(studio, dataset.id)}>Train on this</Button>}
          </span>
        </div>
        <p className={css["summary"]}>{[dataset.summary, ...(dataset.notes ?? [])].join(" ")}</p>
        {dataset.source ? <p className={css["source"]}>{dataset.source}</p> : null}
      </header>
      <Tabs className={css["tabs"] ?? ""} {...(open ? { selectedKey: open } : {})} onSelectionChange={(key) => showTab(studio, String(key))}>
        <TabBar label="Parts of the dataset" tabs={DATASET_TABS} look="inner" />
        {DATASET_TABS.map(({ id, Tab }) => (
          <TabPanel key={id} id={id} className={css["panel"] ?? ""}>
            <Tab dataset={dataset} />
          </TabPanel>
        ))}
      </Tabs>
    </section>
  );
}
