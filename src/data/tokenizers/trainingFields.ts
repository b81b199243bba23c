/** The settings that every trained tokenizer has, and what to say when the text was too short for them. */
import { integer } from "../../settings/field";

export const vocabularySize = integer({
  label: "Vocabulary", help: "How many tokens to learn. Larger: fewer tokens per text, a larger model.", group: "Data",
  unit: "tokens", min: 260, max: 65_536, step: 1, scale: "logarithmic", default: 4096,
});

export const minimumFrequency = integer({
  label: "Least frequency", help: "A pair that stands less often than this is never joined.", group: "Data",
  unit: "times", min: 1, max: 10_000, step: 1, default: 2, advanced: true,
});

export function noteShortage(learned: number, chosen: { readonly vocabularySize: number; readonly minimumFrequency: number }): string[] {
  if (learned >= chosen.vocabularySize) return [];
  const counted = (count: number): string => count.toLocaleString("en");
  return [`The text gave ${counted(learned)} tokens instead of ${counted(chosen.vocabularySize)}: no other pair stands ${counted(chosen.minimumFrequency)} times.`];
}
