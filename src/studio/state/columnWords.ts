/** Roles and types of columns in words, with one line of help each, in the order in which they are offered. */
import type { ColumnRole, ColumnType } from "../../worker/protocol";

export interface Words<Id extends string> {
  readonly id: Id;
  readonly label: string;
  readonly help: string;
}

export const ROLES: readonly Words<ColumnRole>[] = [
  { id: "none", label: "Not used", help: "Kept, but neither trained on nor balanced." },
  { id: "text", label: "Text", help: "What a model reads." },
  { id: "label", label: "Label", help: "The class a model should find." },
  { id: "prompt", label: "Prompt", help: "What is asked; the completion answers it." },
  { id: "completion", label: "Completion", help: "The answer to the prompt." },
  { id: "messages", label: "Messages", help: "A conversation as a list of roles and contents." },
  { id: "chosen", label: "Chosen", help: "The better of two answers." },
  { id: "rejected", label: "Rejected", help: "The worse of two answers." },
  { id: "feature", label: "Feature", help: "Something known about the row, to predict from." },
  { id: "target", label: "Target", help: "The number to predict." },
  { id: "group", label: "Group", help: "Rows that belong together, for balance and splits." },
  { id: "source", label: "Source", help: "Where the row came from." },
  { id: "time", label: "Time", help: "When it happened, for splits by time." },
  { id: "id", label: "Id", help: "Names the row; never trained on." },
];

export const TYPES: readonly Words<ColumnType>[] = [
  { id: "text", label: "Text", help: "Words of any length." },
  { id: "category", label: "Category", help: "Few values that come again and again." },
  { id: "integer", label: "Whole number", help: "Numbers without a fraction." },
  { id: "number", label: "Number", help: "Numbers." },
  { id: "boolean", label: "Yes or no", help: "True or false." },
  { id: "date", label: "Date", help: "Days or moments." },
  { id: "json", label: "JSON", help: "Lists and objects." },
  { id: "empty", label: "Empty", help: "Nothing in it." },
];

export const roleLabel = (role: ColumnRole): string => ROLES.find(({ id }) => id === role)?.label ?? role;
export const typeLabel = (type: ColumnType): string => TYPES.find(({ id }) => id === type)?.label ?? type;
