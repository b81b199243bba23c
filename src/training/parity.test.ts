/** Our models, losses, gradients and AdamW against PyTorch's, on the reference ops in f32 and f64 and on the CPU runtime. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { evaluate } from "../engine/graph/evaluate";
import { runOnCpu } from "../engine/testing/runGraph";
import { type Execute, measureParity, parityProblems } from "./testing/parity";
import { PARITY_FIXTURES, type ParityFixture, readParityFixture } from "./testing/parityFixture";

function load(name: string): ParityFixture {
  const file = readFileSync(fileURLToPath(new URL(`fixtures/${name}.safetensors`, import.meta.url)));
  return readParityFixture(new Uint8Array(file).buffer);
}

const inPrecision = (precision: "f64" | "f32"): Execute => (outputs, data) => evaluate(outputs, data, precision);

test.each(PARITY_FIXTURES)("%s: logits, gradients and ten updates in f32 are PyTorch's", async (name) => {
  expect(parityProblems(await measureParity(load(name), inPrecision("f32")))).toEqual([]);
});

test.each(PARITY_FIXTURES)("%s: the losses in f64 are PyTorch's in f64, to far more digits", async (name) => {
  const report = await measureParity(load(name), inPrecision("f64"));
  expect(parityProblems(report)).toEqual([]);
  // The rotary tables are kept in f32, which the f64 model of PyTorch does not do.
  expect(report.losses64).toBeLessThan(name === "llama" ? 1e-8 : 1e-12);
});

test.each(PARITY_FIXTURES)("%s: the compiled programs on the CPU runtime agree too", async (name) => {
  expect(parityProblems(await measureParity(load(name), runOnCpu))).toEqual([]);
});

test.each<[string, Partial<ParityFixture["config"]>]>([
  ["another epsilon", { epsilon: 1e-3 }],
  ["queries, keys and values cut into other heads", { heads: 4, keyValueHeads: 4 }],
])("the comparison notices %s", async (_, change) => {
  const fixture = load("gpt");
  const report = await measureParity({ ...fixture, config: { ...fixture.config, ...change } }, inPrecision("f32"));
  expect(parityProblems(report)).toContainEqual(expect.stringContaining("logits: cosine"));
});

test("the comparison notices another rotary base", async () => {
  const fixture = load("llama");
  const report = await measureParity({ ...fixture, config: { ...fixture.config, rotaryBase: 9000 } }, inPrecision("f32"));
  expect(parityProblems(report)).toContainEqual(expect.stringContaining("logits: cosine"));
});

test("the comparison notices a clipping limit and a decay that are not PyTorch's", async () => {
  const fixture = load("gpt-accumulated");
  for (const change of [{ clip: 0 }, { weightDecay: 0 }, { beta2: 0.96 }]) {
    const report = await measureParity({ ...fixture, training: { ...fixture.training, ...change } }, inPrecision("f32"));
    expect(parityProblems(report)).not.toEqual([]);
  }
});
