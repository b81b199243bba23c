/**
 * One feature of all examples as a column. In: the feature's values, example by example. Out: cells of one kind that is widened when a value
 * needs it: numbers to text (one is larger than a double holds exactly, or is text), anything to JSON (one is a list).
 */
import type { Cell, ColumnKind, ColumnType } from "../../types/table";
import { bytesToBase64, decodeUtf8 } from "../binaryText";
import type { ParsedColumn } from "../format";
import type { Feature } from "./example";

export interface Spelled {
  readonly kind: ColumnKind;
  readonly cell: string | number | null;
  /** Text that JSON spells without quotes. */
  readonly isNumeral?: true;
}

export interface FeatureColumn {
  see(feature: Feature): Spelled;
  /** A value that was seen, as the column's kind has it by now. */
  cell(spelled: Spelled | undefined): Cell;
  parsed(name: string): ParsedColumn;
  notes(name: string): string[];
}

export function createFeatureColumn(): FeatureColumn {
  let kind: ColumnKind | undefined;
  let type: ColumnType | "none" = "none";
  const counts = { binary: 0, wide: 0, notNumbers: 0 };
  return {
    see(feature) {
      const spelled = spellFeature(feature, counts);
      if (spelled.cell === null) return spelled;
      const own: ColumnType = spelled.kind === "json" ? "json" : feature.kind === "integers" ? "integer" : feature.kind === "floats" ? "number" : "text";
      type = joinTypes(type, own);
      kind = kind === undefined || kind === spelled.kind ? spelled.kind : kind === "json" || spelled.kind === "json" ? "json" : "text";
      return spelled;
    },
    cell(spelled) {
      if (!spelled || spelled.cell === null) return spelled?.cell;
      if (kind === spelled.kind || kind === undefined) return spelled.cell;
      return kind === "text" || typeof spelled.cell === "number" || spelled.isNumeral ? String(spelled.cell) : JSON.stringify(spelled.cell);
    },
    parsed: (name) => ({ name, kind: kind ?? "text", ...(type === "none" || type === "text" ? {} : { type }) }),
    notes: (name) => [
      ...(counts.binary > 0 ? [`Column "${name}": ${counts.binary.toLocaleString("en")} values are not text and were kept as base64.`] : []),
      ...(counts.wide > 0 ? [`Column "${name}": ${counts.wide.toLocaleString("en")} of its numbers are larger than a double holds exactly; no digit of them is lost.`] : []),
      ...(counts.notNumbers > 0 ? [`Column "${name}": ${counts.notNumbers.toLocaleString("en")} values are "not a number" and were read as missing.`] : []),
    ],
  };
}

function joinTypes(a: ColumnType | "none", b: ColumnType): ColumnType {
  if (a === "none" || a === b) return b;
  if (a === "json" || b === "json") return "json";
  return a === "text" || b === "text" ? "text" : "number";
}

interface Counts {
  binary: number;
  wide: number;
  notNumbers: number;
}

function spellFeature(feature: Feature, counts: Counts): Spelled {
  const values = spellValues(feature, counts);
  if (values.length === 0) return { kind: "text", cell: null };
  if (values.length === 1) return values[0]!;
  return { kind: "json", cell: `[${values.map(({ cell, isNumeral }) => (typeof cell === "string" && !isNumeral ? JSON.stringify(cell) : String(cell))).join(",")}]` };
}

function spellValues(feature: Feature, counts: Counts): Spelled[] {
  switch (feature.kind) {
    case "bytes":
      return feature.values.map((bytes) => {
        const text = decodeUtf8(bytes);
        if (text === undefined) counts.binary++;
        return { kind: "text", cell: text ?? bytesToBase64(bytes) };
      });
    case "floats":
      return feature.values.map((value) => {
        if (Number.isNaN(value)) counts.notNumbers++;
        // In a list JSON has no word for the infinite; a single one is a number like others.
        const cell = Number.isNaN(value) || (feature.values.length > 1 && !Number.isFinite(value)) ? null : value;
        return { kind: "number", cell };
      });
    case "integers":
      return feature.values.map((value) => {
        if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) return { kind: "number", cell: Number(value) };
        counts.wide++;
        return { kind: "text", cell: value.toString(), isNumeral: true };
      });
    default:
      return feature satisfies never;
  }
}
