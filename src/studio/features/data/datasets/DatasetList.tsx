/**
 * The datasets on this device, compact enough for fifty. In: the session's list, which one trains, which one is shown. Out: a
 * list named "Datasets" with the three things one does from here; from eight on, a search box above it.
 */
import { BrushCleaning, Eye, Target, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import type { FieldValue } from "../../../../settings/field";
import type { DatasetSummary } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { useStudio } from "../../../components/StudioContext";
import { findDatasets, showDataset } from "../../../state/dataRoom";
import { chooseDataset } from "../../../state/datasets";
import { ORIGINS, shortSize, sizeText } from "../../../state/datasetWords";
import { formatCount } from "../../../state/format";
import css from "./DatasetList.module.css";
import { RemoveDialog } from "./RemoveDialog";

const SEARCH_FROM = 8;

export interface DatasetListProps {
  readonly datasets: readonly DatasetSummary[];
  readonly chosen: FieldValue | undefined;
  readonly shown: string | undefined;
}

export function DatasetList({ datasets, chosen, shown }: DatasetListProps) {
  const [typed, setTyped] = useState("");
  const [leaving, setLeaving] = useState<DatasetSummary | null>(null);
  const found = findDatasets(datasets, typed);
  return (
    <div className={css["part"]}>
      {datasets.length >= SEARCH_FROM ? (
        <input
          type="search"
          aria-label="Search datasets"
          className={fields["control"]}
          placeholder={`Search ${formatCount(datasets.length)} datasets`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      ) : null}
      <ul aria-label="Datasets" className={css["list"]}>
        {found.map((dataset) => (
          <DatasetItem key={dataset.id} dataset={dataset} isChosen={dataset.id === chosen} isShown={dataset.id === shown} onRemove={() => setLeaving(dataset)} />
        ))}
      </ul>
      {datasets.length === 0 ? <p className={css["quiet"]}>The list of datasets could not be read. Reload the page, or add a file of your own.</p> : null}
      {datasets.length > 0 && found.length === 0 ? <p className={css["quiet"]}>No dataset has all of these words.</p> : null}
      <RemoveDialog dataset={leaving} onClose={() => setLeaving(null)} />
    </div>
  );
}

interface ItemProps {
  readonly dataset: DatasetSummary;
  readonly isChosen: boolean;
  readonly isShown: boolean;
  readonly onRemove: () => void;
}

function DatasetItem({ dataset, isChosen, isShown, onRemove }: ItemProps) {
  const studio = useStudio();
  const id = useId();
  return (
    <li className={css["item"]} data-shown={isShown || undefined}>
      <div className={css["words"]}>
        <h2 id={id} dir="auto" title={dataset.name}>
          {dataset.name}
        </h2>
        <p className={css["meta"]}>
          <span className={css["tag"]}>{ORIGINS[dataset.origin]}</span>
          <span title={sizeText(dataset)}>{shortSize(dataset)}</span>
          {dataset.cleaned ? (
            <span className={css["mark"]} title="A recipe is applied: the cleaned rows are trained on">
              <BrushCleaning aria-hidden size="1.1em" /> cleaned
            </span>
          ) : null}
        </p>
        {isChosen ? <p className={css["chosen"]}>Used for training</p> : null}
      </div>
      <div className={css["buttons"]}>
        {isChosen ? null : (
          <Button look="plain" icon={Target} compact="always" describedBy={id} onPress={() => chooseDataset(studio, dataset.id)}>
            Use for training
          </Button>
        )}
        {/* Its ::after covers the item, so that the whole item can be pressed. */}
        <Button look="plain" icon={Eye} compact="always" className={css["look"]} describedBy={id} isPressed={isShown} onPress={() => showDataset(studio, dataset.id)}>
          Preview
        </Button>
        {dataset.origin === "user" || dataset.origin === "mix" ? (
          <Button look="plain" icon={Trash2} compact="always" describedBy={id} onPress={onRemove}>
            Remove
          </Button>
        ) : null}
      </div>
    </li>
  );
}
