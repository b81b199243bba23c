/**
 * The device that is in use, from opening to loss or farewell. In: what the user chose, work. Out: a machine for the work; when the GPU
 * is lost, the next one. A run that is over may stay on the device before: there it can still be prompted.
 */
import { EngineError } from "../engine/runtime/runtime";
import { FailureError } from "../settings/failure";
import { type MachineSettings, parseMachine } from "../settings/machine";
import { type OpenRuntime, openRuntime, reopenWebGpu } from "./device";
import { type Machine, createMachine } from "./machine";
import type { TuningStore } from "./tuningStore";

/** Waits between attempts to get a device back: quickly at first; Chrome may refuse for two minutes after a second loss. */
const RECOVERY_WAITS_MS = [100, 1000, ...Array<number>(25).fill(5000)];

export interface DevicesOptions {
  readonly tuning: TuningStore;
  /** The device that is in use is gone; `next` is the one being opened in its place. */
  readonly onLost: (reason: string, next: Promise<Machine>) => void;
  readonly onNotice: (text: string) => void;
  /** Hears of mistakes that a device reports to nobody in particular. */
  readonly onError: (message: string) => void;
}

export const isLoss = (error: unknown): boolean => error instanceof EngineError && error.kind === "device-lost";

export class Devices {
  /** What to compute on, as the user chose. */
  wanted: MachineSettings = parseMachine(undefined, navigator.hardwareConcurrency || 2);
  current: Machine | undefined;
  private former: Machine | undefined;
  private opening: Promise<Machine> | undefined;

  constructor(private readonly options: DevicesOptions) {}

  open(): Promise<Machine> {
    const { tuning: store, onError } = this.options;
    this.opening ??= openRuntime({ settings: this.wanted, store, onError }).then((open) => this.adopt(open));
    return this.opening;
  }

  /** Work that needs no more than a device is done again on the next one when its device is lost under it. */
  async use<T>(work: (machine: Machine) => Promise<T>): Promise<T> {
    for (;;) {
      const machine = await this.open();
      try {
        return await work(machine);
      } catch (error) {
        if (!isLoss(error)) throw error;
        // From then on, open() waits for the next device.
        await machine.runtime.lost;
      }
    }
  }

  isChosen({ device, cpuThreads }: MachineSettings): boolean {
    return device === this.wanted.device && cpuThreads === this.wanted.cpuThreads;
  }

  /** The next device that is opened is the one for these settings; the one before closes, or stays for a run that is over. */
  async choose(settings: MachineSettings, before: "closes" | "stays"): Promise<void> {
    const left = await this.opening?.catch(() => undefined);
    this.wanted = settings;
    this.current = undefined;
    this.opening = undefined;
    if (before === "stays" && !this.former) this.former = left;
    else left?.runtime.destroy();
  }

  /** The run that stayed behind is closed. */
  releaseFormer(): void {
    this.former?.runtime.destroy();
    this.former = undefined;
  }

  private adopt(open: OpenRuntime): Machine {
    const machine = createMachine(open, this.options.tuning);
    this.current = machine;
    this.opening = Promise.resolve(machine);
    void open.runtime.lost.then((reason) => {
      if (this.current !== machine) return;
      this.current = undefined;
      this.opening = this.reopen();
      this.options.onLost(reason, this.opening);
    });
    return machine;
  }

  private async reopen(): Promise<Machine> {
    const { onError, onNotice } = this.options;
    for (const wait of RECOVERY_WAITS_MS) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      const open = await reopenWebGpu(onError);
      if (open) return this.adopt(open);
      onNotice("The browser does not give the GPU back yet. Reloading the page by hand helps at once; the run is saved.");
    }
    this.opening = undefined;
    throw new FailureError({
      kind: "device-lost",
      message: "The browser did not give the GPU back within two minutes.",
      hint: "Reload the page; the run continues from its last checkpoint.",
    });
  }
}
