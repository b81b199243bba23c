/**
 * What WebGPU refuses. In: nothing; call before a device is opened. Out: the first refusal of any device of this worker. A library
 * that listens to none goes on with whatever lies in the buffer that the refused kernel should have filled, and only the losses would
 * show it, or would not.
 */
export interface Refusals {
  /** Throws when an operation was refused since the devices were opened. */
  check(): void;
}

export function watchRefusals(): Refusals {
  let first: string | undefined;
  if (typeof GPUAdapter !== "undefined") {
    // Of the prototype, so that no library can open a device unseen.
    const requestDevice = Reflect.get(GPUAdapter.prototype, "requestDevice") as GPUAdapter["requestDevice"];
    GPUAdapter.prototype.requestDevice = async function (descriptor) {
      const device = await requestDevice.call(this, descriptor);
      device.addEventListener("uncapturederror", ({ error }) => (first ??= error.message));
      return device;
    };
  }
  return {
    check: () => {
      if (first !== undefined) throw new Error(`WebGPU refused an operation: ${first}`);
    },
  };
}
