/**
 * Every row of a run as one CSV file (RFC 4180). In: the store. Out: text with the columns of the telemetry, the validation
 * loss and the events, one line per step that has any of them. Nothing is smoothed, rounded or left out.
 */
import { METRIC_COLUMNS } from "../../settings/run";
import type { MetricStore } from "../state/metricStore";

export function runCsv(store: MetricStore): string {
  const extras = extrasByStep(store);
  const lines = [[...METRIC_COLUMNS, "validationLoss", "event"].join(",")];
  const waiting = [...extras.keys()].sort((a, b) => a - b);
  let next = 0;
  for (let row = 0; row < store.rows; row++) {
    const step = store.at("step", row);
    for (; (waiting[next] ?? Infinity) < step; next++) lines.push(extraLine(waiting[next] ?? 0, extras));
    if (waiting[next] === step) next++;
    const extra = extras.get(step);
    lines.push([...METRIC_COLUMNS.map((name) => shortest(store.at(name, row))), ...extraCells(extra)].join(","));
  }
  for (; next < waiting.length; next++) lines.push(extraLine(waiting[next] ?? 0, extras));
  return `${lines.join("\r\n")}\r\n`;
}

interface Extra {
  loss: number | undefined;
  tokens: number | undefined;
  seconds: number | undefined;
  events: string[];
}

function extrasByStep(store: MetricStore): Map<number, Extra> {
  const extras = new Map<number, Extra>();
  const at = (step: number): Extra => {
    const extra = extras.get(step) ?? { loss: undefined, tokens: undefined, seconds: undefined, events: [] };
    extras.set(step, extra);
    return extra;
  };
  for (const { step, loss, tokens, seconds } of store.validation) Object.assign(at(step), { loss, tokens, seconds });
  for (const { step, kind, text } of store.marks) at(step).events.push(text ? `${kind}: ${text}` : kind);
  return extras;
}

/** A step without a telemetry row: a measurement before the first update, or an event. */
function extraLine(step: number, extras: ReadonlyMap<number, Extra>): string {
  const extra = extras.get(step);
  const known: Record<string, number | undefined> = { step, tokens: extra?.tokens, seconds: extra?.seconds };
  return [...METRIC_COLUMNS.map((name) => optional(known[name])), ...extraCells(extra)].join(",");
}

function extraCells(extra: Extra | undefined): string[] {
  return [optional(extra?.loss), quoted(extra?.events.join("; ") ?? "")];
}

function optional(value: number | undefined): string {
  return value === undefined ? "" : shortest(value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The fewest digits that read back as the same 32-bit float: 0.001, not 0.0010000000474974513. */
export function shortest(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}
