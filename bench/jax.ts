/**
 * jax-js as a contender: the whole update, gradient and AdamW, in one jitted function on one of its backends. The embedding is a
 * product with one-hot rows, because the gradient of `take` fails under `jit` in 0.1.25. Its arrays are owned: every use but the
 * last is a `.ref`. Weights are [in, out], as its users write them.
 */
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import type { Contender, OpenContender } from "./contender";
import { createWindows } from "./problem";
import type { Problem } from "./result";
import { SHARED } from "./sizes";
import { isLinear, transpose } from "./weights";

type Tree = Record<string, np.Array>;

const EPSILON = 1e-5;

/** It starts as many threads for "wasm" as the processor has cores, and does not say so. */
export function openJax(backend: "webgpu" | "wasm"): OpenContender {
  return async () => {
    const devices = await init(backend);
    if (!devices.includes(backend)) throw new Error(`jax-js found no device for "${backend}".`);
    defaultDevice(backend);
    return async (problem) => ({ ...(await train(problem)), ...(backend === "wasm" ? { threads: crossOriginIsolated ? navigator.hardwareConcurrency : 1 } : {}) });
  };
}

function train(problem: Problem): Promise<Contender> {
  const { batch, time } = problem;
  const windows = createWindows(problem);
  let parameters: Tree = {};
  for (const [name, weight] of Object.entries(problem.weights)) {
    const { shape, data } = isLinear(name) ? transpose(weight) : weight;
    parameters[name] = np.array(data, { shape: [...shape] });
  }
  const zeros = (): Tree => Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, np.zeros(value.shape)]));
  let [mean, square] = [zeros(), zeros()];
  const step = makeStep(problem);
  const losses: np.Array[] = [];
  return Promise.resolve({
    update: (index) => {
      const { ids, targets } = windows(index);
      const corrections = [SHARED.beta1, SHARED.beta2].map((beta) => np.array(new Float32Array([1 - beta ** (index + 1)])));
      const next = step(
        parameters, mean, square, np.array(ids, { shape: [batch * time] }), np.array(targets, { shape: [batch * time] }), corrections[0]!, corrections[1]!,
      );
      parameters = next.parameters;
      mean = next.mean;
      square = next.square;
      losses.push(next.loss);
      return Promise.resolve();
    },
    collect: async () => {
      const values: number[] = [];
      for (const loss of losses.splice(0)) values.push((await loss.data())[0]!);
      // On threads the loss is there before the update is: what follows it would be done while another is timed.
      await blockUntilReady([parameters, mean, square]);
      return values;
    },
  });
}

/** (parameters, moments, batch, 1 − βᵗ) → (parameters, moments, loss), compiled once. */
function makeStep(problem: Problem) {
  const decayed = new Set(Object.entries(problem.weights).filter(([, { decay }]) => decay).map(([name]) => name));
  const { learningRate, weightDecay, beta1, beta2, epsilon, gradientClipping } = SHARED;
  return jit((parameters: Tree, mean: Tree, square: Tree, ids: np.Array, targets: np.Array, correction1: np.Array, correction2: np.Array) => {
    const names = Object.keys(parameters);
    const own = Object.fromEntries(names.map((name) => [name, parameters[name]!.ref]));
    const [loss, gradients] = valueAndGrad((tree: Tree) => lossOf(problem, tree, ids, targets))(own) as [np.Array, Tree];
    const norm = np.sqrt(names.map((name) => np.square(gradients[name]!.ref).sum()).reduce((a, b) => a.add(b)));
    const factor = np.minimum(np.array(gradientClipping).div(norm.add(1e-6)), 1);
    const next = { parameters: {} as Tree, mean: {} as Tree, square: {} as Tree, loss };
    for (const name of names) {
      const gradient = gradients[name]!.mul(factor.ref);
      const m = mean[name]!.mul(beta1).add(gradient.ref.mul(1 - beta1));
      const v = square[name]!.mul(beta2).add(np.square(gradient).mul(1 - beta2));
      const direction = m.ref.div(correction1.ref).div(np.sqrt(v.ref.div(correction2.ref)).add(epsilon));
      const kept = decayed.has(name) ? parameters[name]!.mul(1 - learningRate * weightDecay) : parameters[name]!;
      next.parameters[name] = kept.sub(direction.mul(learningRate));
      next.mean[name] = m;
      next.square[name] = v;
    }
    factor.dispose();
    correction1.dispose();
    correction2.dispose();
    return next;
  });
}

/** Mean cross-entropy of ids, targets i32 [N]. Consumes the tree. */
function lossOf({ batch, time, width, heads, layers, vocabulary }: Problem, tree: Tree, ids: np.Array, targets: np.Array): np.Array {
  const [N, D] = [batch * time, width / heads];
  const take = (name: string): np.Array => tree[name]!;
  const normalize = (x: np.Array, name: string): np.Array => {
    const centered = x.ref.sub(np.mean(x, -1, { keepdims: true }));
    const variance = np.mean(np.square(centered.ref), -1, { keepdims: true });
    return centered.div(np.sqrt(variance.add(EPSILON))).mul(take(`${name}.gain`)).add(take(`${name}.bias`));
  };
  const linear = (x: np.Array, name: string): np.Array => np.matmul(x, take(`${name}.weight`));
  const embedded = np.matmul(nn.oneHot(ids.ref, vocabulary), take("tokenEmbedding"));
  let x = embedded.reshape([batch, time, width]).add(take("positionEmbedding")).reshape([N, width]);
  for (let layer = 0; layer < layers; layer += 1) {
    const name = `layers.${layer}`;
    const packed = linear(normalize(x.ref, `${name}.attentionNorm`), `${name}.attention.qkv`).reshape([batch, time, 3 * heads, D]);
    const [q, k, v] = np.split(packed, 3, 2) as [np.Array, np.Array, np.Array];
    const mixed = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([N, width]);
    x = x.add(linear(mixed, `${name}.attention.output`));
    const up = linear(normalize(x.ref, `${name}.feedForwardNorm`), `${name}.feedForward.up`);
    x = x.add(linear(nn.gelu(up, { approximate: true }), `${name}.feedForward.down`));
  }
  const logits = linear(normalize(x, "finalNorm"), "head");
  return nn.logSoftmax(logits, -1).mul(nn.oneHot(targets.ref, vocabulary)).sum().mul(-1 / N);
}
