/**
 * One column of a Parquet file on its way to cells. In: its place in the schema, then its values batch by batch. Out: cells of one kind,
 * and what a person should know: numbers too large for a double, missing numbers, bytes that are no text.
 */
import type { Cell, ColumnKind, ColumnType } from "../../types/table";
import { bytesToBase64, decodeUtf8 } from "../binaryText";
import type { ParsedColumn } from "../format";
import { createLeaf, typeName } from "./cells";
import { createSpeller } from "./nested";
import { isFlat, type SchemaNode } from "./schema";

export interface ColumnReader {
  readonly node: SchemaNode;
  /** May change with a batch: numbers become text when one is too large. */
  parsed(): ParsedColumn;
  cells(values: ArrayLike<unknown>): Cell[];
  notes(): string[];
}

/** `reading` is "json" for a text column that is known to hold JSON. */
export function createColumn(node: SchemaNode, name: string, reading: "as declared" | "json" = "as declared"): ColumnReader {
  if (!isFlat(node)) return createNested(node, name);
  const isJson = reading === "json" && isString(node);
  const leaf = createLeaf(isJson ? { ...node.element, logical_type: { type: "JSON" } } : node.element);
  if (leaf.isBinary || (isString(node) && !isJson)) return createText(node, name, leaf.isBinary ? undefined : "text");
  let kind: ColumnKind = leaf.kind;
  let wide = 0;
  let notNumbers = 0;
  const spell = (value: unknown): Cell | bigint => {
    if (value === null || value === undefined) return null;
    const cell = leaf.cell(value);
    if (typeof cell === "bigint") wide++;
    if (!Number.isNaN(cell)) return cell;
    notNumbers++;
    return null;
  };
  return {
    node,
    parsed: () => ({ name, kind, ...(leaf.type === undefined ? {} : { type: leaf.type }) }),
    cells(values) {
      const cells = Array.from(values, spell);
      if (kind === "number" && wide > 0) kind = "text";
      return kind === leaf.kind ? (cells as Cell[]) : cells.map((cell) => (cell === null || cell === undefined ? cell : String(cell)));
    },
    notes: () => [
      ...(wide > 0 ? [`Column "${name}": ${wide.toLocaleString("en")} of its numbers are larger than a double holds exactly, so all stay text.`] : []),
      ...(notNumbers > 0 ? [`Column "${name}": ${notNumbers.toLocaleString("en")} cells hold "not a number" and were read as missing.`] : []),
    ],
  };
}

/** A text that begins with U+FFFD would not tell, so the bytes are asked. */
const isUtf8 = (bytes: Uint8Array): boolean => decodeUtf8(bytes) !== undefined;

function isString({ element: { type, converted_type: converted, logical_type: logical } }: SchemaNode): boolean {
  return type === "BYTE_ARRAY" && (converted === "UTF8" || converted === "ENUM" || logical?.type === "STRING" || logical?.type === "ENUM");
}

/**
 * Bytes that are text, or may be: without annotation they are if all of the first batch is UTF-8, else the whole column is base64, so that
 * a cell has one meaning.
 */
function createText(node: SchemaNode, name: string, spelling: "text" | "base64" | undefined): ColumnReader {
  let damaged = 0;
  const spellAll = (values: ArrayLike<unknown>): Cell[] => {
    // Values of a dictionary come as the same object again and again.
    const seen = new Map<Uint8Array, string>();
    return Array.from(values, (value) => {
      if (!(value instanceof Uint8Array)) return null;
      const known = seen.get(value);
      if (known !== undefined) return known;
      const spelled = spelling === "text" ? decodeUtf8(value) : undefined;
      if (spelled !== undefined) seen.set(value, spelled);
      else if (spelling === "text") damaged++;
      return spelled ?? bytesToBase64(value);
    });
  };
  return {
    node,
    parsed: () => ({ name, kind: "text" }),
    cells(values) {
      spelling ??= Array.from(values).every((value) => !(value instanceof Uint8Array) || isUtf8(value)) ? "text" : "base64";
      return spellAll(values);
    },
    notes: () => [
      ...(spelling === "base64" ? [`Column "${name}" holds bytes that are not text (${typeName(node.element)}); they were kept as base64.`] : []),
      ...(damaged > 0 ? [`Column "${name}": ${damaged.toLocaleString("en")} cells are not UTF-8 and were kept as base64.`] : []),
    ],
  };
}

function createNested(node: SchemaNode, name: string): ColumnReader {
  const spell = createSpeller(node);
  return {
    node,
    parsed: () => ({ name, kind: "json", type: "json" satisfies ColumnType }),
    cells: (values) => Array.from(values, (value) => (value === null || value === undefined ? null : spell(value))),
    notes: () => [],
  };
}
