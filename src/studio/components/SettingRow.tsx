/**
 * One setting: its label, its control, what is wrong with it. In: a described field and its value. Out: every change. The help
 * line is always there for assistive technology; for the eye a panel can show it elsewhere while the row is pointed at.
 */
import { useId } from "react";
import type { Field, FieldValue } from "../../settings/field";
import fields from "./fields.module.css";
import { NumberInput } from "./NumberInput";
import { formatSetting } from "../state/format";
import css from "./SettingRow.module.css";

export interface SettingRowProps {
  readonly field: Field;
  readonly value: FieldValue;
  readonly problem: string | undefined;
  readonly onChange: (value: FieldValue) => void;
  /** The row is pointed at or focused; without it the help stands below the row. */
  readonly onNote?: (field: Field) => void;
}

/** "1e-7 to 10", "1 to 512 windows". */
export function describeRange(field: Field): string {
  if (field.kind === "text") return field.maxLength === 1 ? "One character." : `Up to ${field.maxLength} characters.`;
  if (field.kind !== "integer" && field.kind !== "decimal") return "";
  return `${formatSetting(field.min)} to ${formatSetting(field.max)}${field.unit ? ` ${field.unit}` : ""}.`;
}

export function SettingRow({ field, value, problem, onChange, onNote }: SettingRowProps) {
  const id = useId();
  const describedBy = problem ? `${id}-problem ${id}-help` : `${id}-help`;
  return (
    <div className={css["row"]} onPointerEnter={() => onNote?.(field)} onFocus={() => onNote?.(field)}>
      <label htmlFor={id}>{field.label}</label>
      <Control field={field} value={value} id={id} describedBy={describedBy} isInvalid={problem !== undefined} onChange={onChange} />
      <span id={`${id}-help`} className={css["help"]} hidden={onNote !== undefined}>
        {field.help} {describeRange(field)}
      </span>
      {problem ? (
        <p id={`${id}-problem`} className={css["problem"]}>
          {problem}
        </p>
      ) : null}
    </div>
  );
}

interface ControlProps {
  readonly field: Field;
  readonly value: FieldValue;
  readonly id: string;
  readonly describedBy: string;
  readonly isInvalid: boolean;
  readonly onChange: (value: FieldValue) => void;
}

function Control({ field, value, id, describedBy, isInvalid, onChange }: ControlProps) {
  const said = { id, "aria-describedby": describedBy, "aria-invalid": isInvalid || undefined };
  switch (field.kind) {
    case "integer":
    case "decimal":
      return (
        <NumberInput
          id={id}
          range={field}
          value={typeof value === "boolean" ? String(value) : value}
          describedBy={describedBy}
          isInvalid={isInvalid}
          onChange={onChange}
        />
      );
    case "choice":
      return (
        <select {...said} className={`${fields["control"] ?? ""} ${fields["select"] ?? ""}`} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)}>
          {field.options.some((option) => option.id === value) ? null : <option value={String(value)}>{String(value)}</option>}
          {field.options.map((option) => (
            <option key={option.id} value={option.id} title={option.summary}>
              {option.label}
            </option>
          ))}
        </select>
      );
    case "toggle":
      return (
        <input {...said} type="checkbox" role="switch" className={fields["switch"]} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
      );
    case "text":
      return (
        <input {...said} className={`${fields["control"] ?? ""} ${fields["text"] ?? ""}`} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} />
      );
    default:
      return field satisfies never;
  }
}
