/** One step of a recipe: its settings, presets and columns, why it drops rows, examples. In: the step and what it is. Out: its changes. */
import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import type { DatasetSummary, RecipeStep, StepInfo } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { SettingRow } from "../../../components/SettingRow";
import { useStudio } from "../../../components/StudioContext";
import { changeRecipe, type Cleaning } from "../../../state/cleaning";
import { columnsOf } from "../../../state/datasets";
import { formatCount } from "../../../state/format";
import { changeStep, removeStep, shiftStep } from "../../../state/recipe";
import { problemWith } from "../../../../settings/field";
import tools from "../tools.module.css";
import css from "./CleanTab.module.css";
import { Examples } from "./Examples";

export interface StepDetailProps {
  readonly dataset: DatasetSummary;
  readonly state: Cleaning;
  readonly step: RecipeStep;
  /** Absent when this version of Descent does not know the step. */
  readonly info: StepInfo | undefined;
}

const DEFAULT_COLUMNS: Record<StepInfo["defaultColumns"], string> = { text: "the text columns", all: "all columns", label: "the label column", feature: "the feature columns" };

export function StepDetail({ dataset, state, step, info }: StepDetailProps) {
  const studio = useStudio();
  const place = state.recipe.findIndex(({ key }) => key === step.key);
  const change = (next: Parameters<typeof changeRecipe>[2]) => changeRecipe(studio, dataset, next);
  const count = state.counts?.steps.find(({ key }) => key === step.key);
  return (
    <section className={tools["section"]} aria-label={info?.label ?? step.step}>
      <div className={tools["head"]}>
        <h3>{info?.label ?? step.step}</h3>
        <span className={tools["end"]}>
          <Button look="plain" icon={ArrowUp} compact="always" isDisabled={place === 0} onPress={() => change((recipe) => shiftStep(recipe, step.key, -1))}>
            Move up
          </Button>
          <Button look="plain" icon={ArrowDown} compact="always" isDisabled={place === state.recipe.length - 1} onPress={() => change((recipe) => shiftStep(recipe, step.key, 1))}>
            Move down
          </Button>
          <Button look="plain" icon={Trash2} compact="always" onPress={() => change((recipe) => removeStep(recipe, step.key))}>
            Remove step
          </Button>
        </span>
      </div>
      {info ? <p className={tools["note"]}>{info.summary}</p> : null}
      {(state.problems.get(step.key) ?? []).map((problem) => (
        <p key={problem} className={tools["problem"]}>
          {problem}
        </p>
      ))}
      {info ? <StepForm dataset={dataset} step={step} info={info} /> : null}
      {count && count.reasons.length > 0 ? (
        <ul className={css["reasons"]} aria-label="Why rows are dropped">
          {count.reasons.map(({ reason, rows }) => (
            <li key={reason}>
              {formatCount(rows)}: {reason}
            </li>
          ))}
        </ul>
      ) : null}
      {(count?.notes ?? []).map((note) => (
        <p key={note} className={tools["note"]}>
          {note}
        </p>
      ))}
      {step.on && info ? <Examples dataset={dataset} step={step} state={state} /> : null}
    </section>
  );
}

function StepForm({ dataset, step, info }: { readonly dataset: DatasetSummary; readonly step: RecipeStep; readonly info: StepInfo }) {
  const studio = useStudio();
  const set = (part: Partial<RecipeStep>) => changeRecipe(studio, dataset, (recipe) => changeStep(recipe, step.key, part));
  return (
    <>
      {info.presets && info.presets.length > 0 ? (
        <div className={css["presets"]} role="group" aria-label="Presets">
          <span className={tools["quiet"]}>For</span>
          {info.presets.map((preset) => (
            <Button key={preset.label} look="plain" isPressed={Object.entries(preset.settings).every(([id, value]) => step.settings[id] === value)} onPress={() => set({ settings: { ...step.settings, ...preset.settings } })}>
              {preset.label}
            </Button>
          ))}
        </div>
      ) : null}
      <div className={css["form"]}>
        {info.fields.map((field) => {
          const value = step.settings[field.id] ?? field.default;
          return <SettingRow key={field.id} field={field} value={value} problem={problemWith(field, value)} onChange={(next) => set({ settings: { ...step.settings, [field.id]: next } })} />;
        })}
      </div>
      <Columns dataset={dataset} step={step} info={info} onChange={(columns) => set({ columns })} />
    </>
  );
}

interface ColumnsProps {
  readonly dataset: DatasetSummary;
  readonly step: RecipeStep;
  readonly info: StepInfo;
  readonly onChange: (columns: readonly string[]) => void;
}

/** Chosen columns that the dataset no longer has stay in the list, so that they can be taken out. */
function Columns({ dataset, step, info, onChange }: ColumnsProps) {
  const names = columnsOf(dataset, "original").map(({ name }) => name);
  const all = [...names, ...step.columns.filter((name) => !names.includes(name))];
  if (all.length < 2) return null;
  return (
    <fieldset className={css["chosen"]}>
      <legend>{step.columns.length === 0 ? `Columns: none chosen, so ${DEFAULT_COLUMNS[info.defaultColumns]}` : `Columns: ${formatCount(step.columns.length)} chosen`}</legend>
      {all.map((name) => (
        <label key={name}>
          <input type="checkbox" checked={step.columns.includes(name)} onChange={(event) => onChange(event.currentTarget.checked ? [...step.columns, name] : step.columns.filter((one) => one !== name))} />
          <bdi>{name}</bdi>
        </label>
      ))}
    </fieldset>
  );
}
