/**
 * FineWeb's own quality rules (Penedo et al. 2024, section 3.6), as datatrove reads them. In: a text. Out: the first rule it breaks. They find lists, menus and pages of repeated
 * lines. Lines part at line feeds alone, and blank lines count, as there; a text at a limit of end marks, short lines or repeats is dropped, as there.
 */
import { z } from "zod";
import { decimal, integer } from "../../../settings/field";
import { defineTextStep, type Drop } from "../defineStep";
import { atMost, shareOf } from "../limits";
import { countRepeats } from "../repetition";
import { findTokens } from "../textUnits";

const settings = z.object({
  endMarks: decimal({ label: "Lines with an end mark", help: "Drops texts with this share or less of lines that end in . ? ! or a quotation mark; 0 drops none.", group: "Data", min: 0, max: 1, step: 0.01, default: 0.12 }),
  shortLines: decimal({ label: "Short lines", help: "Drops texts with this share or more of short lines; 1 drops none.", group: "Data", min: 0, max: 1, step: 0.01, default: 0.67 }),
  shortLine: integer({ label: "A short line", help: "Lines of so many characters or fewer are short.", group: "Data", unit: "characters", min: 0, max: 1000, step: 1, default: 30 }),
  repeats: decimal({ label: "Characters in repeated lines", help: "Drops texts with this share or more; 1 drops none.", group: "Data", min: 0, max: 1, step: 0.01, default: 0.01 }),
  lineFeeds: decimal({ label: "Line ends per word", help: "Drops texts with more: they are lists.", group: "Data", min: 0, max: 100, step: 0.05, default: 0.3 }),
});

const END_MARK = /[.'"!?]$/;

const shareBelow = (what: string, value: number, limit: number): Drop | undefined =>
  (limit < 1 && value >= limit ? { drop: `${what} ${limit} or more`, detail: String(Number(value.toFixed(3))) } : undefined);
const shareAbove = (what: string, value: number, limit: number): Drop | undefined =>
  (limit > 0 && value <= limit ? { drop: `${what} ${limit} or less`, detail: String(Number(value.toFixed(3))) } : undefined);

export function judgeFineWeb(text: string, limits: z.output<typeof settings>): Drop | undefined {
  const lines = text.split("\n");
  const full = lines.filter((line) => line.trim() !== "");
  const share = (isCounted: (line: string) => boolean): number => lines.filter(isCounted).length / lines.length;
  const characters = text.length - (lines.length - 1);
  return shareAbove("Share of lines with an end mark", share((line) => END_MARK.test(line)), limits.endMarks)
    ?? shareBelow("Share of short lines", share((line) => line.length <= limits.shortLine), limits.shortLines)
    ?? shareBelow("Share of characters in repeated lines", shareOf(countRepeats(full).characters, characters), limits.repeats)
    ?? atMost("Line ends per word", shareOf(lines.length - 1, findTokens(text).length), limits.lineFeeds);
}

export const fineWeb = defineTextStep({
  id: "fineweb",
  label: "FineWeb quality",
  summary: "Drops lists, menus and pages with repeated lines.",
  words: "common crawl web pages boilerplate navigation menus lists",
  group: "Quality",
  defaultColumns: "text",
  version: 1,
  settings,
  presets: [
    { label: "Web pages", settings: {} },
    { label: "Short messages", settings: { endMarks: 0, shortLines: 1, repeats: 0.5, lineFeeds: 2 } },
    { label: "Instructions", settings: { endMarks: 0, shortLines: 1, repeats: 0.3, lineFeeds: 1 } },
  ],
  start: (limits) => ({ readText: (text) => judgeFineWeb(text, limits) }),
});
