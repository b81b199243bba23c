/**
 * What columns are for, by their names, types and contents. In: columns with the figures of `inferTypes`. Out: a role each; "none" where
 * nothing speaks for one, since a wrong guess costs more than none. Row formats: those of TRL, LLaMA-Factory, Together and AutoTrain.
 */
import type { ColumnRole } from "../types/table";
import type { InferredColumn } from "./inferTypes";

export interface ColumnLooks extends Pick<InferredColumn, "type" | "distinct" | "meanLength"> {
  readonly name: string;
}

/** Names that mean one thing, best first; compared in lower case with "_" between words. */
const NAMES: Readonly<Partial<Record<ColumnRole, readonly string[]>>> = {
  messages: ["messages", "conversations", "conversation", "dialog", "dialogue", "chat"],
  chosen: ["chosen", "preferred_output", "preferred", "chosen_response", "response_chosen"],
  rejected: ["rejected", "non_preferred_output", "non_preferred", "dispreferred", "rejected_response", "response_rejected"],
  completion: ["completion", "response", "output", "answer", "answers", "reply", "assistant"],
  prompt: ["prompt", "instruction", "question", "query", "input", "context", "user_prompt"],
  text: ["text", "content", "body", "review", "sentence", "document", "passage", "article", "comment", "message", "tweet", "post", "paragraph", "story", "lyrics", "abstract", "review_text", "comment_text", "raw_text", "full_text", "text_content", "review_body", "speech", "email", "sms", "utterance", "description"],
  label: ["label", "labels", "class", "category", "target", "sentiment", "party", "species", "kind", "topic", "intent", "emotion", "is_spam", "spam", "rating", "stars", "label_text", "class_label", "class_name", "toxic", "gold_label", "polarity", "genre"],
  target: ["target", "summary", "translation", "highlights", "target_text", "y"],
  id: ["id", "uuid", "guid", "key", "row_id", "doc_id", "document_id", "index", "idx", "no", "nr", "sample_id", "example_id"],
  time: ["date", "time", "timestamp", "datetime", "created_at", "created", "updated_at", "published", "published_at", "publish_date", "created_utc", "year", "day"],
  source: ["source", "url", "link", "domain", "website", "origin", "file", "filename", "file_name", "path", "subreddit", "publisher", "corpus", "dataset"],
  group: ["group", "user", "user_id", "author", "author_id", "speaker", "president", "session", "session_id", "subject_id", "patient_id", "customer_id", "group_id", "username"],
};

/** "reviewText", "Review Text" and "review-text" are one name. */
const plainName = (name: string): string => name.replace(/(\p{Ll})(\p{Lu})/gu, "$1_$2").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_|_$/g, "");

/** UTF-16 units from which cells read like text rather than names of something. */
const TEXT_LENGTH = 30;
const MOST_LABELS = 100;

const isWords = ({ type }: ColumnLooks): boolean => type === "text" || type === "category";
const isLabel = ({ type, meanLength, distinct }: ColumnLooks): boolean =>
  type === "boolean" || type === "category" || (type === "integer" && (distinct ?? Infinity) <= MOST_LABELS) || (type === "text" && meanLength < TEXT_LENGTH && (distinct ?? Infinity) <= MOST_LABELS);
const isProse = (column: ColumnLooks): boolean => column.type === "text" && column.meanLength >= TEXT_LENGTH;
const isAnything = ({ type }: ColumnLooks): boolean => type !== "empty";

/** In the order in which they are handed out; each but group and source to one column at most. */
const RULES: readonly (readonly [ColumnRole, (column: ColumnLooks) => boolean])[] = [
  ["messages", ({ type }) => type === "json"], ["chosen", isAnything], ["rejected", isAnything], ["completion", (column) => isWords(column) || column.type === "json"], ["prompt", (column) => isWords(column) || column.type === "json"],
  ["text", isWords], ["label", isLabel], ["target", ({ type, meanLength }) => type === "number" || type === "integer" || (type === "text" && meanLength >= TEXT_LENGTH / 2)], ["id", ({ type }) => type !== "json" && type !== "empty"],
  ["time", ({ type, meanLength }) => type === "date" || type === "integer" || (type === "text" && meanLength < TEXT_LENGTH)], ["source", isWords], ["group", isAnything],
];

export function guessRoles(columns: readonly ColumnLooks[]): ColumnRole[] {
  const roles: ColumnRole[] = columns.map(() => "none");
  const names = columns.map(({ name }) => plainName(name));
  const has = (role: ColumnRole): boolean => roles.includes(role);
  for (const [role, fits] of RULES) {
    if (!isAllowed(role, has)) continue;
    const found = (NAMES[role] ?? []).flatMap((name) => names.flatMap((each, index) => (each === name && roles[index] === "none" && fits(columns[index]!) ? [index] : [])));
    for (const index of found.slice(0, role === "prompt" ? 2 : 1)) roles[index] = role;
  }
  settlePairs(roles, columns, names);
  guessByContent(roles, columns);
  return roles;
}

/** Messages are the whole text; a pair has its own. */
function isAllowed(role: ColumnRole, has: (role: ColumnRole) => boolean): boolean {
  if (role === "text" || role === "prompt" || role === "completion") return !has("messages");
  return role !== "target" || has("text");
}

/** A prompt without an answer is no prompt; the other half of a pair is nothing alone; where both stand, no third column is the text. */
function settlePairs(roles: ColumnRole[], columns: readonly ColumnLooks[], names: readonly string[]): void {
  const drop = (role: ColumnRole): void => roles.forEach((each, index) => each === role && (roles[index] = "none"));
  if (!roles.includes("chosen") || !roles.includes("rejected")) {
    drop("chosen");
    drop("rejected");
  }
  const isPair = roles.includes("chosen");
  if (isPair) drop("completion");
  if (!isPair && !(roles.includes("prompt") && roles.includes("completion"))) {
    drop("prompt");
    drop("completion");
  }
  // Two prompts are an instruction and its input (Alpaca), nothing else.
  const prompts = roles.flatMap((role, index) => (role === "prompt" ? [index] : []));
  if (prompts.length > 1 && names[prompts[0]!] !== "instruction") for (const index of prompts) if (names[index] === "input" || names[index] === "context") roles[index] = "none";
  if (roles.includes("prompt") || roles.includes("messages")) drop("text");
  // A short "question" beside a real text column reads better as the text's own row than as a feature of nothing.
  if (!roles.includes("text") && !roles.includes("prompt") && !roles.includes("messages") && !isPair) {
    const index = names.findIndex((name, at) => roles[at] === "none" && (name === "prompt" || name === "question") && columns[at]!.type === "text");
    if (index >= 0) roles[index] = "text";
  }
}

/** Without a telling name: the one column of prose is the text; beside it in a table of two, the one of few values is the label. */
function guessByContent(roles: ColumnRole[], columns: readonly ColumnLooks[]): void {
  const has = (...wanted: ColumnRole[]): boolean => roles.some((role) => wanted.includes(role));
  if (!has("text", "prompt", "messages", "chosen")) {
    const prose = columns.flatMap((column, index) => (roles[index] === "none" && (isProse(column) || columns.length === 1) && isWords(column) ? [index] : []));
    if (prose.length === 1) roles[prose[0]!] = "text";
  }
  if (columns.length === 2 && has("text") && !has("label")) {
    const other = roles.findIndex((role, index) => role === "none" && isLabel(columns[index]!) && columns[index]!.type !== "integer");
    if (other >= 0) roles[other] = "label";
  }
  // A table without text but with something to predict: what can be counted or sorted is what it is predicted from.
  if (!has("text", "prompt", "messages", "chosen") && has("label")) {
    for (const [index, { type }] of columns.entries()) if (roles[index] === "none" && ["number", "integer", "boolean", "category"].includes(type)) roles[index] = "feature";
  }
}
