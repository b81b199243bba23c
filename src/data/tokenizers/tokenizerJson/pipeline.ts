/**
 * The steps of a tokenizer.json before its model, recognized. In: a part of the file as it was parsed. Out: what it is called here,
 * or undefined where Descent has nothing that does the same.
 */
import { PATTERNS } from "../bpe/patterns";
import type { BertTextRules } from "../wordpiece/bertText";

type Part = { readonly type: string; readonly [name: string]: unknown } | null | undefined;

const isPart = (value: unknown): value is NonNullable<Part> => typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

/** The parts of a sequence, or the part alone. */
function partsOf(part: Part, list: string): NonNullable<Part>[] | undefined {
  if (!part) return [];
  if (part.type !== "Sequence") return [part];
  const parts = part[list];
  return Array.isArray(parts) && parts.every(isPart) ? parts : undefined;
}

/** The pattern of byte-level BPE: `ByteLevel` alone, or a known expression before it. */
export function readBytePattern(preTokenizer: Part): string | undefined {
  const parts = partsOf(preTokenizer, "pretokenizers");
  const bytes = parts?.at(-1);
  if (!parts || bytes?.type !== "ByteLevel" || bytes["add_prefix_space"] === true) return undefined;
  const usesOwn = bytes["use_regex"] !== false;
  if (parts.length === 1) return usesOwn ? "gpt2" : "whole";
  const [split] = parts;
  if (parts.length !== 2 || usesOwn || split?.type !== "Split" || split["behavior"] !== "Isolated" || split["invert"] === true) return undefined;
  const regex = (split["pattern"] as { Regex?: unknown } | null)?.Regex;
  return PATTERNS.find((pattern) => pattern.regex !== "" && pattern.regex === regex)?.id;
}

export function readNormalization(normalizer: Part): "none" | "NFC" | undefined {
  const parts = partsOf(normalizer, "normalizers");
  if (!parts || parts.some(({ type }) => type !== "NFC")) return undefined;
  return parts.length === 0 ? "none" : "NFC";
}

export function readBertRules(normalizer: Part): BertTextRules | undefined {
  if (!normalizer) return { cleaned: false, lowercase: false, stripAccents: false, spacedChinese: false };
  if (normalizer.type !== "BertNormalizer") return undefined;
  const { clean_text: cleaned, handle_chinese_chars: spacedChinese, strip_accents: accents, lowercase } = normalizer;
  return { cleaned: cleaned !== false, lowercase: lowercase !== false, stripAccents: typeof accents === "boolean" ? accents : lowercase !== false, spacedChinese: spacedChinese !== false };
}
