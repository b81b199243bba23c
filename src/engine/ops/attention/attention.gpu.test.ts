/** Every variant of attention that its family lists, on the browser's GPU, on every op case, against the f64 evaluation of the same graph. */
import { afterAll, expect, test } from "vitest";
import type { Target } from "../../graph/op";
import { sortNodes } from "../../graph/value";
import { buildGradients, checkManyKernels } from "../../testing/checkOp";
import { attentionCases } from "../../testing/cases/attention";
import type { OpCase } from "../../testing/opCase";
import { gpuRuntime, runOnGpu } from "../../testing/runGraph";
import { attentionFamily } from "./family";

afterAll(async () => (await gpuRuntime()).destroy());

/** Ids that the family lists for the attention of a case, forward or backward. */
function variantsOf(one: OpCase, target: Target): Set<string> {
  const { outputs, gradients } = buildGradients(one, "first");
  const nodes = sortNodes([...outputs, ...gradients]).filter(({ op }) => attentionFamily.ops.includes(op.name));
  return new Set(nodes.flatMap((node) => attentionFamily.variants({ inputTypes: node.inputs, outputTypes: node.outputs, attributes: node.attributes }, target)));
}

/** Every case under each of its variants of a kind; the last sentence lists the variants that were run. */
async function checkVariants(kind: string, changes: Partial<Target>): Promise<string[]> {
  const target = { ...(await gpuRuntime()).target, ...changes };
  const byVariant = new Map<string, OpCase[]>();
  for (const one of attentionCases) for (const variant of variantsOf(one, target)) {
    if (variant.startsWith(kind)) byVariant.set(variant, [...(byVariant.get(variant) ?? []), one]);
  }
  const wrong: string[] = [];
  for (const [variant, cases] of byVariant) {
    const sentences = await checkManyKernels(cases, (outputs, data) => runOnGpu(outputs, data, { ...target, choices: { attention: variant } }));
    wrong.push(...sentences.map((sentence) => `${variant}: ${sentence}`));
  }
  return [...wrong, `ran ${[...byVariant.keys()].sort().join(" ")}`];
}

// A software adapter compiles the widest heads for tens of seconds on a busy machine.
const PATIENCE = 300_000;

test("rows, without subgroups", async () => expect(await checkVariants("rows", { subgroupSize: 0 })).toEqual(["ran rows1 rows2"]), PATIENCE);
test("rows that quads load together", async () => {
  expect((await gpuRuntime()).target.subgroupSize).toBeGreaterThanOrEqual(4);
  expect(await checkVariants("quads", {})).toEqual(["ran quads1 quads2"]);
}, PATIENCE);
