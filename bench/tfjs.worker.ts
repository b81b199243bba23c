/** TensorFlow.js in a worker, on WebGPU. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import { createSession, listen } from "./contender";
import { train } from "./tfjs";

listen(
  createSession(async () => {
    if (!(await tf.setBackend("webgpu"))) throw new Error("TensorFlow.js found no WebGPU device.");
    await tf.ready();
    return (problem) => Promise.resolve(train(problem, (table, ids) => tf.gather(table, ids)));
  }),
);
