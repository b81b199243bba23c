/**
 * A name for all that could be chosen. In: programs that stand for every run, a target. Out: the SHA-256 of the kernel texts of
 * every variant of every class of work in them: what was measured with other texts says nothing about these.
 */
import type { Target } from "../graph/op";
import { type Workload, collectClasses, workOf } from "./classes";
import { compileAlone } from "./compileAlone";

export async function hashKernels(workloads: readonly Workload[], target: Target): Promise<string> {
  const texts = collectClasses(workloads).flatMap(({ key, family, step }) =>
    family.variants(workOf(step), target).map((variant) => {
      const { kernels } = compileAlone(step, { ...target, choices: { [key]: variant } });
      return [key, variant, ...kernels.map(({ code }) => code)];
    }),
  );
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(texts)));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
