/** The choosable models: what they become, which sizes they refuse and what they advise, and their places in checkpoints. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { sizeOf } from "../../engine/graph/value";
import { describeFields } from "../../settings/field";
import { countParameters, readParameter, writeParameter } from "../parameters";
import { type DecoderConfig, makeDecoder } from "./decoder";
import { MODELS } from "./index";
import type { Configured } from "./model";

const configure = (id: string, settings: object, vocabularySize = 65): Configured => MODELS.find((model) => model.id === id)!.configure(settings, vocabularySize);

function configOf(id: string, settings: object, vocabularySize = 65): DecoderConfig {
  const configured = configure(id, settings, vocabularySize);
  if (!configured.ok) throw new Error(configured.problems.join(" "));
  return configured.config;
}

test.each(MODELS.map(({ id }) => id))("%s works with its defaults, and every field has a label and help", (id) => {
  const model = MODELS.find((one) => one.id === id)!;
  const defaults = Object.fromEntries(describeFields(model.settings).map((field) => [field.id, field.default]));
  expect(configOf(id, defaults)).toEqual(configOf(id, {}));
  for (const field of describeFields(model.settings)) expect(field.label.length * field.help.length).toBeGreaterThan(0);
});

test("GPT-2 small and TinyLlama have the published numbers of parameters", () => {
  const small = configOf("gpt", { layers: 12, heads: 12, width: 768, contextLength: 1024 }, 50_257);
  expect(countParameters(makeDecoder(small).parameters)).toBe(124_439_808);
  const tiny = configOf("llama", { layers: 22, heads: 32, keyValueHeads: 4, width: 2048, hiddenWidth: 5632, contextLength: 8 }, 32_000);
  expect(countParameters(makeDecoder(tiny).parameters)).toBe(1_100_048_384);
});

test("0 chooses the usual sizes", () => {
  expect(configOf("gpt", { width: 128 })).toMatchObject({ hiddenWidth: 512, keyValueHeads: 4 });
  expect(configOf("llama", { width: 128 })).toMatchObject({ hiddenWidth: 344, keyValueHeads: 2 });
  expect(configOf("llama", { width: 128, hiddenWidth: 100, keyValueHeads: 0 })).toMatchObject({ hiddenWidth: 100, keyValueHeads: 4 });
});

test("sizes that do not fit are refused in words that name sizes that do", () => {
  expect(configure("gpt", { width: 100, heads: 3 })).toEqual({ ok: false, problems: ["Width: 100 cannot be split into 3 heads. Try 99 or 102."] });
  expect(configure("llama", { width: 36, heads: 4, keyValueHeads: 3 })).toEqual({
    ok: false,
    problems: [
      "Width: 36 cannot be split into 4 heads of even width. Try 32 or 40.",
      "Key-value heads: 4 heads cannot share 3 key-value heads evenly. Try 4.",
    ],
  });
  expect(configure("gpt", { width: 4, heads: 7 })).toMatchObject({ problems: ["Width: 4 cannot be split into 7 heads. Try 7."] });
});

test("values out of range are refused in the words of their field", () => {
  expect(configure("gpt", { layers: 0 })).toEqual({ ok: false, problems: ["Layers: 0 is not a whole number from 1 to 48. Try 1."] });
});

test("a head wider than the attention kernels hold is refused", () => {
  expect(configure("gpt", { width: 2048, heads: 4 })).toEqual({ ok: false, problems: ["Width: 2048 gives 4 heads more than 256 numbers each. Try 1024, or more heads."] });
  expect(configure("gpt", { width: 1024, heads: 4 }).ok).toBe(true);
});

test("the advice is always taken well", () => {
  const sizes = fc.record({ width: fc.integer({ min: 4, max: 4096 }), heads: fc.integer({ min: 1, max: 64 }), keyValueHeads: fc.integer({ min: 0, max: 64 }) });
  fc.assert(
    fc.property(fc.constantFrom("gpt", "llama", "transformer"), sizes, (id, settings) => {
      const configured = configure(id, settings);
      if (configured.ok) return;
      const advised: Record<string, number> = { ...settings };
      for (const problem of configured.problems) {
        const [, value] = /Try (\d+)/.exec(problem)!;
        advised[problem.startsWith("Width") ? "width" : "keyValueHeads"] = Number(value);
      }
      expect(configure(id, advised).ok).toBe(true);
    }),
  );
});

test("parameters: matrices decay, vectors do not; names and places are unique", () => {
  for (const id of MODELS.map((model) => model.id)) {
    const { parameters } = makeDecoder(configOf(id, { layers: 2, tiedEmbeddings: false }));
    for (const { shape, decay } of parameters) expect(decay).toBe(shape.length === 2);
    const names = parameters.map(({ name }) => name);
    const places = parameters.flatMap(({ checkpoint }) => checkpoint.parts.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(places).size).toBe(places.length);
    for (const { checkpoint, shape } of parameters) expect(checkpoint.parts.reduce((rows, part) => rows + part.rows, 0)).toBe(shape[0]);
  }
});

test("biases off drops those of linear layers and keeps those of LayerNorm", () => {
  const names = makeDecoder(configOf("gpt", { layers: 1, biases: false })).parameters.map(({ name }) => name).filter((name) => name.endsWith(".bias"));
  expect(names).toEqual(["layers.0.attentionNorm.bias", "layers.0.feedForwardNorm.bias", "finalNorm.bias"]);
});

test("a mix that transformers does not know keeps our names", () => {
  const { parameters } = makeDecoder(configOf("transformer", { normalization: "layerNorm", layers: 1 }));
  for (const { name, checkpoint } of parameters) expect(checkpoint).toEqual({ parts: [{ name, rows: expect.any(Number) }] });
});

test("parameters survive the way into a checkpoint and back", () => {
  for (const id of ["gpt", "llama", "transformer"]) {
    for (const spec of makeDecoder(configOf(id, { layers: 1, width: 16, contextLength: 8, tiedEmbeddings: false }, 7)).parameters) {
      const data = Float32Array.from({ length: sizeOf(spec.shape) }, (_, at) => at);
      const tensors = new Map(writeParameter(spec, data).map((tensor) => [tensor.name, tensor]));
      expect(readParameter(spec, (name) => tensors.get(name))).toEqual(data);
    }
  }
});

test("a wrong checkpoint is named", () => {
  const [spec] = makeDecoder(configOf("gpt", {})).parameters;
  expect(() => readParameter(spec!, () => undefined)).toThrow('The checkpoint has no tensor "transformer.wte.weight", which this model needs.');
  expect(() => readParameter(spec!, () => ({ shape: [3, 128], data: [] }))).toThrow("has the shape [3, 128]; this model needs [65, 128].");
});
