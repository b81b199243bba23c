/**
 * The steps of a recipe in their order. In: the recipe and what was counted. Out: the step that is looked at, steps switched on and
 * off, another order: dragged, or with the keys of the handle.
 */
import { GripVertical } from "lucide-react";
import { Button as AriaButton, GridList, GridListItem, Switch, useDragAndDrop } from "react-aria-components";
import type { DatasetSummary, RecipeStep, StepCount, StepInfo } from "../../../../worker/protocol";
import { useStudio } from "../../../components/StudioContext";
import { changeRecipe, type Cleaning } from "../../../state/cleaning";
import { formatCount } from "../../../state/format";
import { changeStep, placeSteps } from "../../../state/recipe";
import css from "./CleanTab.module.css";

export interface StepListProps {
  readonly dataset: DatasetSummary;
  readonly state: Cleaning;
  readonly steps: readonly StepInfo[];
  readonly looked: string | null;
  readonly onLook: (key: string) => void;
}

export function StepList({ dataset, state: { recipe, counts, problems }, steps, looked, onLook }: StepListProps) {
  const studio = useStudio();
  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) => [...keys].map((key) => ({ "text/plain": labelOf(recipe.find((step) => step.key === key), steps) })),
    onReorder: ({ keys, target }) => {
      if (target.dropPosition === "on") return;
      const side = target.dropPosition;
      changeRecipe(studio, dataset, (before) => placeSteps(before, [...keys].map(String), String(target.key), side));
    },
  });
  return (
    <GridList
      aria-label="Steps of the recipe" className={css["list"] ?? ""} selectionMode="single" disallowEmptySelection selectedKeys={looked === null ? [] : [looked]} dragAndDropHooks={dragAndDropHooks}
      onSelectionChange={(keys) => {
        const [key] = keys === "all" ? [] : [...keys];
        if (key !== undefined) onLook(String(key));
      }}
    >
      {recipe.map((step) => {
        const label = labelOf(step, steps);
        return (
          <GridListItem key={step.key} id={step.key} textValue={label} className={`${css["item"] ?? ""} ${step.on ? "" : (css["off"] ?? "")}`}>
            <AriaButton slot="drag" className={css["handle"] ?? ""} aria-label={`Move ${label}`}>
              <GripVertical aria-hidden size="1.2em" strokeWidth={1.75} />
            </AriaButton>
            <span className={css["words"]}>
              <b>{label}</b>
              {problems.has(step.key) ? <span className={css["problem"]}>{problems.get(step.key)?.[0]}</span> : <span className={css["count"]}>{countText(step, counts?.steps.find(({ key }) => key === step.key))}</span>}
            </span>
            <Switch className={css["switch"] ?? ""} isSelected={step.on} aria-label={`${label} on`} onChange={(on) => changeRecipe(studio, dataset, (before) => changeStep(before, step.key, { on }))}>
              <span className={css["track"]} />
            </Switch>
          </GridListItem>
        );
      })}
    </GridList>
  );
}

const labelOf = (step: RecipeStep | undefined, steps: readonly StepInfo[]): string => steps.find(({ id }) => id === step?.step)?.label ?? step?.step ?? "";

/** "changes 1,204 · drops 88 of 100,000 rows" */
function countText(step: RecipeStep, count: StepCount | undefined): string {
  if (!step.on) return "off";
  if (!count) return "not counted yet";
  const parts = [count.changed > 0 ? `changes ${formatCount(count.changed)}` : "", count.dropped > 0 ? `drops ${formatCount(count.dropped)}` : ""].filter(Boolean);
  return parts.length === 0 ? `changes nothing in ${formatCount(count.rows)} rows` : `${parts.join(" · ")} of ${formatCount(count.rows)} rows`;
}
