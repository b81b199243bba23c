/**
 * What the tuner found on this machine, kept for later runs. In: a runtime with its adapter's identity, choices. Out: the choices
 * kept for the same adapter, browser and kernels, as one small JSON file with a checksum. A file that is damaged or foreign, or a
 * browser without storage, costs another tuning and nothing else.
 */
import { z } from "zod";
import { readCheckedJson, writeCheckedJson } from "../data/store/checkedJson";
import type { FileStore } from "../data/store/fileStore";
import { openOpfs } from "../data/store/opfs";
import type { Runtime } from "../engine/runtime/runtime";
import { type KernelChoices, hashChoosable } from "../training/kernelChoices";

const FILE = "tuning/choices.json";
const FRESH_FILE = "tuning/choices.new.json";
/** Adapters, browser versions and kernels that are remembered; the last used first. */
const KEPT_MACHINES = 8;

const fileSchema = z.object({
  version: z.literal(1),
  machines: z.array(z.object({ key: z.string(), choices: z.record(z.string(), z.string()) })),
});

type Machine = z.infer<typeof fileSchema>["machines"][number];

export interface TuningStore {
  /** {} where nothing is known. Never fails. */
  read(runtime: Runtime, identity: string): Promise<KernelChoices>;
  /** Adds to what is known; a class that is known keeps its choice. Never fails. */
  add(runtime: Runtime, identity: string, choices: KernelChoices): Promise<void>;
}

export function openTuningStore(files: FileStore = openOpfs(), browser: () => Promise<string> = nameBrowser): TuningStore {
  const keys = new WeakMap<Runtime, Promise<string>>();
  /** Read once: estimates ask at every change of a setting. */
  const remembered = new WeakMap<Runtime, KernelChoices>();
  const keyOf = (runtime: Runtime, identity: string): Promise<string> => {
    const known = keys.get(runtime) ?? makeKey(runtime, identity, browser);
    keys.set(runtime, known);
    return known;
  };
  return {
    read: async (runtime, identity) => {
      const known = remembered.get(runtime) ?? (await findChoices(files, () => keyOf(runtime, identity)));
      remembered.set(runtime, known);
      return known;
    },
    add: async (runtime, identity, choices) => {
      remembered.set(runtime, { ...choices, ...remembered.get(runtime) });
      try {
        const key = await keyOf(runtime, identity);
        await files.exclusively(async () => {
          const machines = await readMachines(files);
          const known = machines.find((machine) => machine.key === key)?.choices ?? {};
          if (Object.keys(choices).every((name) => name in known)) return;
          const others = machines.filter((machine) => machine.key !== key);
          const kept = [{ key, choices: { ...choices, ...known } }, ...others].slice(0, KEPT_MACHINES);
          await writeCheckedJson(files, FRESH_FILE, { version: 1, machines: kept } satisfies z.infer<typeof fileSchema>);
          await files.move(FRESH_FILE, FILE);
        });
      } catch {
        // The next run tunes again.
      }
    },
  };
}

async function findChoices(files: FileStore, keyOf: () => Promise<string>): Promise<KernelChoices> {
  try {
    const key = await keyOf();
    return (await readMachines(files)).find((machine) => machine.key === key)?.choices ?? {};
  } catch {
    return {};
  }
}

async function readMachines(files: FileStore): Promise<readonly Machine[]> {
  const file = await readCheckedJson(files, FILE, fileSchema);
  return typeof file === "string" ? [] : file.machines;
}

async function makeKey({ target }: Runtime, identity: string, browser: () => Promise<string>): Promise<string> {
  const { choices: _, ...abilities } = target;
  return JSON.stringify([identity, await browser(), abilities, await hashChoosable(target)]);
}

interface UserAgentData {
  getHighEntropyValues(hints: readonly string[]): Promise<{ readonly fullVersionList?: unknown; readonly platformVersion?: unknown }>;
}

/** With the full version, where the browser tells it. */
async function nameBrowser(): Promise<string> {
  const { userAgent, userAgentData } = navigator as { readonly userAgent: string; readonly userAgentData?: UserAgentData };
  if (!userAgentData) return userAgent;
  const { fullVersionList, platformVersion } = await userAgentData.getHighEntropyValues(["fullVersionList", "platformVersion"]);
  return JSON.stringify([userAgent, fullVersionList, platformVersion]);
}
