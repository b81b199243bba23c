/**
 * Text as BERT sees it. In: a text and what is taken out of it. Out: the cleaned text, and its words: white space parts words,
 * every punctuation mark is one of its own. The rules are those of BertNormalizer and BertPreTokenizer in Hugging Face's
 * `tokenizers` (google-research/bert, tokenization.py).
 */
export interface BertTextRules {
  /** Control characters and U+FFFD go, white space becomes a blank. */
  readonly cleaned: boolean;
  readonly lowercase: boolean;
  readonly stripAccents: boolean;
  /** Chinese characters stand alone, as words do. */
  readonly spacedChinese: boolean;
}

const DROPPED = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD](?<![\t\n\r])/gu;
const WHITE_SPACE = /\p{White_Space}/gu;
/** The blocks of Chinese characters that BERT knows; those of Japanese and Korean syllables are not among them. */
const CHINESE = /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;
const WORD = /[\p{P}$+<=>^`|~]|[^\p{P}$+<=>^`|~\p{White_Space}]+/gu;

export function normalizeBertText(text: string, rules: BertTextRules): string {
  let result = text;
  if (rules.cleaned) result = result.replace(DROPPED, "").replace(WHITE_SPACE, " ");
  if (rules.spacedChinese) result = result.replace(CHINESE, " $& ");
  if (rules.stripAccents) result = result.normalize("NFD").replace(/\p{Mn}/gu, "");
  // Letter by letter: JavaScript alone would write a capital sigma at the end of a word as ς.
  if (rules.lowercase) result = result.replaceAll("Σ", "σ").toLowerCase();
  return result;
}

/** Calls `visit` with the start and end of every word of a normalized text. */
export function scanBertWords(text: string, visit: (start: number, end: number) => void): void {
  for (const { 0: word, index } of text.matchAll(WORD)) visit(index, index + word.length);
}
