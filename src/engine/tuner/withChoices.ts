/**
 * The same device with other kernel choices. In: a runtime, choices. Out: a runtime that shares everything with the first,
 * compiled pipelines too, but whose target says what was chosen.
 */
import type { KernelChoices } from "../graph/kernelFamily";
import type { Runtime } from "../runtime/runtime";

export const withChoices = (runtime: Runtime, choices: KernelChoices): Runtime => ({ ...runtime, target: { ...runtime.target, choices } });
