/**
 * Makes one spelling of what looks alike. In: a text. Out: edits: wrongly decoded UTF-8 repaired, characters that cannot be seen removed, quotes,
 * dashes, ligatures and full-width letters written plainly, then a Unicode normal form (UAX #15). Joiners stay where scripts and emoji need them.
 */
import { z } from "zod";
import { choice, toggle } from "../../../settings/field";
import type { TextEdit } from "../../types/cleaning";
import { defineTextStep } from "../defineStep";
import { chainEdits, replaceMatches } from "../edits";
import { repairMojibake } from "../mojibake";
import { normalizeEdits } from "../normalization";

const settings = z.object({
  form: choice({
    label: "Normal form", help: "One code for what can be written with several.", group: "Data", default: "NFC",
    options: [
      { id: "NFC", label: "NFC", summary: "Accents joined to their letters; nothing visible changes." },
      { id: "NFKC", label: "NFKC", summary: "Also ²→2, ﬁ→fi, ①→1, full width → plain: smaller alphabet, loses distinctions." },
      { id: "none", label: "Leave", summary: "Characters stay as they were written." },
    ],
  }),
  mojibake: toggle({ label: "Repair wrong decoding", help: "Writes â€™ as ’ and Ã© as é where the bytes prove it.", group: "Data", default: true }),
  zeroWidth: toggle({ label: "Zero-width characters", help: "Removes characters of no width, save joiners that scripts and emoji need.", group: "Data", default: true }),
  bidi: toggle({ label: "Direction marks", help: "Removes invisible marks that turn the direction of text.", group: "Data", default: true }),
  control: toggle({ label: "Control characters", help: "Removes control characters other than tabs and line ends.", group: "Data", default: true }),
  quotes: toggle({ label: "Straight quotes", help: "Writes “ ” « » „ as \" and ‘ ’ as '.", group: "Data", default: false }),
  dashes: toggle({ label: "Plain dashes", help: "Writes every dash and the minus sign as -, and … as three dots.", group: "Data", default: false }),
  ligatures: toggle({ label: "Ligatures", help: "Writes ﬁ as fi, ﬀ as ff.", group: "Data", default: true }),
  fullWidth: toggle({ label: "Full-width letters", help: "Writes Ａ１！ as A1!.", group: "Data", default: false }),
});
type Settings = z.output<typeof settings>;
type Rule = (text: string) => readonly TextEdit[];

// C0 and C1 without tab, line feed, vertical tab, form feed, return and next line, which are white space; unassigned interlinear marks.
const CONTROLS = /[\0-\x08\x0E-\x1F\x7F-\x84\x86-\x9F\uFFF9-\uFFFB]+/g;
/** A joiner has work to do after letters of scripts that join and after emoji; after others it is a leftover. */
const ZERO_WIDTH = /[\u00AD\u180E\u200B\u2060-\u2064\uFEFF]+|(?<=^|[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{N}\p{P}\p{Z}\s])[\u200C\u200D]+/gu;
const DIRECTION = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/g;
const QUOTES = /[“”„‟«»″〝〞＂]|[‘’‚‛‹›′＇]/g;
const SINGLE_QUOTE = /[‘’‚‛‹›′＇]/;
const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]|…/g;
const LIGATURES = /[\uFB00-\uFB06]/g;
const FULL_WIDTH = /[\uFF01-\uFF5E]/g;
/** All of ASCII that is printed, and white space: no rule has anything to do. */
const PLAIN = /^[\t-\r\x20-\x7E]*$/;

const removing = (pattern: RegExp, what: string): Rule => (text) => replaceMatches(text, pattern, () => "", what);

function chooseRules({ form, ...chosen }: Settings): Rule[] {
  const rules: readonly (readonly [boolean, Rule])[] = [
    [chosen.mojibake, repairMojibake],
    [chosen.control, removing(CONTROLS, "control character")],
    [chosen.zeroWidth, removing(ZERO_WIDTH, "zero-width character")],
    [chosen.bidi, removing(DIRECTION, "direction mark")],
    [chosen.ligatures, (text) => replaceMatches(text, LIGATURES, (match) => match.normalize("NFKC"), "ligature")],
    [chosen.fullWidth, (text) => replaceMatches(text, FULL_WIDTH, (match) => String.fromCharCode(match.charCodeAt(0) - 0xfee0), "full-width letter")],
    [chosen.quotes, (text) => replaceMatches(text, QUOTES, (match) => (SINGLE_QUOTE.test(match) ? "'" : '"'), "quote")],
    [chosen.dashes, (text) => replaceMatches(text, DASHES, (match) => (match === "…" ? "..." : "-"), "dash")],
    [form !== "none", (text) => (form === "none" ? [] : normalizeEdits(text, form))],
  ];
  return rules.flatMap(([isOn, rule]) => (isOn ? [rule] : []));
}

export const unicode = defineTextStep({
  id: "unicode",
  label: "Unicode",
  summary: "Repairs wrongly decoded text, removes invisible characters and gives equal text equal codes.",
  words: "mojibake encoding accents normalize normalization nfc nfkc invisible characters zero-width control smart quotes dashes umlauts broken ftfy",
  group: "Text",
  defaultColumns: "text",
  version: 1,
  settings,
  start: (chosen) => {
    const rules = chooseRules(chosen);
    return { readText: (text) => (PLAIN.test(text) ? undefined : chainEdits(text, rules)) };
  },
});
