/** What the command line of the benchmark means: who takes part where, and which words contradict each other. */
import { describe, expect, test } from "vitest";
import { contendersAt } from "./contenders.mjs";
import { readOptions } from "./options.mjs";
import type { SizeName } from "./sizes";

const taking = (words: string, size: SizeName = "s", device: "slow" | "fast" = "slow"): string[] =>
  contendersAt(readOptions(words.split(" ").filter(Boolean)), size, device === "slow");

describe("who takes part", () => {
  test("both runtimes and all their peers, Descent on WebGPU first", () => {
    expect(taking("")).toEqual(["descent", "jax", "tfjs", "descent-cpu", "jax-wasm", "tfjs-wasm"]);
  });
  test("at L nobody whose step takes minutes, and on a real GPU nobody on the processor", () => {
    expect(taking("", "l")).toEqual(["descent", "jax", "descent-cpu", "jax-wasm"]);
    expect(taking("", "l", "fast")).toEqual(["descent", "jax"]);
  });
  test("with --cpu only those on the processor, Descent's runtime there first", () => {
    expect(taking("--cpu")).toEqual(["descent-cpu", "jax-wasm", "tfjs-wasm"]);
    expect(taking("--cpu", "l")).toEqual(["descent-cpu", "jax-wasm"]);
    expect(taking("--cpu --only descent")).toEqual(["descent-cpu"]);
  });
  test("whoever is asked for, at L too", () => {
    expect(taking("--peers jax,tfjs", "l")).toEqual(["descent", "jax", "tfjs"]);
    expect(taking("--peers descent-cpu")).toEqual(["descent", "descent-cpu"]);
    expect(taking("--cpu --peers tfjs-wasm", "l")).toEqual(["descent-cpu", "tfjs-wasm"]);
    expect(taking("--only descent")).toEqual(["descent"]);
    expect(taking("--node")).toEqual(["descent"]);
    expect(taking("--node --torch", "xl")).toEqual(["descent", "torch"]);
    expect(taking("--cpu --torch", "l")).toEqual(["descent-cpu", "jax-wasm", "torch"]);
  });
});

test.each([
  ["--peers jax --cpu", 'There is no peer "jax" here; there are jax-wasm, tfjs-wasm.'],
  ["--peers jax --node", 'There is no peer "jax" here; there is none.'],
  ["--cpu --node", "--cpu measures in a browser"],
  ["--only jax", '--only takes "descent"'],
  ["--sizes xl", 'There is no size "xl"'],
  ["--kernels --generate", "ask for one"],
  ["--torch --kernels", "--kernels measures something else"],
  ["--runs 0", "must be a whole number from 1"],
  ["--fast", "were not understood"],
])("%s is refused", (words, reason) => {
  expect(() => readOptions(words.split(" "))).toThrow(reason);
});
