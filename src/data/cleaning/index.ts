/** The registry of cleaning steps: one file and one line here per step, in the order in which they are offered. */
import { describeFields } from "../../settings/field";
import { FailureError } from "../../settings/failure";
import type { StepInfo } from "../types/cleaning";
import type { CleaningStep } from "./step";
import { conflictingLabels } from "./steps/conflictingLabels";
import { exactDuplicates } from "./steps/exactDuplicates";
import { c4 } from "./steps/c4";
import { characterShares } from "./steps/characterShares";
import { fineWeb } from "./steps/fineWeb";
import { findReplace } from "./steps/findReplace";
import { gopherQuality } from "./steps/gopherQuality";
import { gopherRepetition } from "./steps/gopherRepetition";
import { html } from "./steps/html";
import { inappropriateWords } from "./steps/inappropriateWords";
import { language } from "./steps/language";
import { leakage } from "./steps/leakage";
import { length } from "./steps/length";
import { links } from "./steps/links";
import { lowerCase } from "./steps/lowerCase";
import { missingValues } from "./steps/missingValues";
import { nearDuplicates } from "./steps/nearDuplicates";
import { personalData } from "./steps/personalData";
import { outliers } from "./steps/outliers";
import { typeFix } from "./steps/typeFix";
import { unicode } from "./steps/unicode";
import { valueClusters } from "./steps/valueClusters";
import { whitespace } from "./steps/whitespace";

export const cleaningSteps: readonly CleaningStep[] = [
  unicode,
  html,
  whitespace,
  links,
  findReplace,
  lowerCase,
  personalData,
  inappropriateWords,
  exactDuplicates,
  nearDuplicates,
  conflictingLabels,
  length,
  language,
  gopherQuality,
  gopherRepetition,
  c4,
  fineWeb,
  characterShares,
  typeFix,
  missingValues,
  valueClusters,
  outliers,
  leakage,
];

/** The step with this id; throws a FailureError that lists those there are. */
export function findStep(id: string): CleaningStep {
  const step = cleaningSteps.find((entry) => entry.id === id);
  if (step) return step;
  throw new FailureError({
    kind: "bad-settings",
    message: `There is no cleaning step "${id}".`,
    hint: `Take it out of the recipe, or use one of ${cleaningSteps.map((entry) => entry.label).join(", ")}.`,
    where: id,
  });
}

/** The steps as the page offers them, with their forms. */
export function describeSteps(): StepInfo[] {
  return cleaningSteps.map(({ id, label, summary, words, group, settings, presets, defaultColumns }) => ({
    id, label, summary, words, group, defaultColumns, fields: describeFields(settings), ...(presets && { presets }),
  }));
}
