/**
 * The form made from the described settings. In: the draft, or a run's settings, locked. Out: changes of the draft; below the
 * form, a line of help for the row one is at and what the run would cost.
 */
import { ChevronRight, Lock, RotateCcw } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton, Disclosure, DisclosurePanel, Heading } from "react-aria-components";
import { useStore } from "zustand";
import { useShallow } from "zustand/shallow";
import type { Field, FieldGroup, FieldValue } from "../../../settings/field";
import { Button } from "../../components/Button";
import { useSession, useStudio } from "../../components/StudioContext";
import { changeValue, isSuggested } from "../../state/draft";
import { restoreSuggested } from "../../state/openStudio";
import { clearRun } from "../../state/runControl";
import { activeRun } from "../../state/session";
import { choicesOf, type Form, readForm } from "../../state/studio";
import { Estimate } from "./Estimate";
import { MachineSettings } from "./MachineSettings";
import { describeRange, SettingRow } from "../../components/SettingRow";
import css from "./SettingsPanel.module.css";

const GROUPS: readonly FieldGroup[] = ["Data", "Model", "Training", "Sampling"];

export function SettingsPanel() {
  const studio = useStudio();
  const [catalog, datasets] = useSession(useShallow((session) => [session.catalog, session.datasets]));
  const active = useSession(activeRun);
  const draft = useStore(studio.draft, (state) => state.values);
  const [noted, setNoted] = useState<Field | null>(null);
  const values: Readonly<Record<string, FieldValue>> = active ? active.settings : draft;
  const form = catalog ? readForm({ catalog, datasets }, values) : null;
  const steps = typeof values["steps"] === "number" ? values["steps"] : 0;
  return (
    <aside className={css["panel"]} id="settings" tabIndex={-1} aria-label="Settings" onPointerLeave={() => setNoted(null)}>
      <div className={css["scroll"]}>
        <LockNote />
        {form ? <SettingsForm form={form} values={values} isLocked={active !== null} onNote={setNoted} /> : <p className={css["note"]}>Asking the worker what can be set…</p>}
      </div>
      <div className={css["foot"]}>
        <p className={css["help"]} aria-hidden="true">
          {noted ? `${noted.help} ${describeRange(noted)}` : "Point at a setting to read what it does."}
        </p>
        {active ? null : <Estimate steps={steps} />}
        <PreviewProblem />
      </div>
    </aside>
  );
}

interface SettingsFormProps {
  readonly form: Form;
  readonly values: Readonly<Record<string, FieldValue>>;
  readonly isLocked: boolean;
  readonly onNote: (field: Field) => void;
}

function SettingsForm({ form, values, isLocked, onNote }: SettingsFormProps) {
  const studio = useStudio();
  const advanced = form.fields.filter((field) => field.advanced);
  const row = (field: Field) => (
    <SettingRow
      key={field.id}
      field={field}
      value={values[field.id] ?? field.default}
      problem={isLocked ? undefined : form.problems.get(field.id)}
      onNote={onNote}
      onChange={(value) => {
        const choices = choicesOf(studio);
        if (choices) studio.draft.setState(changeValue(choices, studio.draft.getState(), field.id, value));
      }}
    />
  );
  return (
    <div className={css["form"]}>
      <fieldset disabled={isLocked} className={css["form"]}>
        <legend className="said">Settings of the run</legend>
        {GROUPS.map((group) => {
          const members = form.fields.filter((field) => field.group === group && !field.advanced);
          return members.length === 0 ? null : (
            <section key={group} className={css["group"]}>
              <h2>{group}</h2>
              {members.map(row)}
            </section>
          );
        })}
      </fieldset>
      <MachineSettings onNote={onNote} />
      {advanced.length === 0 ? null : (
        // Open at first: whoever looks for a setting by its name should find it.
        <Disclosure className={css["more"] ?? ""} defaultExpanded>
          <Heading level={2}>
            <AriaButton slot="trigger" className={css["trigger"] ?? ""}>
              <ChevronRight aria-hidden size="1.2em" />
              More settings
            </AriaButton>
          </Heading>
          <DisclosurePanel>
            <fieldset disabled={isLocked}>
              <legend className="said">More settings of the run</legend>
              {advanced.map(row)}
            </fieldset>
          </DisclosurePanel>
        </Disclosure>
      )}
      <Restore />
    </div>
  );
}

function Restore() {
  const studio = useStudio();
  const isLocked = useSession((session) => activeRun(session) !== null);
  const values = useStore(studio.draft, (state) => state.values);
  const choices = choicesOf(studio);
  if (!choices || isLocked) return null;
  return (
    <Button look="plain" icon={RotateCcw} className={css["restore"]} isDisabled={isSuggested(choices, values)} onPress={() => restoreSuggested(studio)}>
      Restore suggested settings
    </Button>
  );
}

/** Why the form cannot be changed, or whose settings it shows, and the way to a new run. */
function LockNote() {
  const studio = useStudio();
  const active = useSession(activeRun);
  const run = useSession((session) => session.run);
  if (active) {
    return (
      <p className={css["note"]}>
        <Lock aria-hidden size="1.1em" strokeWidth={1.75} />
        <span>
          {run ? `Settings of ${active.name}. Stop it to change them.` : `Settings of ${active.name}. Start fresh to change them.`}
        </span>
      </p>
    );
  }
  if (!run) return null;
  return (
    <div className={css["note"]}>
      <span>{run.name} is over. Train starts another run with these settings.</span>
      <Button look="normal" onPress={() => clearRun(studio)}>
        New run
      </Button>
    </div>
  );
}

/** What forbids Train although every field is in range. */
function PreviewProblem() {
  const { previewer } = useStudio();
  const { status, preview, failure } = useStore(previewer.store);
  const isActive = useSession((session) => activeRun(session) !== null);
  if (isActive) return null;
  const sentences = status === "failed" && failure ? [failure.message, failure.hint] : status === "ready" ? [...(preview?.problems ?? []), ...(preview?.notes ?? [])] : [];
  return sentences.length === 0 ? null : (
    <p className={css["problem"]} role="status">
      {sentences.join(" ")}
    </p>
  );
}
