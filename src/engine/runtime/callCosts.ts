/**
 * Which share of a run each of its calls takes, measured while it runs: one run is encoded with a stamped pass per call. In: the
 * calls. Out: how to encode that run, and a promise of the shares; undefined where the device has no clock or the run too many calls.
 */
import type { Call } from "./gpuProgram";
import { encodeStamped } from "./profile";
import { BUFFER_USAGE, MAP_MODE_READ } from "./webgpuFlags";

/** The most that a query set holds. */
const MOST_STAMPS = 4096;

export interface Stamps {
  encode(encoder: GPUCommandEncoder, start: number, end: number): void;
  /** One per call, 1 in all. Resolves some time after the run is submitted. */
  readonly shares: Promise<readonly number[]>;
}

export function measureShares(device: GPUDevice, calls: readonly Call[]): Stamps | undefined {
  const count = 2 * calls.length;
  if (!device.features.has("timestamp-query") || count > MOST_STAMPS) return undefined;
  const queries = device.createQuerySet({ type: "timestamp", count });
  const resolved = device.createBuffer({ size: 8 * count, usage: BUFFER_USAGE.QUERY_RESOLVE | BUFFER_USAGE.COPY_SRC });
  const staging = device.createBuffer({ size: 8 * count, usage: BUFFER_USAGE.COPY_DST | BUFFER_USAGE.MAP_READ });
  let onEncoded = (): void => {};
  const encoded = new Promise<void>((resolve) => (onEncoded = resolve));
  const read = async (): Promise<readonly number[]> => {
    // Goes on when the turn is over in which the run is encoded and submitted.
    await encoded;
    try {
      await staging.mapAsync(MAP_MODE_READ);
      const stamps = new BigUint64Array(staging.getMappedRange());
      const took = calls.map((_, index) => Math.max(0, Number(stamps[2 * index + 1]! - stamps[2 * index]!)));
      const total = took.reduce((sum, time) => sum + time, 0);
      return took.map((time) => (total > 0 ? time / total : 1 / took.length));
    } finally {
      queries.destroy();
      resolved.destroy();
      staging.destroy();
    }
  };
  return {
    encode: (encoder, start, end) => {
      encodeStamped(encoder, calls, start, end, queries, 0);
      if (end < calls.length) return;
      encoder.resolveQuerySet(queries, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 8 * count);
      onEncoded();
    },
    shares: read(),
  };
}
