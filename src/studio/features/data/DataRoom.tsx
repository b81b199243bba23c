/**
 * The texts a model can learn from. In: the datasets and what is being imported. Out: a list named "Datasets", the beginning of
 * the chosen one, three ways to bring in one's own (files, dropping, pasting) and a report on each file.
 */
import { useState } from "react";
import { useStore } from "zustand";
import { Button } from "../../components/Button";
import { useSession, useStudio } from "../../components/StudioContext";
import type { DatasetSummary } from "../../../worker/protocol";
import { chooseDataset, removeDataset } from "../../state/datasets";
import { formatBytes, formatCount } from "../../state/format";
import { AddText } from "./AddText";
import css from "./DataRoom.module.css";
import { ImportReport } from "./ImportReport";
import { TextPreview } from "./TextPreview";

export function DataRoom() {
  const studio = useStudio();
  const datasets = useSession((session) => session.datasets);
  const chosen = useStore(studio.draft, (draft) => draft.values["dataset"]);
  const [viewed, setViewed] = useState<string | null>(null);
  const shown = datasets.find(({ id }) => id === viewed) ?? datasets.find(({ id }) => id === chosen) ?? datasets[0];
  return (
    <main id="main" tabIndex={-1} className={css["room"]}>
      <div className={css["column"]}>
        <h1>Data</h1>
        <ul aria-label="Datasets" className={css["list"]}>
          {datasets.map((dataset) => (
            <DatasetCard key={dataset.id} dataset={dataset} isChosen={dataset.id === chosen} isShown={dataset.id === shown?.id} onView={() => setViewed(dataset.id)} />
          ))}
        </ul>
        {datasets.length === 0 ? <p className={css["quiet"]}>The list of texts could not be read. Reload the page, or add a file of your own.</p> : null}
      </div>
      <div className={css["column"]}>
        <AddText />
        <ImportReport />
        {shown ? <TextPreview dataset={shown} /> : null}
      </div>
    </main>
  );
}

const ORIGINS: Record<DatasetSummary["origin"], string> = { sample: "Sample", task: "Exercise", user: "Yours", mix: "Mix" };

interface CardProps {
  readonly dataset: DatasetSummary;
  readonly isChosen: boolean;
  readonly isShown: boolean;
  readonly onView: () => void;
}

function sizeText({ bytes, characters }: DatasetSummary): string {
  if (bytes === 0) return "opened on first use";
  return `${formatCount(characters)} characters, ${formatBytes(bytes)}`;
}

function DatasetCard({ dataset, isChosen, isShown, onView }: CardProps) {
  const studio = useStudio();
  return (
    <li className={css["card"]} data-shown={isShown || undefined}>
      <div className={css["title"]}>
        <h2>{dataset.name}</h2>
        <span className={css["tag"]}>{ORIGINS[dataset.origin]}</span>
        <span className={css["size"]}>{sizeText(dataset)}</span>
      </div>
      <p>{dataset.summary}</p>
      {dataset.source ? <p className={css["source"]}>{dataset.source}</p> : null}
      <div className={css["buttons"]}>
        {isChosen ? (
          <span className={css["chosen"]}>
            Used for training · <a href="#/train">Go to Train</a>
          </span>
        ) : (
          <Button onPress={() => chooseDataset(studio, dataset.id)}>Use for training</Button>
        )}
        <Button look="plain" isDisabled={isShown} onPress={onView}>
          Preview
        </Button>
        {dataset.origin === "user" ? (
          <Button look="plain" onPress={() => void removeDataset(studio, dataset.id)}>
            Remove
          </Button>
        ) : null}
      </div>
    </li>
  );
}
