/**
 * The README.md of a dataset folder. In: what is known of the dataset and its columns. Out: YAML that `datasets` reads features and splits
 * from, then a page for people: where the rows come from, what was done to them, what the columns are, how even the labels are.
 * https://huggingface.co/docs/hub/datasets-cards
 */
import type { ColumnShape, Shape } from "../formats/parquet/shape";
import type { Column } from "../types/table";
import type { ExportPart, ExportSource } from "./source";

export interface PartFacts {
  readonly part: ExportPart["part"];
  readonly rows: number;
  readonly fileBytes: number;
  /** In memory, about. */
  readonly bytes: number;
}

/** A string in double quotes means the same to JSON and YAML. */
const quote = (text: string): string => JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

export function writeCard(source: ExportSource, shapes: readonly ColumnShape[], parts: readonly PartFacts[]): string {
  return `---\n${writeYaml(source, shapes, parts).join("\n")}\n---\n\n${writePage(source, shapes, parts).join("\n")}\n`;
}

function writeYaml({ name }: ExportSource, shapes: readonly ColumnShape[], parts: readonly PartFacts[]): string[] {
  const total = (field: "fileBytes" | "bytes"): number => parts.reduce((sum, part) => sum + part[field], 0);
  return [
    `pretty_name: ${quote(name)}`,
    "# license: choose one from https://huggingface.co/docs/hub/repositories-licenses before you share this dataset",
    "configs:", "- config_name: default", "  data_files:",
    ...parts.flatMap(({ part }) => [`  - split: ${part}`, `    path: data/${part}-*`]),
    "dataset_info:", "  features:",
    ...shapes.flatMap((shape) => [`  - name: ${quote(shape.name)}`, ...featureLines(shape)]),
    "  splits:",
    ...parts.flatMap(({ part, rows, bytes }) => [`  - name: ${part}`, `    num_bytes: ${bytes}`, `    num_examples: ${rows}`]),
    `  download_size: ${total("fileBytes")}`, `  dataset_size: ${total("bytes")}`,
  ];
}

const DTYPES: Record<Shape, string> = { text: "dtype: string", json: "dtype: string", boolean: "dtype: bool", integer: "dtype: int64", number: "dtype: float64", texts: "sequence: string", numbers: "sequence: float64" };

/** Labels are text in the files; `datasets` turns them into the numbers of these names when it loads them. */
function featureLines({ shape, classes }: ColumnShape): string[] {
  if (!classes) return [`    ${DTYPES[shape]}`];
  return ["    dtype:", "      class_label:", "        names:", ...classes.map(({ label }, index) => `          '${index}': ${quote(label)}`)];
}

function writePage(source: ExportSource, shapes: readonly ColumnShape[], parts: readonly PartFacts[]): string[] {
  const { about = {}, table } = source;
  const labels = shapes.find(({ classes }) => classes !== undefined);
  return [
    `# ${plain(source.name)}`, "", ...(about.summary ? [plain(about.summary), ""] : []),
    "Prepared with Descent, a language-model training studio in the browser.", "",
    "## Source", "", plain(about.source ?? "Not stated. Say here where the texts come from, who wrote them and who agreed to their use."), "", ...list(about.notes ?? []),
    "## Cleaning", "", ...(about.cleaning?.length ? list(about.cleaning) : ["No cleaning steps were applied.", ""]),
    "## Parts", "", ...parts.map(({ part, rows }) => `- ${part}: ${rows.toLocaleString("en")} rows`), "",
    "## Columns", "", "| column | type | role |", "|---|---|---|",
    ...table.columns.map((column) => `| ${plain(column.name)} | ${typeOf(column)} | ${column.role === "none" ? "" : column.role} |`), "",
    ...(labels?.classes ? balance(labels.name, labels.classes) : []),
    "## License", "", "Not chosen yet. State the license in the head of this file before you share the dataset.",
  ];
}

const typeOf = ({ type, kind }: Column): string => (type === "empty" ? kind : type);

function balance(name: string, classes: NonNullable<ColumnShape["classes"]>): string[] {
  const total = classes.reduce((sum, { rows }) => sum + rows, 0);
  return [
    "## Balance", "", `Rows by ${plain(name)}:`, "", "| label | rows | share |", "|---|---|---|",
    ...[...classes].sort((a, b) => b.rows - a.rows).map(({ label, rows }) => `| ${plain(label)} | ${rows.toLocaleString("en")} | ${((100 * rows) / total).toFixed(1)} % |`), "",
  ];
}

const list = (sentences: readonly string[]): string[] => (sentences.length > 0 ? [...sentences.map((sentence) => `- ${plain(sentence)}`), ""] : []);

/** One line, and nothing in it that Markdown or HTML would act on. */
const plain = (text: string): string => text.replace(/\s+/g, " ").trim().replace(/[\\`*_{}[\]<>|#!]/g, "\\$&");
