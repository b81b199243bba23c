/**
 * Several datasets as one training set. In: which ones and how much of each. Out: a mix among the datasets. Weights are typed or
 * slid; what they come to is always said as a share of the windows.
 */
import { useId } from "react";
import { Heading } from "react-aria-components";
import { useStore } from "zustand";
import { Button } from "../../../components/Button";
import { FailureNote } from "../../../components/FailureNote";
import fields from "../../../components/fields.module.css";
import { ModalDialog } from "../../../components/ModalDialog";
import { NumberInput } from "../../../components/NumberInput";
import { ShareBar } from "../../../components/ShareBar";
import { useSession, useStudio } from "../../../components/StudioContext";
import { shortSize } from "../../../state/datasetWords";
import { formatShare } from "../../../state/format";
import { closeMix, mixable, type MixPart, mixProblem, mixShares, saveMix, togglePart, weighBySize, weighEvenly, WEIGHT_RANGE, weighPart } from "../../../state/mixes";
import tools from "../tools.module.css";
import css from "./MixDialog.module.css";

export function MixDialog() {
  const studio = useStudio();
  const isOpen = useStore(studio.tools.mixing, (mixing) => mixing.isOpen);
  return (
    <ModalDialog isOpen={isOpen} onClose={() => closeMix(studio)} size="large">
      <MixForm />
    </ModalDialog>
  );
}

function MixForm() {
  const studio = useStudio();
  const id = useId();
  const { id: edited, name, parts, status, failure } = useStore(studio.tools.mixing);
  const datasets = mixable(useSession((session) => session.datasets));
  const shares = mixShares(parts);
  const problem = mixProblem({ name, parts });
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        void saveMix(studio);
      }}
    >
      <Heading slot="title">{edited === null ? "Mix datasets" : `Edit ${name}`}</Heading>
      <p className={tools["note"]}>Training draws its windows of text from each dataset by these shares, so that a small source can count as much as a large one.</p>
      <div className={css["columns"]}>
        <fieldset className={css["choose"]}>
          <legend>Datasets</legend>
          {datasets.map((dataset) => (
            <label key={dataset.id}>
              <input type="checkbox" checked={parts.some((part) => part.dataset === dataset.id)} onChange={() => togglePart(studio, dataset.id)} />
              <span className={css["name"]} dir="auto">
                {dataset.name}
              </span>
              <span className={tools["quiet"]}>{shortSize(dataset)}</span>
            </label>
          ))}
        </fieldset>
        <div className={css["parts"]}>
          <div className={tools["bar"]}>
            <h3>Shares</h3>
            <span className={tools["end"]}>
              <Button look="plain" isDisabled={parts.length === 0} onPress={() => weighEvenly(studio)}>
                Even
              </Button>
              <Button look="plain" isDisabled={parts.length === 0} onPress={() => weighBySize(studio)}>
                By size
              </Button>
            </span>
          </div>
          {parts.length === 0 ? <p className={tools["quiet"]}>{status === "reading" ? "Opening…" : "Choose two datasets or more."}</p> : null}
          <ul aria-label="Parts of the mix" className={css["list"]}>
            {parts.map((part, index) => (
              <Part key={part.dataset} part={part} share={shares[index] ?? Number.NaN} name={datasets.find((one) => one.id === part.dataset)?.name ?? "A dataset that is gone"} />
            ))}
          </ul>
        </div>
      </div>
      <FailureNote failure={failure} />
      <footer className={css["foot"]}>
        <label htmlFor={`${id}-name`}>Name</label>
        <input id={`${id}-name`} className={fields["control"]} value={name} autoComplete="off" onChange={(event) => studio.tools.mixing.setState({ name: event.currentTarget.value })} />
        <span className={tools["note"]} role="status">
          {problem ?? ""}
        </span>
        <span className={css["buttons"]}>
          <Button onPress={() => closeMix(studio)}>Close</Button>
          <Button look="primary" type="submit" isDisabled={problem !== undefined || status !== "idle"}>
            {edited === null ? "Make mix" : "Save mix"}
          </Button>
        </span>
      </footer>
    </form>
  );
}

function Part({ part, share, name }: { readonly part: MixPart; readonly share: number; readonly name: string }) {
  const studio = useStudio();
  const id = useId();
  const isNumber = typeof part.weight === "number";
  return (
    <li className={css["part"]}>
      <label htmlFor={id} className={css["name"]} dir="auto">
        {name}
      </label>
      <span className={css["share"]}>{formatShare(share)}</span>
      <ShareBar share={Number.isFinite(share) ? share : 0} />
      <span className={css["weigh"]}>
        {/* The slider runs over factors: half and twice are as far apart anywhere. */}
        <input
          type="range" className={css["slider"]} aria-label={`Weight of ${name}, slider`} aria-valuetext={formatShare(share)} min={Math.log2(WEIGHT_RANGE.min)} max={Math.log2(WEIGHT_RANGE.max)} step={0.01}
          value={isNumber ? Math.log2(Math.max(WEIGHT_RANGE.min, Number(part.weight))) : 0}
          onChange={(event) => weighPart(studio, part.dataset, Number((2 ** Number(event.currentTarget.value)).toPrecision(3)))}
        />
        <NumberInput id={id} range={{ ...WEIGHT_RANGE, scale: "logarithmic" }} value={part.weight} onChange={(weight) => weighPart(studio, part.dataset, weight)} />
      </span>
    </li>
  );
}
