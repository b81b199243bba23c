/**
 * Whether a variant that computes in less than f32 gives the numbers of one that does not. In: two programs of the same step, compiled, over
 * one memory. Out: the root of the mean square of what they differ by, as a share of the numbers' own. Parts of the workgroups are enough:
 * what only one of them wrote is told by the pattern that lies there before, and left out.
 */
import type { Operand, Program } from "../compiler/program";
import { sizeOf } from "../graph/value";
import type { Memory, Runtime } from "../runtime/runtime";

/** A NaN that no kernel makes. */
const UNWRITTEN = 0x7fc0_de5c;
/** Of each output so much is read: the first tiles of any variant begin there. */
const MOST_BYTES = 2 ** 20;

export async function errorBetween(exact: Program, other: Program, memory: Memory, runtime: Runtime): Promise<number> {
  const leaves = new Set(Object.values(exact.leaves).map(({ buffer }) => buffer));
  const outputs = Object.values(exact.outputs).filter(({ dtype }) => dtype === "f32");
  // Before an update in place, the pattern would destroy the input.
  if (outputs.some(({ buffer }) => leaves.has(buffer))) return Infinity;
  const wanted = await resultsOf(exact, outputs, memory, runtime);
  const found = await resultsOf(other, outputs, memory, runtime);
  let [difference, total] = [0, 0];
  outputs.forEach((output, index) => {
    const [a, b] = [numbersOf(output, wanted[index]!), numbersOf(output, found[index]!)];
    a.forEach((number, i) => {
      if (isUnwritten(wanted[index]!, output, i) || isUnwritten(found[index]!, output, i)) return;
      difference += (number - b[i]!) ** 2;
      total += number ** 2;
    });
  });
  return total > 0 ? Math.sqrt(difference / total) : Infinity;
}

async function resultsOf(program: Program, outputs: readonly Operand[], memory: Memory, runtime: Runtime): Promise<Uint32Array[]> {
  const bytesOf = ({ bytes }: Operand): number => Math.min(bytes, MOST_BYTES);
  for (const output of outputs) memory.write(output.buffer, output.offset, new Uint32Array(bytesOf(output) / 4).fill(UNWRITTEN));
  const recording = runtime.record([await runtime.load(program, memory)]);
  recording.run();
  const read: Uint32Array[] = [];
  for (const output of outputs) read.push(new Uint32Array(await memory.read(output.buffer, output.offset, bytesOf(output))));
  recording.destroy();
  return read;
}

/** A packed word is two numbers, each the upper half of an f32. */
function numbersOf({ shape, packed }: Operand, words: Uint32Array): Float32Array {
  const bits = packed ? Uint32Array.from({ length: 2 * words.length }, (_, i) => (i % 2 === 0 ? words[i >> 1]! << 16 : words[i >> 1]! & 0xffff_0000)) : words;
  return new Float32Array(bits.buffer, 0, Math.min(bits.length, sizeOf(shape)));
}

const isUnwritten = (words: Uint32Array, { packed }: Operand, i: number): boolean => words[packed ? i >> 1 : i] === UNWRITTEN;
