/**
 * The decoder in every mix of its choices, in f64: gradients of the whole model against finite differences, one token at a
 * time with a cache against whole windows, and dropout.
 */
import { expect, test } from "vitest";
import { differentiate } from "../../engine/graph/differentiate";
import { evaluate, prepare } from "../../engine/graph/evaluate";
import { leaf } from "../../engine/graph/leaf";
import { type Value, f32, sizeOf, sortNodes, u32 } from "../../engine/graph/value";
import { slopeAlong } from "../../engine/testing/finiteDifference";
import { initialize } from "../initialize";
import type { Values } from "../layers/layer";
import { constantLeaves } from "../layers/positions";
import { causalLm } from "../objectives/causalLm";
import { allocateBatch } from "../objectives/objective";
import { type Decoder, type DecoderConfig, makeDecoder } from "./decoder";

const EXTENT = { batch: 2, time: 3, vocabularySize: 5 };
const TOKENS = Uint8Array.from([1, 4, 2, 0, 2, 2, 3, 1]);
const KEY = Uint32Array.from([9, 4]);

function mixes(): DecoderConfig[] {
  const flags = [true, false];
  const configs: DecoderConfig[] = [];
  for (const normalization of ["layerNorm", "rmsNorm"] as const)
    for (const positions of ["learned", "rotary"] as const)
      for (const feedForward of ["gelu", "swiglu"] as const)
        for (const keyValueHeads of [2, 1])
          for (const tied of flags)
            for (const biases of flags)
              configs.push({
                vocabularySize: 5, contextLength: 4, layers: 2, heads: 2, width: 8, hiddenWidth: 6, dropout: 0, epsilon: 1e-5, rotaryBase: 100, recomputed: false,
                normalization, positions, feedForward, keyValueHeads, tied, biases,
              });
  return configs;
}

const nameOf = ({ normalization, positions, feedForward, keyValueHeads, tied, biases }: DecoderConfig): string =>
  `${normalization}, ${positions}, ${feedForward}, ${keyValueHeads} key-value heads, ${tied ? "tied" : "untied"}, ${biases ? "biases" : "no biases"}`;

const leavesOf = (model: Decoder): Values => Object.fromEntries(model.parameters.map(({ name, shape }) => [name, leaf(name, f32(...shape))]));

/** Weights large enough that every part matters, gains and biases included. */
function weightsOf(model: Decoder): Record<string, Float64Array> {
  const start = (spec: Decoder["parameters"][number]): Float64Array => {
    const base = spec.initialize.kind === "constant" ? spec.initialize.value : 0;
    return Float64Array.from(initialize({ ...spec, initialize: { kind: "normal", deviation: 0.4 } }, 3), (value) => base + value);
  };
  return Object.fromEntries(model.parameters.map((spec) => [spec.name, start(spec)]));
}

const tablesOf = (model: Decoder): Record<string, Float32Array> => Object.fromEntries(model.constants.map(({ name, data }) => [name, data]));

/** The largest difference between the gradient and finite differences, each tensor along a mixed direction of its own. */
function gradientError(config: DecoderConfig): number {
  const model = makeDecoder(config);
  const parameters = leavesOf(model);
  const types = causalLm.inputTypes(EXTENT);
  const inputs = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, leaf(name, type)]));
  const dropoutKey = leaf("key", u32(2));
  const call = { model, parameters, constants: constantLeaves(model.constants), inputs, extent: EXTENT, ...(config.dropout > 0 ? { dropoutKey } : {}) };
  const loss = causalLm.loss(causalLm.hidden(call), call);
  const gradients = differentiate(loss, Object.values(parameters));
  const batch = allocateBatch(causalLm, EXTENT);
  causalLm.collate(TOKENS, [0, 4], EXTENT, batch);
  const weights = weightsOf(model);
  const data: Record<string, ArrayLike<number>> = { ...weights, ...tablesOf(model), ...batch, key: KEY };
  const found = evaluate(gradients, data);

  const leaves = sortNodes([loss]).filter((node) => node.op.name === "leaf").map((node) => node.outputs[0]!);
  const run = prepare([loss], leaves, "f64");
  const arrays = leaves.map((value) => data[String(value.node.attributes["name"])] as Float64Array);
  const out = [new Float64Array(1)];
  const errors = model.parameters.map(({ name, shape }, index) => {
    // Of length about 1, so that the step is as long for a matrix as for a vector.
    const direction = Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + i * 1.7 + index) / Math.sqrt(sizeOf(shape) / 2));
    const at = leaves.findIndex((value) => value.node.attributes["name"] === name);
    const lossAt = (x: Float64Array): number => {
      run(arrays.map((array, i) => (i === at ? x : array)), out);
      return out[0]![0]!;
    };
    const expected = slopeAlong(lossAt, weights[name]!, direction, 5e-4);
    const slope = direction.reduce((sum, value, i) => sum + value * found[index]![i]!, 0);
    return Math.abs(slope - expected) / Math.max(1, Math.abs(expected));
  });
  return Math.max(...errors);
}

test.each(mixes().map((config) => [nameOf(config), config] as const))("gradients: %s", (_, config) => {
  expect(gradientError(config)).toBeLessThan(1e-8);
});

test("gradients with dropout on: the backward pass drops what the forward pass dropped", () => {
  expect(gradientError({ ...mixes()[0]!, dropout: 0.3 })).toBeLessThan(1e-8);
});

test("gradients of blocks that are computed again", () => {
  for (const config of [mixes()[0]!, mixes().at(-1)!]) expect(gradientError({ ...config, recomputed: true, dropout: 0.3 })).toBeLessThan(1e-8);
});

test.each(mixes().map((config) => [nameOf(config), config] as const))("one token at a time: %s", (_, config) => {
  const model = makeDecoder(config);
  const [parameters, constants] = [leavesOf(model), constantLeaves(model.constants)];
  const ids = [3, 0, 4, 1];
  const data = { ...weightsOf(model), ...tablesOf(model) };
  const hidden = model.hidden({ parameters, constants, tokens: { ids: leaf("ids", u32(4)) }, time: 4 });
  const [whole] = evaluate([model.head(hidden, parameters)], { ...data, ids });

  const caches = Array.from({ length: config.layers }, (__, layer) => leaf(`cache${layer}`, model.cacheType));
  const decoded = model.decode({ parameters, constants, token: leaf("token", u32(1)), position: leaf("position", u32(1)), caches });
  // What lies in rows that were not written yet must not matter.
  let kept: ArrayLike<number>[] = caches.map(() => new Float64Array(sizeOf(model.cacheType.shape)).fill(77));
  ids.forEach((token, position) => {
    const held = Object.fromEntries(kept.map((cache, layer) => [`cache${layer}`, cache]));
    const [logits, ...next] = evaluate([decoded.logits, ...decoded.caches], { ...data, ...held, token: [token], position: [position] });
    kept = next;
    const expected = whole!.subarray(position * 5, position * 5 + 5);
    for (let v = 0; v < 5; v += 1) expect(Math.abs(logits![v]! - expected[v]!)).toBeLessThan(1e-12);
  });
});

test("the future does not leak into the past", () => {
  for (const config of mixes().filter(({ tied, biases }) => tied && biases)) {
    const model = makeDecoder(config);
    const parameters = leavesOf(model);
    const hidden = model.hidden({ parameters, constants: constantLeaves(model.constants), tokens: { ids: leaf("ids", u32(8)) }, time: 4 });
    const data = { ...weightsOf(model), ...tablesOf(model) };
    const [a, b] = [[1, 2, 3, 4, 0, 1, 2, 3], [1, 2, 0, 4, 0, 1, 2, 3]].map((ids) => evaluate([hidden], { ...data, ids })[0]!);
    const changed = Array.from({ length: 8 }, (_, row) => a!.subarray(row * 8, row * 8 + 8).some((value, i) => value !== b![row * 8 + i]));
    expect(changed).toEqual([false, false, true, true, false, false, false, false]);
  }
});

test("dropout: only with a key, one site for the embeddings and two for each layer, another mask for another key", () => {
  const config = { ...mixes()[0]!, dropout: 0.5 };
  const model = makeDecoder(config);
  const parameters = leavesOf(model);
  const build = (key?: Value): Value =>
    model.hidden({ parameters, constants: {}, tokens: { ids: leaf("ids", u32(4)) }, time: 4, ...(key ? { dropoutKey: key } : {}) });
  const dropped = build(leaf("key", u32(2)));
  const sites = (value: Value): unknown[] => sortNodes([value]).filter((node) => node.op.name === "dropout").map((node) => node.attributes["site"]);
  expect(sites(dropped)).toEqual([0, 1, 2, 3, 4]);
  expect(sites(build())).toEqual([]);
  const at = (key: number[]): number[] => Array.from(evaluate([dropped], { ...weightsOf(model), ids: [1, 2, 3, 4], key })[0]!);
  expect(at([1, 1])).toEqual(at([1, 1]));
  expect(at([1, 1])).not.toEqual(at([1, 2]));
});
