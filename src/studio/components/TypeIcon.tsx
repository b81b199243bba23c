/** What a column holds, as a small picture with its word. */
import { Binary, Braces, CalendarDays, CircleDashed, Hash, Tag, ToggleLeft, Type } from "lucide-react";
import type { ColumnType } from "../../worker/protocol";
import { typeLabel } from "../state/columnWords";

const ICONS = { text: Type, category: Tag, integer: Hash, number: Binary, boolean: ToggleLeft, date: CalendarDays, json: Braces, empty: CircleDashed } as const;

export function TypeIcon({ type }: { readonly type: ColumnType }) {
  const Icon = ICONS[type];
  return <Icon role="img" aria-label={typeLabel(type)} size="1.15em" strokeWidth={1.75} />;
}
