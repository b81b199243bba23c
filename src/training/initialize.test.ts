/** First values: repeatable, independent of each other, and normal. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { initialize } from "./initialize";
import { makeDecoder } from "./models/decoder";
import { MODELS } from "./models/index";
import type { DecoderConfig } from "./models/decoder";

const weight = (name: string, size: number) => ({ name, shape: [size], initialize: { kind: "normal", deviation: 0.02 } as const });

test("the same seed and name give the same numbers, whatever the length; others give others", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.string(), fc.integer({ min: 1, max: 40 }), (seed, name, size) => {
      const values = initialize(weight(name, size), seed);
      expect(initialize(weight(name, size), seed)).toEqual(values);
      expect(initialize(weight(name, size + 3), seed).subarray(0, size)).toEqual(values);
      expect(initialize(weight(name, size), (seed + 1) % 2 ** 32)).not.toEqual(values);
      expect(initialize(weight(`${name}x`, size), seed)).not.toEqual(values);
    }),
  );
});

test("the numbers are normal: moments and tails of 200,000 of them", () => {
  const n = 200_000;
  const values = Array.from(initialize(weight("w", n), 7), (value) => value / 0.02);
  const moment = (power: number): number => values.reduce((total, value) => total + value ** power, 0) / n;
  // Four standard errors of each moment.
  expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  expect(values.filter((value) => Math.abs(value) > 1.96).length / n).toBeCloseTo(0.05, 2);
  const neighbors = values.slice(1).reduce((total, value, at) => total + value * values[at]!, 0) / n;
  expect(Math.abs(neighbors)).toBeLessThan(4 / Math.sqrt(n));
});

test("one more layer changes no other layer but for the residual scale", () => {
  const decoder = (layers: number) => {
    const configured = MODELS[0]!.configure({ layers, width: 16 }, 9);
    return makeDecoder((configured as { config: DecoderConfig }).config).parameters;
  };
  const deeper = new Map(decoder(3).map((spec) => [spec.name, spec]));
  for (const spec of decoder(2)) {
    const other = deeper.get(spec.name)!;
    const ratio = spec.initialize.kind === "normal" && other.initialize.kind === "normal" ? other.initialize.deviation / spec.initialize.deviation : 1;
    const [a, b] = [initialize(spec, 5), initialize(other, 5)];
    for (let i = 0; i < a.length; i += 1) expect(Math.abs(a[i]! * ratio - b[i]!)).toBeLessThan(1e-8);
  }
});

test("residual projections start smaller; gains at one, biases at zero", () => {
  const { parameters } = makeDecoder((MODELS[0]!.configure({ layers: 8, width: 16 }, 9) as { config: DecoderConfig }).config);
  const start = (name: string) => parameters.find((spec) => spec.name === name)!.initialize;
  expect(start("layers.0.attention.qkv.weight")).toEqual({ kind: "normal", deviation: 0.02 });
  expect(start("layers.0.attention.output.weight")).toEqual({ kind: "normal", deviation: 0.005 });
  expect(start("layers.7.feedForward.down.weight")).toEqual({ kind: "normal", deviation: 0.005 });
  expect(start("finalNorm.gain")).toEqual({ kind: "constant", value: 1 });
  expect(start("finalNorm.bias")).toEqual({ kind: "constant", value: 0 });
});
