/** Finished columns. In: the columns that were read, what their cells say, and what the user decided. Out: types as inferred and roles as guessed, under the decisions. */
import { guessRoles } from "../table/guessRoles";
import type { InferredColumn } from "../table/inferTypes";
import type { ColumnChoice } from "../types/importing";
import type { Column } from "../types/table";
import type { UnitedRows } from "./unitedRows";

export function describeColumns(united: UnitedRows, inferred: readonly InferredColumn[], choices: ReadonlyMap<string, ColumnChoice>): Column[] {
  const parsed = united.columns();
  const types = parsed.map(({ name, type }, index) => choices.get(name)?.type ?? type ?? inferred[index]!.type);
  const aboutFiles = united.fileColumns();
  const roles = guessRoles(parsed.map(({ name }, index) => ({ ...inferred[index]!, name, type: types[index]! })));
  return parsed.map(({ name, kind }, index) => {
    const role = choices.get(name)?.role ?? aboutFiles.get(name)?.role ?? roles[index]!;
    const { notes } = inferred[index]!;
    return { name, kind, type: types[index]!, role, ...(notes.length > 0 ? { notes } : {}) };
  });
}
