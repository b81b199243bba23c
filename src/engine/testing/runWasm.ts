/** A function written as a typed tree, run where the test runs. In: how many whole numbers it takes, what it does. Out: it, and the memory it works in. */
import type { Local, Statement } from "../wasm/code";
import { type Scope, defineFunction, encodeModule } from "../wasm/module";

export interface WasmRun {
  readonly call: (...values: readonly number[]) => void;
  readonly words: Int32Array;
  readonly floats: Float32Array;
}

export interface WasmRunOptions {
  readonly parameters?: number;
  readonly fma?: boolean;
  /** Of 64 KiB. */
  readonly pages?: number;
}

export type WriteRun = (scope: Scope, ...parameters: readonly Local<"i32">[]) => Statement;

export function buildRun(write: WriteRun, { parameters = 0, fma = false, pages = 1 }: WasmRunOptions = {}): WasmRun {
  const bytes = encodeModule([defineFunction({ parameters, fma, name: "run" }, write)], { isShared: false, maximumPages: pages });
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { call: exports["run"] as WasmRun["call"], words: new Int32Array(memory.buffer), floats: new Float32Array(memory.buffer) };
}
