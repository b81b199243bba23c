/** How a dataset is divided, and how several are mixed. Plain data; saved with the dataset. */

export interface SplitSettings {
  /**
   * "end": the last rows are held out, in order (a text that must not be torn). "random": by seed. "column": as a column says.
   * "time": the latest are held out.
   */
  readonly by: "end" | "random" | "column" | "time";
  /** Shares of the rows; the rest trains. */
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  /** Keeps the shares of each label in every part. With "random" only. */
  readonly stratify?: string;
  /** No value of this column on two sides. With "random" only. */
  readonly group?: string;
  /** The column that says the part or the time. */
  readonly column?: string;
  /** More than 1: parts are folds, of which `fold` (0-based) validates. */
  readonly folds?: number;
  readonly fold?: number;
}

export interface SplitSummary {
  readonly settings: SplitSettings;
  /** False where the settings are only proposed: training then holds out the end of the text. */
  readonly isKept?: boolean;
  readonly parts: readonly {
    readonly part: "train" | "validation" | "test";
    readonly rows: number;
    /** Per label, where there is a label column. */
    readonly labels: readonly { readonly label: string; readonly rows: number }[];
    readonly groups?: number;
  }[];
  /** "12 rows have no date and train." */
  readonly notes: readonly string[];
}

/** A training set of several datasets. */
export interface Mix {
  readonly id: string;
  readonly name: string;
  readonly parts: readonly { readonly dataset: string; /** Relative share of the windows drawn. */ readonly weight: number }[];
}
