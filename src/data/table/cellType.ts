/**
 * What one cell says, whatever it is kept as. In: a cell. Out: integer, number, boolean, date, json, text, or missing. Strict on purpose: "007"
 * and "1,234" are text, because reading them as numbers would change them. Dates: ISO 8601 and the common ways to write a day.
 */
import type { Cell } from "../types/table";

export type CellType = "missing" | "integer" | "number" | "boolean" | "date" | "json" | "text";

const LONGEST_VALUE = 40;
const INTEGER = /^[-+]?(?:0|[1-9]\d*)$/;
const NUMBER = /^[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
const BOOLEAN = /^(?:true|false|yes|no)$/i;
const TIME = String.raw`(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AP]M)?\s?(?:Z|UTC|GMT|[-+]\d{2}:?\d{2})?)?`;
const ISO_DAY = new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${TIME}$`, "i");
const NUMERIC_DAY = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(?:\d{4}|\d{2})${TIME}$`, "i");
const MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?";
const NAMED_DAY = new RegExp(String.raw`^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?(?:\d{1,2}(?:st|nd|rd|th)?[- ]${MONTH}[-, ]+\d{2,4}|${MONTH} \d{1,2}(?:st|nd|rd|th)?,? \d{4})${TIME}$`, "i");

export function typeOfCell(cell: Cell): CellType {
  if (cell === null || cell === undefined) return "missing";
  if (typeof cell === "number") return Number.isInteger(cell) ? "integer" : "number";
  if (typeof cell === "boolean") return "boolean";
  return cell.length > LONGEST_VALUE ? typeOfLongText(cell) : typeOfText(cell.trim());
}

function typeOfLongText(text: string): CellType {
  if (looksNested(text)) return "json";
  return /\S/.test(text) ? "text" : "missing";
}

/** Only the first and last characters are looked at: whether it is JSON, its reader says. */
function looksNested(text: string): boolean {
  const [first, last] = [text.charCodeAt(0), text.charCodeAt(text.length - 1)];
  return (first === 0x7b && last === 0x7d) || (first === 0x5b && last === 0x5d);
}

function typeOfText(text: string): CellType {
  if (text === "") return "missing";
  const first = text.charCodeAt(0);
  const isDigit = first >= 0x30 && first <= 0x39;
  if (isDigit || first === 0x2b || first === 0x2d || first === 0x2e) {
    if (INTEGER.test(text)) return "integer";
    if (NUMBER.test(text)) return "number";
    return isDigit && isDate(text) ? "date" : "text";
  }
  if (BOOLEAN.test(text)) return "boolean";
  if (looksNested(text)) return "json";
  return text.length >= 8 && NAMED_DAY.test(text) ? "date" : "text";
}

function isDate(text: string): boolean {
  if (text.length < 6) return false;
  const iso = ISO_DAY.exec(text);
  if (iso) return isMonth(iso[2]) && isDay(iso[3]);
  const day = NUMERIC_DAY.exec(text);
  if (day) return (isMonth(day[1]) && isDay(day[3])) || (isDay(day[1]) && isMonth(day[3]));
  return NAMED_DAY.test(text);
}

const isMonth = (digits: string | undefined): boolean => Number(digits) >= 1 && Number(digits) <= 12;
const isDay = (digits: string | undefined): boolean => Number(digits) >= 1 && Number(digits) <= 31;
