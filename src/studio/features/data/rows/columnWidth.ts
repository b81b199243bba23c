/** How wide a column is before a person says otherwise, in px. In: the columns. Out: room for what such a column holds. */
import type { Column } from "../../../../worker/protocol";

const WIDE_ROLES: readonly Column["role"][] = ["text", "prompt", "completion", "messages", "chosen", "rejected"];

export function columnWidth(columns: readonly Column[], index: number): number {
  const column = columns[index];
  if (!column) return 0;
  const forName = 56 + column.name.length * 7.5;
  const forCells = WIDE_ROLES.includes(column.role) ? 420 : column.type === "text" || column.type === "json" ? 240 : column.type === "category" ? 140 : 112;
  return Math.round(Math.min(420, Math.max(forCells, Math.min(forName, 260))));
}
