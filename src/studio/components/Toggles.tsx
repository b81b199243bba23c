/** One of a few: buttons in a row of which one is pressed. In: the options in words. Out: the id of the one pressed. */
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import css from "./Toggles.module.css";

export interface TogglesProps<Id extends string> {
  readonly label: string;
  readonly value: Id;
  readonly options: readonly (readonly [Id, string])[];
  readonly onChange: (value: Id) => void;
}

export function Toggles<Id extends string>({ label, value, options, onChange }: TogglesProps<Id>) {
  return (
    <ToggleButtonGroup
      aria-label={label} className={css["group"] ?? ""} selectionMode="single" disallowEmptySelection selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const chosen = options.find(([id]) => keys.has(id));
        if (chosen) onChange(chosen[0]);
      }}
    >
      {options.map(([id, words]) => (
        <ToggleButton key={id} id={id} className={css["button"] ?? ""}>
          {words}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
