/** The nouns of cleaning: a recipe of steps, what each would do, what it did to one row. Plain data. */
import type { Field, FieldValue } from "../../settings/field";
import type { Cell } from "./table";

/** One step as it is saved and shown. */
export interface RecipeStep {
  /** Distinct within the recipe, so that a step keeps its place on the page when the order changes. */
  readonly key: string;
  /** Which cleaning step: "whitespace", "near-duplicates" … */
  readonly step: string;
  /** Columns it works on, by name; empty: those the step takes by default (text columns, for most). */
  readonly columns: readonly string[];
  readonly settings: Readonly<Record<string, FieldValue>>;
  readonly on: boolean;
}

export type Recipe = readonly RecipeStep[];

export interface SavedRecipe {
  readonly id: string;
  readonly name: string;
  readonly steps: Recipe;
  readonly savedAt: number;
}

/** A cleaning step as the page knows it. */
export interface StepInfo {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  /** Other words that people look for it by; searched, never shown. */
  readonly words: string;
  readonly group: "Text" | "Personal data" | "Duplicates" | "Quality" | "Table" | "Leakage";
  readonly fields: readonly Field[];
  /** Settings that suit a kind of text, offered as buttons: "web pages", "short messages", "instructions". */
  readonly presets?: readonly { readonly label: string; readonly settings: Readonly<Record<string, FieldValue>> }[];
  /** Columns it takes when none are named. */
  readonly defaultColumns: "text" | "all" | "label" | "feature";
}

/** A part of a text that a step replaces, in UTF-16 units of the text before the step; ascending, never overlapping. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** "EMAIL", "HTML tag": what was found there. */
  readonly what?: string;
}

/** What one step would do to all rows. */
export interface StepCount {
  readonly key: string;
  readonly changed: number;
  readonly dropped: number;
  /** Rows that reach the step. */
  readonly rows: number;
  /** Why rows were dropped: reason -> rows, the most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly rows: number }[];
  /** What the step wants to say: "No validation rows: choose a split first." */
  readonly notes: readonly string[];
}

export interface RecipeCounts {
  readonly steps: readonly StepCount[];
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  /** Counted over this many rows so far; equal to rowsBefore when done. */
  readonly rowsSeen: number;
}

/** One row before and after one step, for the diff. */
export interface RowChange {
  readonly row: number;
  readonly column: string;
  readonly before: Cell;
  /** Absent when the row was dropped. */
  readonly after?: Cell;
  readonly edits?: readonly TextEdit[];
  readonly reason?: string;
}

/** Rows that say the same, or nearly. */
export interface DuplicateGroup {
  readonly rows: readonly number[];
  /** Beginning of each row's text, as many as are shown. */
  readonly texts: readonly string[];
  /** Smallest Jaccard similarity to the row that stays; 1 for exact duplicates. */
  readonly similarity: number;
  /** The labels in the group where they differ. */
  readonly labels?: readonly string[];
}

