/** Dates of birth. In: a text. Out: dates, in digits or with a month's name, that stand right after words for being born; other dates are no personal data. */
import { findPattern, type Recognizer } from "./recognizer";

const MONTHS = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre";
const DATE = new RegExp([
  "(?<!\\d)(?:19|20)\\d{2}[-./](?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\\d|3[01])(?!\\d)",
  "(?<!\\d)(?:0?[1-9]|[12]\\d|3[01])[-./ ](?:0?[1-9]|[12]\\d|3[01])[-./ ](?:(?:19|20)\\d{2}|\\d{2})(?!\\d)",
  `(?<!\\d)(?:0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th|\\.|er)?(?: of| de)? (?:${MONTHS})\\.?,?(?: de)? (?:19|20)\\d{2}(?!\\d)`,
  `(?<!\\p{L})(?:${MONTHS})\\.? (?:0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)?,? (?:19|20)\\d{2}(?!\\d)`,
].join("|"), "giu");
/** Ends where the date begins, with a few small words between. */
const BORN = /(?:\bborn|\bdate of birth|\bbirth ?date|\bbirthday|\bd\.?o\.?b\b\.?|\bgeb(?:oren|\.)|\bgeburtsdatum|\bnée?|\bdate de naissance|\bnacid[oa]|\bfecha de nacimiento|\bnat[oa]|\bdata di nascita)(?:[\s:=,("-]|\b(?:on|is|was|the|am|le|el|il)\b){0,6}$/iu;

export const dateOfBirth: Recognizer = {
  id: "dateOfBirth",
  label: "Dates of birth",
  help: "Dates right after \"born\", \"DOB\", \"geboren\", \"né le\" and the like.",
  tag: "BIRTH_DATE",
  default: true,
  start: () => (text) => findPattern(text, DATE, ({ 0: found, index }) =>
    (BORN.test(text.slice(Math.max(0, index - 40), index)) ? { value: found.toLowerCase(), score: 0.8 } : undefined)),
};
