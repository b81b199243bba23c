/**
 * A number one can type as 0.001 or 1e-3 and step with the arrow keys (by factors where the range is logarithmic). In: the
 * value and its range. Out: every typed change at once, as a number when it is one, else as the text for the caller to judge.
 * React Aria's number field is not used here: it refuses the letter e and is no spin button to assistive technology.
 */
import { type KeyboardEvent, useState } from "react";
import type { NumberRange } from "../../settings/field";
import { formatPlain, formatSetting, readNumber } from "../state/format";
import { stepNumber } from "../state/stepping";
import css from "./fields.module.css";

export interface NumberInputProps {
  readonly id: string;
  readonly range: NumberRange;
  readonly value: number | string;
  readonly onChange: (value: number | string) => void;
  readonly describedBy?: string | undefined;
  readonly isInvalid?: boolean;
  readonly className?: string | undefined;
}

export function NumberInput({ id, range, value, onChange, describedBy, isInvalid, className }: NumberInputProps) {
  // While typing, the text is the person's: "1e-" must not turn into something else under their hands.
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (typeof value === "number" ? formatSetting(value) : value);

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    const from = typeof value === "number" ? value : range.default;
    setTyped(null);
    onChange(stepNumber(range, from, direction));
  };

  return (
    <input
      id={id}
      className={[css["control"], css["number"], className].filter(Boolean).join(" ")}
      type="text"
      inputMode="decimal"
      role="spinbutton"
      autoComplete="off"
      spellCheck={false}
      {...spoken(range, value)}
      aria-valuetext={shown}
      aria-invalid={isInvalid || undefined}
      aria-describedby={describedBy}
      value={shown}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        onChange(readNumber(text) ?? text);
      }}
      onBlur={() => setTyped(null)}
      onKeyDown={onKeyDown}
    />
  );
}

/** React would write 1e-7, which is no valid ARIA number. */
function spoken({ min, max }: NumberRange, value: number | string): Record<string, string> {
  const range = { "aria-valuemin": formatPlain(min), "aria-valuemax": formatPlain(max) };
  return typeof value === "number" && Number.isFinite(value) ? { ...range, "aria-valuenow": formatPlain(value) } : range;
}
