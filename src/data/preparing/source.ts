/**
 * A dataset as texts to train and to validate on. In: its rows (cleaned, where a recipe is applied), its split if one was chosen. Out: the
 * segments of a shard: the training rows and behind them the validation rows; or, where no split was chosen, all rows in order, of
 * which training later holds out the end. Rows of the test part are in neither.
 */
import { readSplit, assignRows } from "../datasets/splits";
import { readRowNumbers } from "../datasets/rowNumbers";
import type { OpenVersion } from "../datasets/listing";
import { TEST, TRAIN, VALIDATION } from "../splitting/assign";
import type { ShardSegment } from "../store/shards";
import type { Store } from "../store/store";
import type { SplitSettings } from "../types/splitting";
import { planRowText } from "./rowText";

export interface TextSourceOfRows {
  readonly datasetId: string;
  readonly name: string;
  /** Hash of the rows. */
  readonly version: string;
  /** Tells apart everything that decides which texts come out. */
  readonly identity: string;
  readonly split: SplitSettings | undefined;
  /** One segment without a split, else two: training and validation. */
  readonly segments: readonly ShardSegment[];
  /** Roughly how long the text is: for cutting. Never much more than there is, or what is held out would be learned from. */
  countCharacters(): Promise<number>;
  /** What a run that learns from it tells of it. */
  readonly provenance: string;
}

type RowFilter = (row: number) => boolean;

/** `original` is the same dataset's rows as imported: splits are about them. */
export async function openSource(store: Store, training: OpenVersion, original: OpenVersion): Promise<TextSourceOfRows> {
  const { dataset, version, table } = training;
  const plan = planRowText(table.columns);
  const split = readSplit(store.database, dataset.id);
  const parts = split ? (await assignRows(original.table, split)).parts : undefined;
  const numbers = await readRowNumbers(store, training);
  const isIn = (part: number): RowFilter => (row) => parts![numbers?.[row] ?? row] === part;

  const segment = (keep?: RowFilter): ShardSegment => ({
    joiner: table.joiner,
    async *read() {
      for await (const { firstRow, rows, columns } of table.scan({ columns: plan.columns })) {
        const texts: string[] = [];
        for (let row = 0; row < rows; row++) {
          if (keep && !keep(firstRow + row)) continue;
          texts.push(plan.columns.length === 1 ? plan.render([columns[0]![row]]) : plan.render(columns.map((cells) => cells[row])));
        }
        yield texts;
      }
    },
  });

  return {
    datasetId: dataset.id, name: dataset.name, version: version.hash, split,
    // A document, undivided and read as it is, is its own identity. Parts may depend on cells of the original that cleaning has changed.
    identity: table.columns.length === 1 && plan.form === "verbatim" && !split ? version.hash : JSON.stringify([version.hash, plan.form, plan.columns, split ? [split, original.version.hash] : null]),
    segments: parts ? [segment(isIn(TRAIN)), segment(isIn(VALIDATION))] : [segment()],
    // A conversation is read without the syntax that it is stored with, so it has to be looked at.
    countCharacters: () => (plan.form === "messages" ? measure(segment()) : Promise.resolve(plan.columns.reduce((sum, column) => sum + version.columns[column]!.characters, 0))),
    provenance: describe(training, plan.reads, parts),
  };
}

async function measure({ read }: ShardSegment): Promise<number> {
  let characters = 0;
  for await (const texts of read()) for (const text of texts) characters += text.length;
  return characters;
}

function describe({ dataset, version, table }: OpenVersion, reads: string, parts: Uint8Array | undefined): string {
  const count = (part: number): string => (parts ?? new Uint8Array()).reduce((sum, own) => sum + (own === part ? 1 : 0), 0).toLocaleString("en");
  const cleaned = version.kind === "cleaned" ? `, cleaned (${version.madeFrom?.slice(0, 8) ?? "recipe"})` : "";
  const divided = parts ? `; split into ${count(TRAIN)} rows to train, ${count(VALIDATION)} to validate, ${count(TEST)} to test` : "";
  return `${dataset.name}: ${table.rows.toLocaleString("en")} rows${cleaned}, reading ${reads}${divided}; content ${version.hash.slice(0, 12)}.`;
}
