/**
 * Cleaning as a recipe. In: the steps a person adds, orders and sets. Out: what they would do, counted in the background; a
 * cleaned version when it is asked for, and the way back. The list stands left, the step that is looked at right.
 */
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import type { DatasetSummary } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { FailureNote } from "../../../components/FailureNote";
import { useStudio } from "../../../components/StudioContext";
import { WorkBar } from "../../../components/WorkBar";
import { applyRecipe, changeRecipe, type Cleaning, countRecipe, isApplied, openCleaning, stopApplying, stopCounting } from "../../../state/cleaning";
import { formatCount } from "../../../state/format";
import { addStep } from "../../../state/recipe";
import tools from "../tools.module.css";
import { AddStep } from "./AddStep";
import css from "./CleanTab.module.css";
import { RecipesMenu } from "./RecipesMenu";
import { StepDetail } from "./StepDetail";
import { StepList } from "./StepList";

export function CleanTab({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const desk = studio.tools.cleaning.of(dataset.id);
  const state = useStore(desk.store);
  const steps = useStore(studio.tools.shelf, (shelf) => shelf.steps) ?? [];
  const [looked, setLooked] = useState<string | null>(null);
  const isNew = state.status === "new";
  useEffect(() => {
    if (isNew) void openCleaning(studio, dataset);
  }, [studio, dataset, isNew]);
  if (state.status === "failed") return <FailureNote failure={state.failure} />;
  if (state.status !== "open") return <p className={tools["quiet"]}>Opening…</p>;
  const { recipe } = state;
  const shown = recipe.find(({ key }) => key === looked) ?? recipe[0];
  const info = shown && steps.find(({ id }) => id === shown.step);
  const add = (id: string) => {
    const chosen = steps.find((step) => step.id === id);
    if (!chosen) return;
    changeRecipe(studio, dataset, (before) => addStep(before, chosen));
    setLooked(desk.store.getState().recipe.at(-1)?.key ?? null);
  };
  return (
    <div className={tools["tool"]}>
      <div className={tools["bar"]}>
        <AddStep steps={steps} onAdd={add} />
        <RecipesMenu dataset={dataset} recipe={recipe} steps={steps} />
        <span className={tools["end"]}>
          <Total state={state} dataset={dataset} />
        </span>
      </div>
      {recipe.length === 0 ? (
        <div className={tools["empty"]}>
          <p>No steps yet. Add one, such as White space or Near-duplicates, and see what it would change before anything is changed.</p>
          <p className={tools["quiet"]}>The original rows always stay; a cleaned version lies beside them.</p>
        </div>
      ) : (
        <div className={css["columns"]}>
          <StepList dataset={dataset} state={state} steps={steps} looked={shown?.key ?? null} onLook={setLooked} />
          {shown ? <StepDetail key={shown.key} dataset={dataset} state={state} step={shown} info={info} /> : null}
        </div>
      )}
      <Actions dataset={dataset} state={state} />
    </div>
  );
}

interface PartProps {
  readonly dataset: DatasetSummary;
  readonly state: Cleaning;
}

function Total({ dataset, state: { counts, counting, problems, recipe } }: PartProps) {
  const studio = useStudio();
  if (problems.size > 0) return <span className={tools["problem"]}>Not counted: a step has a problem.</span>;
  if (counting === "waiting" || counting === "working") {
    const fraction = counts && counting === "working" ? counts.rowsSeen / Math.max(1, counts.rowsBefore) : null;
    const text = counts && counting === "working" ? `${formatCount(counts.rowsSeen)} of ${formatCount(counts.rowsBefore)} rows counted` : "Counting…";
    return <WorkBar label="Counting rows" text={text} fraction={fraction} onCancel={() => stopCounting(studio, dataset.id)} />;
  }
  if (counting === "stopped" || counting === "failed") return <Button onPress={() => void countRecipe(studio, dataset)}>Count again</Button>;
  if (!counts || recipe.length === 0) return null;
  return (
    <span className={css["total"]} role="status">
      {formatCount(counts.rowsBefore)} → <b>{formatCount(counts.rowsAfter)}</b> rows
    </span>
  );
}

function Actions({ dataset, state }: PartProps) {
  const studio = useStudio();
  const { applying, applied, recipe, problems, counting, failure } = state;
  const isSame = isApplied(state);
  if (applying) {
    const counts = applying === "starting" ? null : applying;
    return (
      <WorkBar
        label="Making the cleaned version" onCancel={() => stopApplying(studio, dataset.id)} fraction={counts ? counts.rowsSeen / Math.max(1, counts.rowsBefore) : null}
        text={counts ? `${formatCount(counts.rowsSeen)} of ${formatCount(counts.rowsBefore)} rows cleaned` : "Starting…"}
      />
    );
  }
  if (recipe.length === 0 && applied.length === 0) return null;
  return (
    <>
      {counting === "failed" ? <FailureNote failure={failure} /> : null}
      <div className={tools["bar"]}>
        <Button look="primary" isDisabled={isSame || problems.size > 0} onPress={() => void applyRecipe(studio, dataset, "draft")}>
          Apply
        </Button>
        {applied.length > 0 ? <Button onPress={() => void applyRecipe(studio, dataset, "original")}>Back to the original</Button> : null}
        <span className={tools["note"]} role="status">
          {isSame
            ? applied.length > 0 ? "Applied: the cleaned rows are what training sees." : "The rows are as they were imported."
            : applied.length > 0 ? "The recipe has changed since it was applied." : "Not applied yet; the draft is kept."}
        </span>
      </div>
    </>
  );
}
