/**
 * What a user can choose about this machine: where to compute and how much of the processor to take. In: the number of cores. Out: a
 * schema, described like that of an experiment. These are not settings of an experiment: they change how fast a run goes and the last
 * bits of its numbers, never what is trained, so a link does not carry them, and a run can move from one device to the other.
 */
import { z } from "zod";
import { type Field, choice, describeFields, toggle } from "./field";

const threadOptions = [
  { id: "all", label: "All cores", summary: "Fastest." },
  { id: "all-but-one", label: "All but one", summary: "Leaves a core to the page and to other programs." },
  { id: "half", label: "Half", summary: "Quiet: for long runs beside other work." },
] as const;

/**
 * On two cores, leaving one to the page would cost half the speed, and the page needs only a few percent of a core: it stays smooth,
 * because the system gives it its turn. With more cores the last one gains little, and the page never waits.
 */
const suggestThreads = (cores: number): (typeof threadOptions)[number]["id"] => (cores <= 2 ? "all" : "all-but-one");

const machineSchema = (cores: number) =>
  z.object({
    device: choice({
      label: "Device", help: "What computes. Automatic takes the GPU; where there is none, or only an emulated one, whatever is measured to be faster.", group: "Machine",
      default: "automatic",
      options: [
        { id: "automatic", label: "Automatic", summary: "The fastest that there is here." },
        { id: "gpu", label: "GPU (WebGPU)", summary: "Also where it is emulated; without any, the CPU." },
        { id: "cpu", label: "CPU", summary: "WebAssembly on the processor." },
      ],
    }),
    cpuThreads: choice({
      label: "CPU threads", help: "How many cores training on the CPU takes. The numbers are the same with any of them.", group: "Machine",
      default: suggestThreads(cores), options: threadOptions,
    }),
    pauseWhileHidden: toggle({
      label: "Pause while hidden", help: "Training on the CPU pauses while this tab is hidden and goes on when it is shown.", group: "Machine",
      default: false,
    }),
  });

export type MachineSettings = z.infer<ReturnType<typeof machineSchema>>;

export const machineFields = (cores: number): Field[] => describeFields(machineSchema(cores));

/** From anything; what is missing or unknown becomes what suits so many cores. */
export function parseMachine(given: unknown, cores: number): MachineSettings {
  const { shape } = machineSchema(cores);
  const read = typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
  return {
    device: shape.device.catch("automatic").parse(read["device"]),
    cpuThreads: shape.cpuThreads.catch(suggestThreads(cores)).parse(read["cpuThreads"]),
    pauseWhileHidden: shape.pauseWhileHidden.catch(false).parse(read["pauseWhileHidden"]),
  };
}
