/**
 * Which devices a run was trained on, from which step. In: the trail of a checkpoint, the device that goes on. Out: the longer trail, and a
 * sentence where it is another device: its kernels add in another order, so the last bits of the numbers differ from there on.
 */
import type { DeviceTrail } from "../settings/run";

type Device = Omit<DeviceTrail[number], "fromStep">;

/** Steps that were trained from a place in the trail have that place's device; one where none was trained is forgotten. */
export function extendTrail(trail: DeviceTrail, device: Device, step: number): DeviceTrail {
  const before = trail.filter(({ fromStep }) => fromStep < step);
  return isOn(before, device) ? before : [...before, { ...device, fromStep: step }];
}

/** Undefined where the run stays on its device, or nobody wrote down which it was. */
export function describeMove(runName: string, trail: DeviceTrail, device: Device, step: number): string | undefined {
  const last = trail.findLast(({ fromStep }) => fromStep < step);
  if (!last || isOn([last], device)) return undefined;
  return `${runName} was trained on ${last.name} until step ${step.toLocaleString("en")}. It continues on ${device.name}: as good, but not bit for bit the same run.`;
}

const isOn = (trail: DeviceTrail, { runtime, name }: Device): boolean => trail.at(-1)?.runtime === runtime && trail.at(-1)?.name === name;
