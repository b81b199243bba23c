/** Which columns a step works on. In: the columns, the names the user gave, the step's default. Out: indices, in the table's order. */
import { FailureError } from "../../settings/failure";
import type { Column, ColumnRole } from "../types/table";
import type { CleaningStep, StepContext } from "./step";

const TEXT_ROLES: readonly ColumnRole[] = ["text", "prompt", "completion", "chosen", "rejected"];
/** Roles of columns that say what a row is, not what is in it. */
const OUTSIDE_ROLES: readonly ColumnRole[] = ["label", "target", "group", "id", "source", "time"];

const DEFAULTS: Readonly<Record<CleaningStep["defaultColumns"], (column: Column) => boolean>> = {
  text: ({ kind, type, role }) =>
    (kind === "text" && (TEXT_ROLES.includes(role) || (type === "text" && !OUTSIDE_ROLES.includes(role)))) ||
    (kind === "json" && (role === "messages" || TEXT_ROLES.includes(role))),
  all: () => true,
  label: ({ role }) => role === "label" || role === "target",
  feature: ({ role }) => !OUTSIDE_ROLES.includes(role),
};

export function findTargets(columns: readonly Column[], named: readonly string[], step: Pick<CleaningStep, "defaultColumns" | "label">): number[] {
  const unknown = named.filter((name) => !columns.some((column) => column.name === name));
  if (unknown.length > 0) {
    throw new FailureError({
      kind: "bad-settings",
      message: `${step.label} is to work on ${unknown.map((name) => `"${name}"`).join(" and ")}, which is no column of this data.`,
      hint: `The columns are ${columns.map((column) => `"${column.name}"`).join(", ")}.`,
      where: step.label,
    });
  }
  const isWanted = named.length > 0 ? (column: Column) => named.includes(column.name) : DEFAULTS[step.defaultColumns];
  return columns.flatMap((column, index) => (isWanted(column) ? [index] : []));
}

/** `wanted`, or with a number behind it where a column has that name already. */
export function freshName(columns: readonly Column[], wanted: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${wanted} ${count}`;
    if (!columns.some((column) => column.name === name)) return name;
  }
}

/** What rows are compared by: the targets; all columns where a step found none, so that a table without texts is compared row by row. */
export const comparedColumns = ({ columns, targets }: Pick<StepContext, "columns" | "targets">): readonly number[] =>
  targets.length > 0 ? targets : columns.map((_, index) => index);

/** The column that says what a row is labeled; −1 where there is none. */
export const findLabelColumn = (columns: readonly Column[]): number => columns.findIndex(({ role }) => role === "label" || role === "target");
