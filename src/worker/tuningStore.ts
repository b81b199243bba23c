/**
 * What was measured of this machine, kept for later runs. In: a runtime with its adapter's identity, changes. Out: kernel choices, rates
 * and ceilings as they were kept for the same adapter, browser and kernels, in one small JSON file with a checksum. A file that is
 * damaged or foreign, or a browser without storage, costs another measurement and nothing else.
 */
import { z } from "zod";
import { readCheckedJson, writeCheckedJson } from "../data/store/checkedJson";
import type { FileStore } from "../data/store/fileStore";
import { openOpfs } from "../data/store/opfs";
import type { Runtime } from "../engine/runtime/runtime";
import { hashChoosable } from "../training/kernelChoices";

const FILE = "tuning/choices.json";
const FRESH_FILE = "tuning/choices.new.json";
/** Adapters, browser versions and kernels that are remembered; the last used first. */
const KEPT_MACHINES = 8;

const positive = z.number().positive();
const factsSchema = z.object({
  /** Which variant for which class of work. */
  choices: z.record(z.string(), z.string()).readonly(),
  /** Classes that were measured; the other choices are guesses by what won in those. */
  settled: z.array(z.string()).readonly(),
  /** Multiplications and additions per second of one product, by which two devices were compared. */
  productRate: positive.exactOptional(),
  rates: z.object({ flopsPerSecond: positive, bytesPerSecond: positive, secondsPerDispatch: z.number() }).exactOptional(),
  ceilings: z.object({ flopsPerSecond: positive, bytesPerSecond: positive, dispatchSeconds: positive }).exactOptional(),
});
const fileSchema = z.object({ version: z.literal(3), machines: z.array(factsSchema.extend({ key: z.string() })) });

export type MachineFacts = z.infer<typeof factsSchema>;
type Entry = z.infer<typeof fileSchema>["machines"][number];

export const NOTHING_KNOWN: MachineFacts = { choices: {}, settled: [] };

export interface TuningStore {
  /** NOTHING_KNOWN where that is so. Never fails. */
  read(runtime: Runtime, identity: string): Promise<MachineFacts>;
  /** `change` gets what is known and gives what is to be kept: it may be called twice, as another tab may have written meanwhile. Never fails. */
  change(runtime: Runtime, identity: string, change: (known: MachineFacts) => MachineFacts): Promise<void>;
}

/** What was measured takes the place of what is known; a guess takes nobody's. */
export function addTuned(known: MachineFacts, { choices, settled }: Pick<MachineFacts, "choices" | "settled">): MachineFacts {
  const measured = Object.fromEntries(settled.flatMap((key) => (choices[key] === undefined ? [] : [[key, choices[key]]])));
  return { ...known, choices: { ...choices, ...known.choices, ...measured }, settled: [...new Set([...known.settled, ...settled])] };
}

export function openTuningStore(files: FileStore = openOpfs(), browser: () => Promise<string> = nameBrowser): TuningStore {
  const keys = new WeakMap<Runtime, Promise<string>>();
  /** Read once: estimates ask at every change of a setting. */
  const remembered = new WeakMap<Runtime, MachineFacts>();
  const keyOf = (runtime: Runtime, identity: string): Promise<string> => {
    const known = keys.get(runtime) ?? makeKey(runtime, identity, browser);
    keys.set(runtime, known);
    return known;
  };
  const read: TuningStore["read"] = async (runtime, identity) => {
    const known = remembered.get(runtime) ?? (await findFacts(files, () => keyOf(runtime, identity)));
    if (!remembered.has(runtime)) remembered.set(runtime, known);
    return remembered.get(runtime)!;
  };
  return {
    read,
    change: async (runtime, identity, change) => {
      await read(runtime, identity);
      // Read and set in one turn: what others keep meanwhile stays.
      remembered.set(runtime, change(remembered.get(runtime)!));
      try {
        const key = await keyOf(runtime, identity);
        await files.exclusively(async () => {
          const machines = await readMachines(files);
          const { key: _, ...known } = machines.find((machine) => machine.key === key) ?? { key, ...NOTHING_KNOWN };
          const changed = change(known);
          if (JSON.stringify(changed) === JSON.stringify(known)) return;
          const others = machines.filter((machine) => machine.key !== key);
          const kept = [{ key, ...changed }, ...others].slice(0, KEPT_MACHINES);
          await writeCheckedJson(files, FRESH_FILE, { version: 3, machines: kept });
          await files.move(FRESH_FILE, FILE);
        });
      } catch {
        // The next visit measures again.
      }
    },
  };
}

async function findFacts(files: FileStore, keyOf: () => Promise<string>): Promise<MachineFacts> {
  try {
    const key = await keyOf();
    const { key: _, ...known } = (await readMachines(files)).find((machine) => machine.key === key) ?? { key, ...NOTHING_KNOWN };
    return known;
  } catch {
    return NOTHING_KNOWN;
  }
}

async function readMachines(files: FileStore): Promise<readonly Entry[]> {
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
