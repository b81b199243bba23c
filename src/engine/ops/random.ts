/**
 * Random numbers that a position makes, not a state: in: key u32 [2] = (seed, step) and a site (which place in the model).
 * Out: uniform numbers in [0, 1). Philox with counter (index / 4, step, site, 0) and key (seed, 0); one invocation makes the
 * four numbers of one counter. CPU and GPU agree bit for bit.
 */
import { type Op, defineOp } from "../graph/op";
import { ShapeError, type TensorType, type Value, applyOne, sizeOf } from "../graph/value";
import { itemKernel, read, write } from "../wgsl/kernel";
import { PHILOX_WGSL, type Words, philox, uniform } from "../wgsl/philox";

/** WGSL for the four uniform numbers of item `item`; reads the operand `key`. */
export const fourUniforms = (site: number): string =>
  `uniforms(philox(vec4u(item, key[1], ${site}u, 0u), vec2u(key[0], 0u)))`;

export function requireKey(name: string, key: TensorType, site: number): void {
  if (key.dtype !== "u32" || sizeOf(key.shape) !== 2) throw new ShapeError(name, [key], "takes a key u32 [2]: seed and step.");
  if (!Number.isInteger(site) || site < 0 || site > 0xffffffff) throw new ShapeError(name, [key], `site ${site} is not a u32.`);
}

const randomUniformOp: Op = defineOp({
  name: "randomUniform",
  inputs: ["key"],
  outputs: ["y"],
  infer: ([key], attributes) => {
    requireKey("randomUniform", key!, attributes["site"] as number);
    return [{ shape: attributes["shape"] as number[], dtype: "f32" }];
  },
  reference: ({ inputs, outputs, attributes }) => {
    const [seed, step] = inputs[0]! as Uint32Array;
    const y = outputs[0]!;
    const words: Words = [0, 0, 0, 0];
    for (let i = 0; i < y.length; i += 4) {
      [words[0], words[1], words[2], words[3]] = [i / 4, step!, attributes["site"] as number, 0];
      philox(words, seed!, 0);
      for (let k = 0; k < 4 && i + k < y.length; k += 1) y[i + k] = uniform(words[k]!);
    }
  },
  lower: ({ outputTypes, attributes }) => {
    const size = sizeOf(outputTypes[0]!.shape);
    const kernel = itemKernel({
      label: "randomUniform",
      bindings: { key: read("u32"), y: write(size % 4 === 0 ? "vec4f" : "f32") },
      declarations: PHILOX_WGSL,
      workgroupSize: 64,
      items: Math.ceil(size / 4),
      body: `  let u = ${fourUniforms(attributes["site"] as number)};\n${storeFour("y", "u", size)}`,
    });
    return { kernels: [kernel] };
  },
});

/** WGSL that stores a vec4 as elements 4·item … of an array of `size` numbers (bound as vec4f where `size` allows). */
export function storeFour(name: string, value: string, size: number): string {
  if (size % 4 === 0) return `  ${name}[item] = ${value};`;
  return [0, 1, 2, 3].map((k) => `  if (item * 4u + ${k}u < ${size}u) { ${name}[item * 4u + ${k}u] = ${value}[${k}]; }`).join("\n");
}

/** Uniform numbers in [0, 1) of any shape; `key` is u32 [2] = (seed, step). Different sites give independent numbers. */
export function randomUniform(key: Value, shape: readonly number[], site: number): Value {
  return applyOne(randomUniformOp, [key], { shape: [...shape], site });
}
