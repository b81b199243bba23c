/**
 * Days as people write them. In: "3.4.21", "04/03/2021 5:06 PM", "March 4th, 2021". Out: ISO 8601 ("2021-03-04", with a time "2021-03-04T17:06:00"), or undefined for
 * what is no day of the calendar. Whether day or month comes first is decided by a whole column. Two digits of a year: 69 to 99 are 19xx, 00 to 68 are 20xx (POSIX).
 */
export type DayOrder = "day first" | "month first";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH = "((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\\.?";
const TIME = "(?:(?:T|,?\\s+)(\\d{1,2}):(\\d{2})(?::(\\d{2}(?:[.,]\\d+)?))?\\s*([AP]\\.?M\\.?)?\\s*(Z|UTC|GMT|[-+]\\d{2}:?\\d{2})?)?";
const YEAR_FIRST = new RegExp(`^(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})${TIME}$`, "i");
const NUMBERS = new RegExp(`^(\\d{1,2})([-/.])\\s?(\\d{1,2})\\2\\s?(\\d{4}|\\d{2})${TIME}$`, "i");
const WEEKDAY = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\\.?,?\\s+)?";
const DAY_MONTH = new RegExp(`^${WEEKDAY}(\\d{1,2})(?:st|nd|rd|th|\\.)?[-\\s]+${MONTH},?[-\\s]+(\\d{4}|\\d{2})${TIME}$`, "i");
const MONTH_DAY = new RegExp(`^${WEEKDAY}${MONTH}\\s+(\\d{1,2})(?:st|nd|rd|th)?,?\\s+(\\d{4})${TIME}$`, "i");
const LONGEST = 60;

interface Parts {
  readonly year: string;
  readonly month: number;
  readonly day: number;
  /** Hour, minute, second, AM or PM, zone, as they were written. */
  readonly time: readonly (string | undefined)[];
}

/** 1 for January; 0 for a word that only begins like a month. */
function monthOf(name: string): number {
  const index = MONTHS.indexOf(name.slice(0, 3).toLowerCase());
  const full = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"][index]!;
  return full.startsWith(name.toLowerCase()) || name.toLowerCase() === "sept" ? index + 1 : 0;
}

function takeApart(text: string, order: DayOrder): Parts | undefined {
  let match = YEAR_FIRST.exec(text);
  if (match) return { year: match[1]!, month: Number(match[2]), day: Number(match[3]), time: match.slice(4) };
  match = NUMBERS.exec(text);
  if (match) {
    const [first, second] = [Number(match[1]), Number(match[3])];
    const [day, month] = order === "day first" ? [first, second] : [second, first];
    return { year: match[4]!, month, day, time: match.slice(5) };
  }
  match = DAY_MONTH.exec(text);
  if (match) return { year: match[3]!, month: monthOf(match[2]!), day: Number(match[1]), time: match.slice(4) };
  match = MONTH_DAY.exec(text);
  return match ? { year: match[3]!, month: monthOf(match[1]!), day: Number(match[2]), time: match.slice(4) } : undefined;
}

const two = (number: number): string => String(number).padStart(2, "0");

function writeTime([hour, minute, second, half, zone]: Parts["time"]): string | undefined {
  if (hour === undefined) return "";
  const isAfternoon = /^p/i.test(half ?? "");
  const written = Number(hour);
  if (half !== undefined && (written < 1 || written > 12)) return undefined;
  const hours = half === undefined ? written : (written % 12) + (isAfternoon ? 12 : 0);
  const seconds = (second ?? "00").replace(",", ".");
  if (hours > 23 || Number(minute) > 59 || Number(seconds) >= 60) return undefined;
  const offset = zone === undefined ? "" : /^[A-Z]/i.test(zone) ? "Z" : zone.replace(/^(...):?(..)$/, "$1:$2");
  return `T${two(hours)}:${minute!}:${seconds}${offset}`;
}

export function readDate(text: string, order: DayOrder): string | undefined {
  const trimmed = text.trim();
  const parts = trimmed.length > LONGEST ? undefined : takeApart(trimmed, order);
  if (!parts) return undefined;
  const year = parts.year.length === 4 ? Number(parts.year) : Number(parts.year) + (Number(parts.year) >= 69 ? 1900 : 2000);
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][parts.month - 1];
  const time = writeTime(parts.time);
  if (days === undefined || parts.day < 1 || parts.day > days || time === undefined) return undefined;
  return `${String(year).padStart(4, "0")}-${two(parts.month)}-${two(parts.day)}${time}`;
}

/** What a cell says about its column's order: 1 the day is first, −1 the month, 0 nothing. */
export function voteForOrder(text: string): -1 | 0 | 1 {
  const [asDay, asMonth] = [readDate(text, "day first"), readDate(text, "month first")];
  if ((asDay === undefined) === (asMonth === undefined)) return 0;
  return asDay === undefined ? -1 : 1;
}
