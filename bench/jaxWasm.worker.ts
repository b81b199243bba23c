/** jax-js in a worker, on the processor: WebAssembly with threads, and relaxed SIMD where the browser has it. */
import { createSession, listen } from "./contender";
import { openJax } from "./jax";

listen(createSession(openJax("wasm")));
