/**
 * One WebAssembly memory for everything a CPU runtime holds. In: sizes. Out: addresses, zeroed. It grows as needed up to 4 GiB and gives
 * nothing back to the system, but what is freed is used again. The first bytes are the threads' (team.ts).
 */
import { EngineError } from "../../graph/engineError";

const PAGE_BYTES = 2 ** 16;
/** 4 GiB; less is asked for where a browser refuses that. */
const MOST_PAGES = [2 ** 16, 2 ** 15, 2 ** 14, 2 ** 12];
/** Kept from the allocator: the words that threads agree by. */
export const CONTROL_BYTES = 4096;
/** Behind the last operand: kernels read whole vectors there, of which they use nothing. */
const SLACK_BYTES = 256;
/** Operands begin at multiples of this, and lines of the processor's caches are no longer. */
const ALIGNMENT = 256;

export interface Heap {
  readonly memory: WebAssembly.Memory;
  readonly isShared: boolean;
  readonly maximumPages: number;
  /** Of zeros. Throws EngineError "out-of-memory". */
  allocate(bytes: number): number;
  free(address: number): void;
  /** Made anew after each allocation: a memory that grows takes its old array away. */
  bytes(address: number, length: number): Uint8Array;
}

interface Block {
  readonly address: number;
  readonly bytes: number;
  isFree: boolean;
}

export function createHeap(isShared: boolean): Heap {
  const { memory, maximumPages } = createMemory(isShared);
  let blocks: Block[] = [];
  let end = CONTROL_BYTES;
  const bytesOf = (address: number, length: number): Uint8Array => new Uint8Array(memory.buffer, address, length);

  const extend = (bytes: number): Block => {
    const missing = Math.ceil((end + bytes + SLACK_BYTES - memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) grow(memory, missing, bytes);
    const block = { address: end, bytes, isFree: false };
    end += bytes;
    blocks.push(block);
    return block;
  };
  return {
    memory,
    isShared,
    maximumPages,
    bytes: bytesOf,
    allocate(wanted) {
      const bytes = Math.max(ALIGNMENT, Math.ceil(wanted / ALIGNMENT) * ALIGNMENT);
      const fitting = blocks.filter((block) => block.isFree && block.bytes >= bytes).toSorted((a, b) => a.bytes - b.bytes)[0];
      if (!fitting) return extend(bytes).address;
      const at = blocks.indexOf(fitting);
      const rest = fitting.bytes - bytes;
      const parts = [{ address: fitting.address, bytes, isFree: false }, ...(rest > 0 ? [{ address: fitting.address + bytes, bytes: rest, isFree: true }] : [])];
      blocks.splice(at, 1, ...parts);
      bytesOf(fitting.address, bytes).fill(0);
      return fitting.address;
    },
    free(address) {
      const block = blocks.find((one) => one.address === address && !one.isFree);
      if (!block) throw new Error(`Nothing was allocated at ${address}.`);
      block.isFree = true;
      blocks = joinFree(blocks);
    },
  };
}

/** Neighbors that are free become one. */
function joinFree(blocks: readonly Block[]): Block[] {
  const joined: Block[] = [];
  for (const block of blocks) {
    const last = joined.at(-1);
    if (last?.isFree && block.isFree) joined[joined.length - 1] = { ...last, bytes: last.bytes + block.bytes };
    else joined.push(block);
  }
  return joined;
}

function createMemory(shared: boolean): { readonly memory: WebAssembly.Memory; readonly maximumPages: number } {
  let reason: unknown;
  for (const maximumPages of MOST_PAGES) {
    try {
      return { memory: new WebAssembly.Memory({ initial: 1, maximum: maximumPages, shared }), maximumPages };
    } catch (error) {
      reason = error;
    }
  }
  throw new EngineError("out-of-memory", `The browser gives no memory to WebAssembly (${String(reason)}).`);
}

function grow(memory: WebAssembly.Memory, pages: number, bytes: number): void {
  try {
    memory.grow(pages);
  } catch {
    const had = memory.buffer.byteLength;
    throw new EngineError("out-of-memory", `${Math.round(bytes / 2 ** 20)} MiB more could not be had; ${Math.round(had / 2 ** 20)} MiB were.`);
  }
}
