/** jax-js in a worker, on WebGPU. */
import { createSession, listen } from "./contender";
import { openJax } from "./jax";

listen(createSession(openJax("webgpu")));
