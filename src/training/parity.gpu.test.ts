/** The same comparison with PyTorch as parity.test.ts, with every kernel on WebGPU. */
import { expect, test } from "vitest";
import { runOnGpu } from "../engine/testing/runGraph";
import gptAccumulated from "./fixtures/gpt-accumulated.safetensors?url";
import gpt from "./fixtures/gpt.safetensors?url";
import llama from "./fixtures/llama.safetensors?url";
import { measureParity, parityProblems } from "./testing/parity";
import { readParityFixture } from "./testing/parityFixture";

test.each([["gpt", gpt], ["llama", llama], ["gpt-accumulated", gptAccumulated]])("%s: logits, gradients and updates on the GPU are PyTorch's", async (_, url) => {
  const fixture = readParityFixture(await (await fetch(url)).arrayBuffer());
  expect(parityProblems(await measureParity(fixture, runOnGpu))).toEqual([]);
});
