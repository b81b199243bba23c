/** The first rows as they would be read. In: the preview and the choices for its columns. Out: a table whose heads can be changed. */
import { useId } from "react";
import type { ColumnChoice, ColumnRole, ColumnType, ImportPreview } from "../../../../worker/protocol";
import { CellText } from "../../../components/CellText";
import fields from "../../../components/fields.module.css";
import { useStudio } from "../../../components/StudioContext";
import { ROLES, TYPES } from "../../../state/columnWords";
import { changeColumn } from "../../../state/inspection";
import css from "./PreviewTable.module.css";

/** More would be slow to look at; all are imported. */
const COLUMNS_SHOWN = 60;

export interface PreviewTableProps {
  readonly preview: ImportPreview;
  readonly columns: readonly ColumnChoice[];
}

export function PreviewTable({ preview, columns }: PreviewTableProps) {
  const shown = columns.slice(0, COLUMNS_SHOWN);
  return (
    <>
      <div className={css["scroll"]} tabIndex={0} role="group" aria-label="The first rows">
        <table className={css["table"]}>
          <thead>
            <tr>
              {shown.map((column, index) => (
                <ColumnHead key={column.name} column={column} index={index} />
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((cells, row) => (
              <tr key={row}>
                {shown.map((column, index) => (
                  <td key={column.name} data-out={column.include ? undefined : true}>
                    <CellText cell={cells[index]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {columns.length > COLUMNS_SHOWN ? <p className={css["more"]}>{`${columns.length - COLUMNS_SHOWN} more columns are imported as they were found.`}</p> : null}
    </>
  );
}

function ColumnHead({ column, index }: { readonly column: ColumnChoice; readonly index: number }) {
  const studio = useStudio();
  const id = useId();
  const select = `${fields["control"] ?? ""} ${fields["select"] ?? ""} ${css["select"] ?? ""}`;
  return (
    <th scope="col" data-out={column.include ? undefined : true}>
      <label className={css["name"]}>
        <input type="checkbox" checked={column.include} aria-label={`Include ${column.name}`} onChange={(event) => changeColumn(studio, index, { include: event.currentTarget.checked })} />
        <span dir="auto" title={column.name}>
          {column.name}
        </span>
      </label>
      <select
        className={select} aria-label={`Role of ${column.name}`} aria-describedby={`${id}-help`} disabled={!column.include} value={column.role}
        onChange={(event) => changeColumn(studio, index, { role: event.currentTarget.value as ColumnRole })}
      >
        {ROLES.map((role) => (
          <option key={role.id} value={role.id} title={role.help}>
            {role.label}
          </option>
        ))}
      </select>
      <select
        className={select} aria-label={`Type of ${column.name}`} disabled={!column.include} value={column.type}
        onChange={(event) => changeColumn(studio, index, { type: event.currentTarget.value as ColumnType })}
      >
        {TYPES.map((type) => (
          <option key={type.id} value={type.id} title={type.help}>
            {type.label}
          </option>
        ))}
      </select>
      <p id={`${id}-help`} className={css["help"]}>
        {ROLES.find((role) => role.id === column.role)?.help}
      </p>
    </th>
  );
}
