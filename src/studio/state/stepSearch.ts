/**
 * Whether a cleaning step is what somebody looks for. In: a step, and what was typed. Out: whether each word typed begins or is inside a word
 * of the step: its label, its summary, the names of its settings, or the other words that people have for it. Order and signs between words do not count.
 */
import type { StepInfo } from "../../worker/protocol";

/** What is searched of a step. */
export const wordsOfStep = ({ label, summary, words }: StepInfo): string => `${label} ${summary} ${words}`;

/** `contains` compares as the language of the page does; "train/test leakage" are three words. */
export function hasWords(text: string, typed: string, contains: (text: string, part: string) => boolean): boolean {
  return typed.split(/[\s/,;]+/).every((word) => contains(text, word));
}
