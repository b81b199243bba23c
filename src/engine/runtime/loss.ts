/**
 * Tells a lost device from any other failure. In: a device and what was thrown. Out: the error to pass on: "device-lost" where
 * the device is gone, else the failure itself, so that nobody waits for a recovery that will not come.
 */
import { EngineError } from "../graph/engineError";

/** A rejection may arrive before the news of the loss that caused it. */
const PATIENCE_MS = 1000;

export async function explainFailure(device: GPUDevice, error: unknown, doing: string): Promise<Error> {
  const cause = error instanceof Error ? error.message : String(error);
  const isLost = await Promise.race([
    device.lost.then(() => true),
    new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS)),
  ]);
  return isLost
    ? new EngineError("device-lost", `The GPU was lost while ${doing} (${cause}).`)
    : new EngineError("out-of-memory", `The GPU is there but failed while ${doing} (${cause}).`);
}
