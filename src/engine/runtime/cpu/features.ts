/** What this engine's WebAssembly can do. In: nothing. Out: answers, found by offering it tiny modules. */
import { drop, f32x4 } from "../../wasm/code";
import { type Scope, defineFunction, encodeModule } from "../../wasm/module";
import type { V128 } from "../../wasm/code";

const accepts = (value: (scope: Scope) => V128): boolean => {
  const tiny = defineFunction({ parameters: 0, fma: false }, (scope) => drop(value(scope)));
  return typeof WebAssembly === "object" && WebAssembly.validate(encodeModule([tiny], { isShared: false, maximumPages: 1 }));
};

/** Vectors of four. */
export const hasVectors = (): boolean => accepts(() => f32x4.of(0));

/** Multiplication and addition with one rounding (relaxed SIMD): twice the rate where the processor has it. */
export const hasFusedMultiplyAdd = (): boolean => accepts(() => f32x4.relaxedMadd(f32x4.of(0), f32x4.of(0), f32x4.of(0)));
