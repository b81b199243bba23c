/** What is kept in the browser, and how safely. Plain data. */

export interface StorageReport {
  /** True once the browser promised not to evict this site's data; null where it cannot say. */
  readonly persisted: boolean | null;
  readonly usedBytes: number;
  /** What the browser says there is; not to be trusted (a full disk is only found by writing). */
  readonly quotaBytes: number;
  /** The biggest first. */
  readonly items: readonly { readonly id: string; readonly kind: "dataset" | "run" | "tokens" | "tokenizer" | "other"; readonly name: string; readonly bytes: number }[];
}

export interface RestoreSummary {
  readonly datasets: number;
  readonly runs: number;
  readonly tokenizers: number;
  /** One sentence per thing that was not restored and why. */
  readonly notes: readonly string[];
}
