/**
 * Where training computes. In: what this browser remembers, the device that is open. Out: changes, also between runs and while one is
 * paused. How much of the processor to take is asked only where the processor computes.
 */
import { useStore } from "zustand";
import type { Field } from "../../../settings/field";
import { machineFields } from "../../../settings/machine";
import { useSession, useStudio } from "../../components/StudioContext";
import { changeMachine } from "../../state/machine";
import { countCores } from "../../state/preferences";
import { SettingRow } from "../../components/SettingRow";
import css from "./SettingsPanel.module.css";

const FIELDS = machineFields(countCores());

export function MachineSettings({ onNote }: { readonly onNote: (field: Field) => void }) {
  const studio = useStudio();
  const machine = useStore(studio.preferences, (state) => state.machine);
  const device = useSession((session) => session.device);
  const isBusy = useSession(({ run, waiting, moving }) => run?.phase === "preparing" || run?.phase === "running" || (waiting && !moving));
  const row = (field: Field) => (
    <SettingRow
      key={field.id}
      field={field}
      value={machine[field.id as keyof typeof machine]}
      problem={undefined}
      onNote={onNote}
      onChange={(value) => void changeMachine(studio, field.id, value)}
    />
  );
  const fields = FIELDS.filter(({ id }) => id === "device" || device?.runtime === "cpu");
  return (
    <fieldset className={css["group"]}>
      <legend>This machine</legend>
      <fieldset disabled={isBusy} className={css["inside"]}>{fields.filter(({ id }) => id !== "pauseWhileHidden").map(row)}</fieldset>
      {/* A wish about the run, not a device: it can be made while the run goes on. */}
      {fields.filter(({ id }) => id === "pauseWhileHidden").map(row)}
      {isBusy ? <p className={css["aside"]}>Pause the run to change the device.</p> : device?.reason ? <p className={css["aside"]}>{device.reason}</p> : null}
    </fieldset>
  );
}
