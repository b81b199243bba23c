/**
 * First values of parameters. In: a spec, the seed of the run. Out: an array. Every number comes from Philox with a counter
 * made of its index and the parameter's name, so that adding a layer changes no other layer's start. Two uniform numbers
 * make two normal ones (Box and Muller 1958): √(−2 ln u)·cos 2πv and √(−2 ln u)·sin 2πv.
 */
import { sizeOf } from "../engine/graph/value";
import { type Words, philox, uniform } from "../engine/wgsl/philox";
import type { ParameterSpec } from "./parameters";

/** The last word of the counter; dropout (engine/ops/random) has 0 there, so the two never share a number. */
const INITIALIZATION = 1;

/** `out`, where it is given, is filled in place. */
export function initialize(spec: Pick<ParameterSpec, "name" | "shape" | "initialize">, seed: number, out = new Float32Array(sizeOf(spec.shape))): Float32Array {
  if (spec.initialize.kind === "constant") return out.fill(spec.initialize.value);
  const { deviation } = spec.initialize;
  const name = hashName(spec.name);
  const words: Words = [0, 0, 0, 0];
  for (let i = 0; i < out.length; i += 4) {
    [words[0], words[1], words[2], words[3]] = [i / 4, name, 0, INITIALIZATION];
    philox(words, seed, 0);
    for (let k = 0; k < 4; k += 2) {
      // 1 − u lies in (0, 1], where the logarithm is finite.
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - uniform(words[k]!)));
      const angle = 2 * Math.PI * uniform(words[k + 1]!);
      if (i + k < out.length) out[i + k] = radius * Math.cos(angle);
      if (i + k + 1 < out.length) out[i + k + 1] = radius * Math.sin(angle);
    }
  }
  return out;
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
