/** What the Data room shows about a dataset: filters and views, column statistics, the balance report. Plain data. */
import type { DuplicateGroup } from "./cleaning";

export interface SearchQuery {
  /** Empty: everything. */
  readonly text: string;
  /** "plain" ignores case unless `matchCase`; "regex" runs in time linear in the text. */
  readonly mode: "plain" | "regex";
  readonly matchCase: boolean;
  /** Columns searched, by name; empty: all. */
  readonly columns: readonly string[];
}

export type Filter =
  | { readonly column: string; readonly is: "missing" | "present" }
  | { readonly column: string; readonly is: "one of"; readonly values: readonly string[] }
  | { readonly column: string; readonly is: "between"; readonly from: number | null; readonly to: number | null }
  /** Length of the text in characters. */
  | { readonly column: string; readonly is: "length between"; readonly from: number | null; readonly to: number | null };

export interface ViewQuery {
  readonly search: SearchQuery | null;
  readonly filters: readonly Filter[];
  readonly sort: { readonly column: string; readonly direction: "ascending" | "descending" } | null;
}

/** A view of a dataset: which rows, in which order. It lives in the worker until another takes its place. */
export interface ViewInfo {
  readonly view: number;
  readonly rows: number;
  /** Rows of the dataset. */
  readonly of: number;
  readonly milliseconds: number;
}

export interface Histogram {
  /** counts[i] counts values in [edges[i], edges[i + 1]); the last bucket holds its upper edge. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export interface ColumnStatistics {
  readonly column: string;
  readonly rows: number;
  readonly missing: number;
  /** Exact up to a million different values, else estimated. */
  readonly unique: number;
  readonly uniqueIsExact: boolean;
  /** Cells by what they say: "integer", "number", "date", "text" … */
  readonly types: readonly { readonly type: string; readonly rows: number }[];
  /** The most frequent values. */
  readonly top: readonly { readonly value: string; readonly rows: number }[];
  /** Of numbers. */
  readonly numbers?: { readonly min: number; readonly max: number; readonly mean: number; readonly deviation: number; readonly quartiles: readonly [number, number, number]; readonly histogram: Histogram };
  /** Of text, in characters; and in words. */
  readonly lengths?: { readonly mean: number; readonly longest: number; readonly histogram: Histogram };
  readonly words?: { readonly mean: number; readonly total: number };
  /** Share of rows by language, of a sample of long enough rows. */
  readonly languages?: readonly { readonly language: string; readonly share: number }[];
  /** Share of characters: letters, digits, white space, punctuation, symbols, control, other scripts. */
  readonly characters?: readonly { readonly name: string; readonly share: number }[];
  /** The other columns that are missing where this one is. */
  readonly missingWith?: readonly { readonly column: string; readonly rows: number }[];
}

/** Distinct words against words read: how much new a longer text brings (Heaps' law). */
export interface VocabularyGrowth {
  readonly points: readonly { readonly words: number; readonly distinct: number }[];
  /** distinct ≈ scale · words^exponent, fitted by least squares on the logarithms. */
  readonly scale: number;
  readonly exponent: number;
}

export interface SourceShare {
  readonly source: string;
  readonly rows: number;
  readonly characters: number;
  readonly share: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BalanceRequest {
  readonly label: string;
  /** A column of groups (a person's attribute, a source); absent: labels only. */
  readonly group?: string;
}

export interface BalanceReport {
  readonly label: string;
  readonly rows: number;
  /** Rows without a label. */
  readonly unlabeled: number;
  readonly classes: readonly { readonly label: string; readonly rows: number; readonly share: number; readonly weight: number }[];
  /** Largest class over smallest. */
  readonly imbalance: number;
  /** Of the labels, over ln K: 1 is even. */
  readonly evenness: number;
  /** One sentence each: "ham is 6 times as frequent as spam." */
  readonly findings: readonly string[];
  readonly groups?: {
    readonly column: string;
    /** Groups of fewer than `smallest` rows are left out and counted. */
    readonly smallest: number;
    readonly suppressed: { readonly groups: number; readonly rows: number };
    readonly table: readonly {
      readonly group: string;
      readonly rows: number;
      /** Per class of `classes`: rows, rate and its Wilson interval at 95%. */
      readonly rates: readonly { readonly rows: number; readonly rate: number; readonly interval: Interval }[];
    }[];
    /** Per class: largest minus smallest rate, smallest over largest. */
    readonly disparities: readonly { readonly label: string; readonly difference: number; readonly ratio: number }[];
  };
  /** Words that give a label away: pointwise mutual information in bits, where the word is frequent enough. */
  readonly shortcuts: readonly { readonly token: string; readonly label: string; readonly pmi: number; readonly rows: number; readonly share: number }[];
  /** How strongly each other column goes with the label, 0 to 1 (bias-corrected Cramér's V). */
  readonly associations: readonly { readonly column: string; readonly cramersV: number }[];
}

export interface DuplicateReport {
  readonly exact: { readonly groups: number; readonly rows: number };
  readonly near: { readonly groups: number; readonly rows: number };
  /** Groups whose rows carry different labels. */
  readonly conflicting: number;
  /** The largest groups first, at most two hundred of each kind. */
  readonly groups: readonly (DuplicateGroup & { readonly kind: "exact" | "near" })[];
}
