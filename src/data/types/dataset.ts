/** What a dataset is, as the page lists it. Plain data, so that it crosses to the page and into saved runs as it is. */
import type { Column } from "./table";

export interface DatasetSummary {
  readonly id: string;
  readonly name: string;
  /** Where it came from: shipped with the app, made by a generator, brought by the user, or mixed from others. */
  readonly origin: "sample" | "task" | "user" | "mix";
  readonly summary: string;
  /** UTF-8 bytes of its cells; 0 while a sample has not been opened yet. */
  readonly bytes: number;
  /** Unicode code points of its training text. */
  readonly characters: number;
  readonly rows?: number;
  readonly columns?: readonly Column[];
  /** Of a mix: how many datasets are in it. */
  readonly parts?: number;
  /** The source, licence or author, where there is one. */
  readonly source?: string;
  /** A prompt that suits this text. */
  readonly prompt: string;
  /** What the import decided or changed (encoding, line ends, damaged characters), one sentence each. */
  readonly notes?: readonly string[];
  /** True where a recipe is applied: the cleaned rows are what training sees. */
  readonly cleaned?: boolean;
  /** The rows as imported and typed, where `rows` and `columns` are those of the cleaned ones. */
  readonly original?: { readonly rows: number; readonly columns: readonly Column[] };
  /** Milliseconds since 1970, of the import. */
  readonly addedAt?: number;
}
