/**
 * TensorFlow.js in a worker, on the processor: its SIMD build, one thread; the one with threads does not start in a bundled worker. The
 * embedding is a product with one-hot rows, because the gradient of `gather` needs a kernel (`UnsortedSegmentSum`) that this backend
 * lacks in 4.22.
 */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import * as tf from "@tensorflow/tfjs-core";
import { createSession, listen } from "./contender";
import { type Embed, train } from "./tfjs";

/** Cast, because its `oneHot` writes whole numbers also where it is asked for others. */
const embed: Embed = (table, ids) => tf.matMul(tf.cast(tf.oneHot(ids, table.shape[0]), "float32") as tf.Tensor2D, table);

listen(
  createSession(async () => {
    setWasmPaths({ "tfjs-backend-wasm.wasm": plainUrl, "tfjs-backend-wasm-simd.wasm": simdUrl, "tfjs-backend-wasm-threaded-simd.wasm": threadedUrl });
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    if (!(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"))) throw new Error("This browser has no SIMD in WebAssembly.");
    if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js could not start its WASM backend.");
    await tf.ready();
    return (problem) => Promise.resolve({ ...train(problem, embed), threads: 1 });
  }),
);
