/**
 * A kernel family does one kind of work in several ways (tile sizes, with or without workgroup memory, with or without
 * subgroups), all with the same meaning. Which way is fastest depends on device, browser and shape, so nobody decides it
 * by name: the tuner measures, and its choices travel in the target and are kept with each run. In: work. Out: a variant.
 */
import type { Target } from "./op";
import type { Attributes, TensorType } from "./value";

/** What an op is asked to do. */
export interface Work {
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  readonly attributes: Attributes;
}

export interface KernelFamily {
  readonly name: string;
  /** Names of the ops whose kernels come from this family. */
  readonly ops: readonly string[];
  /** Works of one class are won by the same variant; the tuner times one work of each. */
  readonly classOf: (work: Work) => string;
  /** Ids of the variants that can do this work on this target, the best guess first. Never empty. */
  readonly variants: (work: Work, target: Target) => readonly string[];
  /**
   * Whether a variant computes in less than f32. Such a one is never the best guess: the tuner takes it where it gives the numbers of
   * the others within a tolerance and is clearly faster, and only for targets that allow it (`Target.f16`).
   */
  readonly rounds?: (variant: string) => boolean;
}

/**
 * Ids of variants by "<family> <class>", or by "<family>" alone for all classes that are not named. Plain data: the same choices
 * on the same device give the same bits.
 */
export type KernelChoices = Readonly<Record<string, string>>;

const families = new Map<string, KernelFamily>();

export function defineFamily(family: KernelFamily): KernelFamily {
  for (const op of family.ops) {
    if (families.has(op)) throw new Error(`The op "${op}" is in two kernel families.`);
    families.set(op, family);
  }
  return family;
}

/** The family an op's kernels come from; undefined where there is only one way. */
export const familyOf = (op: string): KernelFamily | undefined => families.get(op);

export const choiceKey = (family: KernelFamily, work: Work): string => `${family.name} ${family.classOf(work)}`;

/** What was chosen for this work, if this target can do it; else the best guess. */
export function chooseVariant(family: KernelFamily, work: Work, target: Target): string {
  const possible = family.variants(work, target);
  const wanted = [target.choices[choiceKey(family, work)], target.choices[family.name]];
  return wanted.find((id) => id !== undefined && possible.includes(id)) ?? possible[0]!;
}
