/**
 * A ring of staging buffers: every run appends one row of results, and rows are mapped many at a time, so that the loop never
 * waits for a number. In: rows copied by the runs. Out: all rows since the last `collect`, oldest first.
 */
import { explainFailure } from "./loss";
import { BUFFER_USAGE, MAP_MODE_READ } from "./webgpuFlags";

export interface Readback {
  /** Encodes the copy of one row. */
  copy(encoder: GPUCommandEncoder, source: GPUBuffer, offset: number): void;
  /** The encoded copy was submitted. */
  submitted(): void;
  /** The array is reused by the next call. */
  collect(): Promise<Float32Array>;
  destroy(): void;
}

const ROWS_PER_BUFFER = 64;

interface Staging {
  readonly buffer: GPUBuffer;
  rows: number;
}

export function createReadback(device: GPUDevice, rowBytes: number): Readback {
  const free: Staging[] = [];
  const full: { readonly staging: Staging; readonly mapped: Promise<void> }[] = [];
  let current: Staging | undefined;
  let gathered = new Float32Array();

  // Normally two or three buffers exist; more are made only while nobody collects.
  const take = (): Staging =>
    free.pop() ?? {
      buffer: device.createBuffer({ size: ROWS_PER_BUFFER * rowBytes, usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST }),
      rows: 0,
    };
  const close = (): void => {
    if (!current || current.rows === 0) return;
    const mapped = current.buffer.mapAsync(MAP_MODE_READ);
    // A loss of the device is reported by collect; until then the rejection must not count as unhandled.
    mapped.catch(() => {});
    full.push({ staging: current, mapped });
    current = undefined;
  };
  return {
    copy: (encoder, source, offset) => {
      current ??= take();
      encoder.copyBufferToBuffer(source, offset, current.buffer, current.rows * rowBytes, rowBytes);
    },
    submitted: () => {
      current!.rows += 1;
      if (current!.rows === ROWS_PER_BUFFER) close();
    },
    collect: async () => {
      close();
      const taken = full.splice(0);
      const numbers = (taken.reduce((sum, { staging }) => sum + staging.rows, 0) * rowBytes) / 4;
      if (gathered.length < numbers) gathered = new Float32Array(2 * numbers);
      let at = 0;
      for (const { staging, mapped } of taken) {
        try {
          await mapped;
          const bytes = staging.rows * rowBytes;
          gathered.set(new Float32Array(staging.buffer.getMappedRange(0, bytes)), at);
          at += bytes / 4;
          staging.buffer.unmap();
        } catch (error) {
          throw await explainFailure(device, error, "results were read back");
        }
        staging.rows = 0;
        free.push(staging);
      }
      return gathered.subarray(0, at);
    },
    destroy: () => [...free, ...full.map((one) => one.staging), ...(current ? [current] : [])].forEach(({ buffer }) => buffer.destroy()),
  };
}
