/**
 * One dataset: what it is, and the tabs of what one can do with it. In: the dataset. Out: a heading with its facts above the
 * tab that is open.
 */
import { Pencil } from "lucide-react";
import { useState } from "react";
import { TabPanel, Tabs } from "react-aria-components";
import { useStore } from "zustand";
import type { DatasetSummary } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { TabBar } from "../../../components/TabBar";
import { useStudio } from "../../../components/StudioContext";
import { showTab } from "../../../state/dataRoom";
import { chooseDataset, renameDataset } from "../../../state/datasets";
import { ORIGINS, sizeText } from "../../../state/datasetWords";
import { tabsOf } from "../datasetTabs";
import css from "./DatasetView.module.css";

export interface DatasetViewProps {
  readonly dataset: DatasetSummary;
  readonly isChosen: boolean;
}

export function DatasetView({ dataset, isChosen }: DatasetViewProps) {
  const studio = useStudio();
  const tab = useStore(studio.dataRoom, (room) => room.tab);
  const tabs = tabsOf(dataset);
  const open = tabs.some(({ id }) => id === tab) ? tab : tabs[0]?.id;
  return (
    <section className={css["view"]} aria-labelledby="dataset-name">
      <header className={css["head"]}>
        <div className={css["title"]}>
          <Name dataset={dataset} />
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
        <TabBar label="Parts of the dataset" tabs={tabs} look="inner" />
        {tabs.map(({ id, Tab }) => (
          <TabPanel key={id} id={id} className={css["panel"] ?? ""}>
            <Tab dataset={dataset} />
          </TabPanel>
        ))}
      </Tabs>
    </section>
  );
}

/** The heading; of own datasets it can be changed in place: Enter keeps, Escape leaves it. */
function Name({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const [typed, setTyped] = useState<string | null>(null);
  const isOwn = dataset.origin === "user" || dataset.origin === "mix";
  const keep = () => {
    if (typed !== null) void renameDataset(studio, dataset.id, typed);
    setTyped(null);
  };
  return (
    <>
      <h2 id="dataset-name" dir="auto" className={typed === null ? undefined : "said"}>
        {dataset.name}
      </h2>
      {typed === null ? null : (
        <input
          aria-label="Name of the dataset" autoFocus dir="auto" className={`${fields["control"] ?? ""} ${css["rename"] ?? ""}`} value={typed}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={keep}
          onKeyDown={(event) => {
            if (event.key === "Enter") keep();
            else if (event.key === "Escape") setTyped(null);
          }}
        />
      )}
      {isOwn && typed === null ? (
        <Button look="plain" icon={Pencil} compact="always" onPress={() => setTyped(dataset.name)}>
          Rename
        </Button>
      ) : null}
    </>
  );
}
