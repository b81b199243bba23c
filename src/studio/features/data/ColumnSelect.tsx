/** A column by name. In: the columns, and the words for none of them where that is a choice. Out: the name, or "" for none. */
import { useId } from "react";
import type { Column } from "../../../worker/protocol";
import fields from "../../components/fields.module.css";
import css from "./tools.module.css";

export interface ColumnSelectProps {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly value: string;
  readonly none: string;
  readonly onChange: (column: string) => void;
}

export function ColumnSelect({ label, columns, value, none, onChange }: ColumnSelectProps) {
  const id = useId();
  return (
    <span className={css["field"]}>
      <label htmlFor={id}>{label}</label>
      <select id={id} className={`${fields["control"] ?? ""} ${fields["select"] ?? ""}`} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{none}</option>
        {columns.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}
