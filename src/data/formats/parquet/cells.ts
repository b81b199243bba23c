/**
 * What one physical value of a Parquet column says, exactly. In: a value as it is stored (number, bigint, bytes) and the column's
 * annotation. Out: a cell that rounds nothing: whole numbers beyond 2^53 and decimals as text, dates and times as ISO 8601 text.
 * https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
 */
import type { SchemaElement } from "hyparquet";
import type { Cell, ColumnKind, ColumnType } from "../../types/table";
import { bytesToBase64, decodeUtf8 } from "../binaryText";

export interface LeafReader {
  readonly kind: ColumnKind;
  readonly type?: ColumnType;
  /** True where nothing says whether bytes are text: `cell` answers text where they are UTF-8, else base64. */
  readonly isBinary?: true;
  /** A bigint stays one where a double cannot hold it: the caller chooses how to spell it. */
  cell(value: unknown): Cell | bigint;
}

type Unit = "MILLIS" | "MICROS" | "NANOS";
const PER_SECOND: Record<Unit, bigint> = { MILLIS: 1000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n };
const DIGITS: Record<Unit, number> = { MILLIS: 3, MICROS: 6, NANOS: 9 };
const DAY_SECONDS = 86_400n;

/** What a leaf of the schema is called in messages: "TIMESTAMP", "BYTE_ARRAY". */
export const typeName = ({ logical_type: logical, converted_type: converted, type }: SchemaElement): string => logical?.type ?? converted ?? type ?? "group";

export function createLeaf(element: SchemaElement): LeafReader {
  return annotatedLeaf(element) ?? physicalLeaf(element);
}

function annotatedLeaf(element: SchemaElement): LeafReader | undefined {
  const { type, logical_type: logical, converted_type: converted } = element;
  if (logical?.type === "NULL") return { kind: "text", type: "empty", cell: () => null };
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") {
    const scale = (logical?.type === "DECIMAL" ? logical.scale : element.scale) ?? 0;
    if (!(scale >= 0 && scale <= 1000)) throw new Error(`its decimals have ${scale} digits after the point`);
    return text("number", (value) => spellDecimal(value instanceof Uint8Array ? signed(value) : BigInt(value as number), scale));
  }
  if (converted === "DATE" || logical?.type === "DATE") return text("date", (value) => spellDate(BigInt(value as number)));
  const moment = timestampOf(element);
  if (moment) return text("date", (value) => spellTimestamp(value as bigint, moment.unit, moment.isUtc));
  if (type === "INT96") return text("date", (value) => spellTimestamp(value as bigint, "NANOS", false));
  const clock = logical?.type === "TIME" ? logical.unit : converted === "TIME_MILLIS" ? "MILLIS" : converted === "TIME_MICROS" ? "MICROS" : undefined;
  if (clock) return text("text", (value) => spellTime(BigInt(value as number | bigint), clock));
  if (type === "FIXED_LEN_BYTE_ARRAY" && logical?.type === "UUID") return text("text", (value) => spellUuid(value as Uint8Array));
  if (type === "FIXED_LEN_BYTE_ARRAY" && logical?.type === "FLOAT16") return { kind: "number", type: "number", cell: (value) => halfFloat(value as Uint8Array) };
  if (converted === "INTERVAL") return text("text", (value) => spellInterval(value as Uint8Array));
  if (converted === "BSON" || logical?.type === "GEOMETRY" || logical?.type === "GEOGRAPHY") return text("text", (value) => bytesToBase64(value as Uint8Array));
  if (type === "BYTE_ARRAY" && (converted === "JSON" || logical?.type === "JSON")) return { kind: "json", type: "json", cell: (value) => readJson(value as Uint8Array) };
  return undefined;
}

const text = (type: ColumnType, cell: (value: unknown) => string): LeafReader => ({ kind: "text", type, cell });

function physicalLeaf({ type, converted_type: converted, logical_type: logical }: SchemaElement): LeafReader {
  const isUnsigned = converted?.startsWith("UINT") === true || (logical?.type === "INTEGER" && !logical.isSigned);
  switch (type) {
    case "BOOLEAN":
      return { kind: "boolean", type: "boolean", cell: (value) => value === true };
    case "INT32":
      return { kind: "number", type: "integer", cell: (value) => (isUnsigned ? (value as number) >>> 0 : (value as number)) };
    case "INT64":
      return { kind: "number", type: "integer", cell: (value) => narrow(isUnsigned ? BigInt.asUintN(64, value as bigint) : (value as bigint)) };
    case "FLOAT":
    case "DOUBLE":
      return { kind: "number", type: "number", cell: (value) => value as number };
    case "BYTE_ARRAY":
    case "FIXED_LEN_BYTE_ARRAY": {
      const isText = converted === "UTF8" || converted === "ENUM" || logical?.type === "STRING" || logical?.type === "ENUM";
      return { kind: "text", ...(isText ? {} : { isBinary: true as const }), cell: (value) => decodeUtf8(value as Uint8Array) ?? bytesToBase64(value as Uint8Array) };
    }
    default:
      throw new Error("its type is unknown");
  }
}

function timestampOf({ logical_type: logical, converted_type: converted }: SchemaElement): { readonly unit: Unit; readonly isUtc: boolean } | undefined {
  if (logical?.type === "TIMESTAMP") return { unit: logical.unit, isUtc: logical.isAdjustedToUTC };
  if (converted === "TIMESTAMP_MILLIS") return { unit: "MILLIS", isUtc: true };
  return converted === "TIMESTAMP_MICROS" ? { unit: "MICROS", isUtc: true } : undefined;
}

export const narrow = (value: bigint): number | bigint => (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value);

/** JSON text as it stands; bytes that are not JSON become a JSON text of their own. */
function readJson(bytes: Uint8Array): string {
  const spelled = decodeUtf8(bytes);
  try {
    JSON.parse(spelled ?? "");
    return spelled ?? "";
  } catch {
    return JSON.stringify(spelled ?? bytesToBase64(bytes));
  }
}

/** Big-endian two's complement. */
function signed(bytes: Uint8Array): bigint {
  if (bytes.length > 1024) throw new Error("a decimal has more than 1024 bytes");
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}

function spellDecimal(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ""}`;
}

const floorDivide = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;
const two = (value: bigint): string => value.toString().padStart(2, "0");

/** Days since 1970-01-01, by the civil calendar carried back. H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days. */
function spellDate(days: bigint): string {
  const shifted = days + 719_468n;
  const era = floorDivide(shifted, 146_097n);
  const dayOfEra = shifted - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const monthFromMarch = (5n * dayOfYear + 2n) / 153n;
  const day = dayOfYear - (153n * monthFromMarch + 2n) / 5n + 1n;
  const month = monthFromMarch < 10n ? monthFromMarch + 3n : monthFromMarch - 9n;
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
  const spelledYear = year >= 0n && year <= 9999n ? year.toString().padStart(4, "0") : `${year < 0n ? "-" : "+"}${(year < 0n ? -year : year).toString().padStart(6, "0")}`;
  return `${spelledYear}-${two(month)}-${two(day)}`;
}

/** The fraction is written where it is not zero, with all digits of the unit. */
function spellTime(count: bigint, unit: Unit): string {
  const per = PER_SECOND[unit];
  const seconds = floorDivide(count, per);
  const fraction = count - seconds * per;
  const shown = fraction === 0n ? "" : `.${fraction.toString().padStart(DIGITS[unit], "0")}`;
  return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${shown}`;
}

function spellTimestamp(count: bigint, unit: Unit, isUtc: boolean): string {
  const day = PER_SECOND[unit] * DAY_SECONDS;
  const days = floorDivide(count, day);
  // Times without zone that are whole in a coarser unit are spelled in it: .999 for .999000000.
  return `${spellDate(days)}T${spellTime(count - days * day, unit).replace(/(\.\d{3})(000)$|(\.\d{3})(000000)$|(\.\d{6})(000)$/, "$1$3$5")}${isUtc ? "Z" : ""}`;
}

function spellUuid(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Months, days and milliseconds, each four bytes; an ISO 8601 duration. */
function spellInterval(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return `P${view.getUint32(0, true)}M${view.getUint32(4, true)}DT${spellDecimal(BigInt(view.getUint32(8, true)), 3)}S`;
}

/** IEEE 754 binary16. */
function halfFloat(bytes: Uint8Array): number {
  const bits = bytes[0]! | (bytes[1]! << 8);
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
