/**
 * Personal data in text. In: a text. Out: edits that mask, replace or hash what was found, a column that lists it, or the reason why its row goes. What is found is up to the recognizers that are on; equal
 * values get equal masks over the whole dataset, numbered in the order in which they come, so a text still tells that two messages name one person.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { choice, decimal, text, toggle } from "../../../settings/field";
import { column } from "../../table/table";
import { applyToTexts, defineStep, textsOf } from "../defineStep";
import { recognizers } from "../personal/index";
import { findAll, type Found, type StartedRecognizer } from "../personal/recognizer";
import type { CellChange, Row, RowOutcome, StepContext, StepRun } from "../step";
import { freshName } from "../targets";

const settings = z.object({
  action: choice({
    label: "What is found becomes", help: "How personal data is taken out.", group: "Data", default: "mask",
    options: [
      { id: "mask", label: "A numbered mask", summary: "[EMAIL_1], the same number for the same address in all rows." },
      { id: "fixed", label: "A plain mask", summary: "[EMAIL] for all." },
      { id: "hash", label: "A hash", summary: "[EMAIL:3fa9c1d2], the same in every dataset cleaned with the same key." },
      { id: "tag", label: "A list in a new column", summary: "The text stays; a column says what was found." },
      { id: "drop", label: "A reason to drop the row", summary: "Rows with personal data go." },
    ],
  }),
  ...Object.fromEntries(recognizers.map(({ id, label, help, default: isOn }) => [id, toggle({ label, help, group: "Data", default: isOn })])),
  country: text({ label: "Country", help: "Two letters: where phone numbers without a + are from.", group: "Data", default: "US", maxLength: 2 }),
  publicOnly: toggle({ label: "Public IP addresses only", help: "Leaves out addresses of private networks.", group: "Data", default: true }),
  sureness: decimal({ label: "Sureness", help: "Takes what is at least so sure; lower finds more and errs more.", group: "Data", min: 0, max: 1, step: 0.05, default: 0.5 }),
  key: text({ label: "Key of the hash", help: "Whoever lacks it cannot find a number by trying all numbers.", group: "Data", default: "", maxLength: 200, advanced: true }),
});
type Settings = z.output<typeof settings> & Readonly<Record<string, unknown>>;

async function startRecognizers(chosen: Settings): Promise<StartedRecognizer[]> {
  const on = recognizers.filter(({ id }) => chosen[id] === true);
  return Promise.all(on.map(async (recognizer) => ({ recognizer, find: await recognizer.start(chosen) })));
}

/** What stands where something was found. Numbers are given once and stay, however often the rows are gone through. */
function createMask({ action, key }: Settings): (found: Found) => string {
  const numbers = new Map<string, Map<string, number>>();
  return ({ tag, value }) => {
    if (action === "fixed") return `[${tag}]`;
    if (action === "hash") return `[${tag}:${bytesToHex(sha256(utf8ToBytes(`${key}\n${tag}\n${value}`))).slice(0, 8)}]`;
    const known = numbers.get(tag) ?? new Map<string, number>();
    numbers.set(tag, known);
    const number = known.get(value) ?? known.size + 1;
    known.set(value, number);
    return `[${tag}_${number}]`;
  };
}

/** "EMAIL me@example.org; PHONE +4930901820" in a column of its own. */
function listFound(context: StepContext, find: (text: string) => Found[]): Pick<StepRun, "adds" | "apply"> {
  const name = freshName(context.columns, "personal data");
  const apply = (cells: Row): RowOutcome => {
    const found = textsOf(context, cells).flatMap(find);
    if (found.length === 0) return undefined;
    const list: CellChange = { column: context.columns.length, after: found.map(({ tag, value }) => `${tag} ${value}`).join("; ") };
    return { action: "change", changes: [list] };
  };
  return { adds: [column(name)], apply };
}

export const personalData = defineStep({
  id: "personal-data",
  label: "Personal data",
  summary: "Masks, lists or drops addresses, numbers, keys and other things that point to a person.",
  words: `pii privacy anonymize anonymise redact mask gdpr email e-mail phone telephone mobile address card credit debit bank account iban ip mac ssn social security passport tax number birthday wallet bitcoin api key password token gps location username handle ${recognizers.map(({ label }) => label).join(" ")}`,
  group: "Personal data",
  defaultColumns: "text",
  version: 1,
  settings,
  start: async (chosen: Settings, context) => {
    const started = await startRecognizers(chosen);
    const counts = new Map<string, number>();
    const find = (text: string): Found[] => {
      const found = findAll(text, started, chosen.sureness);
      for (const { tag } of found) counts.set(tag, (counts.get(tag) ?? 0) + 1);
      return found;
    };
    const told = {
      restart: () => counts.clear(),
      notes: () => (counts.size === 0 ? [] : [`Found ${Array.from(counts, ([tag, count]) => `${count.toLocaleString("en")} × ${tag}`).join(", ")}.`]),
    };
    if (chosen.action === "tag") return { ...told, ...listFound(context, find) };
    const mask = createMask(chosen);
    return {
      ...told,
      apply: applyToTexts(context, (text) => {
        const found = find(text);
        if (found.length === 0) return undefined;
        if (chosen.action === "drop") return { drop: `Personal data: ${found[0]!.tag}` };
        return found.map((one) => ({ start: one.start, end: one.end, text: mask(one), what: one.tag }));
      }),
    };
  },
});
