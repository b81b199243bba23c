/** One token at a time with a cache, on WebGPU, against the whole window in f64: sizes that are no multiples of four too. */
import { expect, test } from "vitest";
import { evaluate } from "../../engine/graph/evaluate";
import { leaf } from "../../engine/graph/leaf";
import { f32, sizeOf, u32 } from "../../engine/graph/value";
import { runOnGpu } from "../../engine/testing/runGraph";
import { initialize } from "../initialize";
import { constantLeaves } from "../layers/positions";
import { makeDecoder } from "./decoder";
import { MODELS } from "./index";

test.each([
  ["gpt", { width: 30, heads: 5 }, 11],
  ["llama", { width: 24, heads: 4, keyValueHeads: 2 }, 16],
  ["transformer", { width: 18, heads: 3, keyValueHeads: 1, normalization: "layerNorm" }, 7],
])("%s: cached logits are those of the whole window", async (id, sizes, vocabularySize) => {
  const configured = MODELS.find((model) => model.id === id)!.configure({ ...sizes, layers: 2, contextLength: 6 }, vocabularySize);
  if (!configured.ok) throw new Error(configured.problems.join(" "));
  const model = makeDecoder(configured.config);
  const parameters = Object.fromEntries(model.parameters.map(({ name, shape }) => [name, leaf(name, f32(...shape))]));
  const constants = constantLeaves(model.constants);
  const weights = model.parameters.map((spec) => [spec.name, initialize({ ...spec, initialize: { kind: "normal", deviation: 0.3 } }, 1)]);
  const data = Object.fromEntries([...weights, ...model.constants.map((table) => [table.name, table.data])]) as Record<string, Float32Array>;
  const ids = [3, 0, 6, 6, 1, 5];
  const hidden = model.hidden({ parameters, constants, tokens: { ids: leaf("ids", u32(6)) }, time: 6 });
  const [whole] = evaluate([model.head(hidden, parameters)], { ...data, ids });

  const caches = Array.from({ length: 2 }, (_, layer) => leaf(`cache${layer}`, model.cacheType, { arena: `cache${layer}`, offset: 0 }));
  const decoded = model.decode({ parameters, constants, token: leaf("token", u32(1)), position: leaf("position", u32(1)), caches });
  let kept: ArrayLike<number>[] = caches.map(() => new Float32Array(sizeOf(model.cacheType.shape)));
  for (const [position, token] of ids.entries()) {
    const held = Object.fromEntries(kept.map((cache, layer) => [`cache${layer}`, cache]));
    const [logits, ...next] = await runOnGpu([decoded.logits, ...decoded.caches], { ...data, ...held, token: [token], position: [position] });
    kept = next;
    for (let v = 0; v < vocabularySize; v += 1) expect(Math.abs(logits![v]! - whole![position * vocabularySize + v]!)).toBeLessThan(2e-6);
  }
});
