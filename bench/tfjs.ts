/**
 * TensorFlow.js as a contender, on the backend that is open. It has no AdamW, so the update is written with its operations; everything
 * is eager, as all of TensorFlow.js is. Weights are [in, out], as its users write them.
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import type { Contender } from "./contender";
import { createWindows } from "./problem";
import type { Problem } from "./result";
import { SHARED } from "./sizes";
import { isLinear, transpose } from "./weights";

const EPSILON = 1e-5;
const GELU_SLOPE = Math.sqrt(2 / Math.PI);

/** Rows of a table [V, C] by ids [N]. */
export type Embed = (table: tf.Tensor2D, ids: tf.Tensor1D) => tf.Tensor2D;

interface Parameter {
  readonly value: tf.Variable;
  readonly mean: tf.Variable;
  readonly square: tf.Variable;
  readonly decay: boolean;
}

export function train(problem: Problem, embed: Embed): Contender {
  const windows = createWindows(problem);
  const parameters = Object.entries(problem.weights).map(([name, weight]): readonly [string, Parameter] => {
    const { shape, data } = isLinear(name) ? transpose(weight) : weight;
    const zeros = (): tf.Variable => tf.variable(tf.zeros([...shape]), false);
    return [name, { value: tf.variable(tf.tensor(data, [...shape])), mean: zeros(), square: zeros(), decay: weight.decay }];
  });
  const tree = Object.fromEntries(parameters);
  const losses: tf.Scalar[] = [];
  return {
    update: (step) => {
      const { ids, targets } = windows(step);
      losses.push(tf.tidy(() => makeUpdate({ ...problem, embed }, tree, ids, targets, step)));
      return Promise.resolve();
    },
    collect: async () => {
      const values: number[] = [];
      for (const loss of losses.splice(0)) {
        values.push((await loss.data())[0]!);
        loss.dispose();
      }
      return values;
    },
  };
}

type Model = Problem & { readonly embed: Embed };

/** Gradient, clipping, AdamW; gives the loss before the update. */
function makeUpdate(model: Model, tree: Readonly<Record<string, Parameter>>, ids: Int32Array, targets: Int32Array, step: number): tf.Scalar {
  const { learningRate, weightDecay, beta1, beta2, epsilon, gradientClipping } = SHARED;
  const all = Object.values(tree);
  const { value, grads } = tf.variableGrads(() => lossOf(model, tree, ids, targets), all.map((one) => one.value));
  const gradientOf = (one: Parameter): tf.Tensor => grads[one.value.name]!;
  // Not `addN`: in 4.22 its kernel binds every tensor it adds, 21 at S, on a device opened with the default limit of 8. `stack` minds the limit.
  const norm = tf.sqrt(tf.sum(tf.stack(all.map((one) => tf.sum(tf.square(gradientOf(one)))))));
  const factor = tf.minimum(tf.div(gradientClipping, tf.add(norm, 1e-6)), 1);
  for (const one of all) {
    const gradient = tf.mul(gradientOf(one), factor);
    one.mean.assign(tf.add(tf.mul(one.mean, beta1), tf.mul(gradient, 1 - beta1)));
    one.square.assign(tf.add(tf.mul(one.square, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const direction = tf.div(tf.div(one.mean, 1 - beta1 ** (step + 1)), tf.add(tf.sqrt(tf.div(one.square, 1 - beta2 ** (step + 1))), epsilon));
    const kept = one.decay ? tf.mul(one.value, 1 - learningRate * weightDecay) : one.value;
    one.value.assign(tf.sub(kept, tf.mul(direction, learningRate)));
  }
  return value;
}

/** Mean cross-entropy of ids, targets [N]. */
function lossOf(model: Model, tree: Readonly<Record<string, Parameter>>, ids: Int32Array, targets: Int32Array): tf.Scalar {
  const { batch, time, width, heads, layers, vocabulary, embed } = model;
  const [N, D] = [batch * time, width / heads];
  const take = <R extends tf.Rank>(name: string): tf.Tensor<R> => tree[name]!.value as unknown as tf.Tensor<R>;
  const normalize = (x: tf.Tensor2D, name: string): tf.Tensor2D => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPSILON))), take(`${name}.gain`)), take(`${name}.bias`));
  };
  const linear = (x: tf.Tensor2D, name: string): tf.Tensor2D => tf.matMul(x, take<tf.Rank.R2>(`${name}.weight`));
  const attend = (packed: tf.Tensor2D): tf.Tensor2D => {
    const headsFirst = tf.transpose(tf.reshape(packed, [batch, time, 3 * heads, D]), [0, 2, 1, 3]);
    const [q, k, v] = tf.split(headsFirst, 3, 1) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(D));
    const mixed = tf.matMul(tf.softmax(tf.add(scores, causalMask(time))), v);
    return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [N, width]);
  };
  const embedded = embed(take("tokenEmbedding"), tf.tensor1d(ids, "int32"));
  let x: tf.Tensor2D = tf.reshape(tf.add(tf.reshape(embedded, [batch, time, width]), take("positionEmbedding")), [N, width]);
  for (let layer = 0; layer < layers; layer += 1) {
    const name = `layers.${layer}`;
    x = tf.add(x, linear(attend(linear(normalize(x, `${name}.attentionNorm`), `${name}.attention.qkv`)), `${name}.attention.output`));
    x = tf.add(x, linear(gelu(linear(normalize(x, `${name}.feedForwardNorm`), `${name}.feedForward.up`)), `${name}.feedForward.down`));
  }
  const logits = linear(normalize(x, "finalNorm"), "head");
  return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d(targets, "int32"), vocabulary), logits) as tf.Scalar;
}

function gelu(x: tf.Tensor2D): tf.Tensor2D {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), GELU_SLOPE);
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

const masks = new Map<number, tf.Tensor2D>();

/** [T, T]: 0 where a position may look, −1e9 where it may not. */
function causalMask(time: number): tf.Tensor2D {
  const known = masks.get(time);
  if (known) return known;
  const numbers = Float32Array.from({ length: time * time }, (_, at) => (at % time > Math.floor(at / time) ? -1e9 : 0));
  const mask = tf.keep(tf.tensor2d(numbers, [time, time]));
  masks.set(time, mask);
  return mask;
}
