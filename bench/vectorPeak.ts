/**
 * What a core can do with WebAssembly's vectors of four at best: a loop that only multiplies and adds, in registers. In: whether in one
 * instruction (relaxed SIMD). Out: a run, and the multiplications and additions of it.
 */
import { type Local, all, f32x4, forRange, set, storeVector } from "../src/engine/wasm/code";
import { multiplyAdd } from "../src/engine/wasm/math";
import { defineFunction, encodeModule } from "../src/engine/wasm/module";

/** Enough to have two under way in each of the four cycles that one takes, few enough for the registers. */
const SUMS = 12;
const WRITTEN_OUT = 4;
const TURNS = 500_000;

export interface Peak {
  readonly run: () => void;
  readonly work: number;
}

export function makePeak(fma: boolean): Peak {
  const loop = defineFunction({ parameters: 0, fma, name: "run" }, (scope) => {
    const [turn, factor] = [scope.local("i32"), scope.local("v128")];
    const sums = Array.from({ length: SUMS }, (): Local<"v128"> => scope.local("v128"));
    const once = sums.map((sum) => set(sum, multiplyAdd(scope, factor, factor, sum)));
    return all(
      set(factor, f32x4.of(1e-3)),
      forRange(turn, 0, TURNS, 1, all(...Array.from({ length: WRITTEN_OUT }, () => once).flat())),
      ...sums.map((sum, index) => storeVector(0, sum, 16 * index)),
    );
  });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(encodeModule([loop], { isShared: false, maximumPages: 1 }));
  const run = new WebAssembly.Instance(module, { env: { memory } }).exports["run"] as () => void;
  // Four lanes, two operations each.
  return { run, work: 8 * SUMS * WRITTEN_OUT * TURNS };
}
