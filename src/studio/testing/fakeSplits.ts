/** Splits and mixes acted out: parts in the shares asked for, labels where the table has them, the warnings that come with them. */
import type { DatasetSummary, Mix, Result, SplitCalls, SplitSettings, SplitSummary } from "../../worker/protocol";
import type { FakeShelf } from "./fakeTables";

const LABELS = [["ham", 0.857], ["spam", 0.134], ["promotion", 0.009]] as const;

function summarize(dataset: DatasetSummary | undefined, settings: SplitSettings): SplitSummary {
  const rows = dataset?.rows ?? 2800;
  const hasLabel = dataset?.columns?.some(({ role }) => role === "label") ?? false;
  const validation = settings.folds ? 1 / settings.folds : settings.validation;
  const shares = { train: 1 - validation - settings.test, validation, test: settings.test };
  // Without stratification the rare label is drawn a little wrong.
  const skew = settings.by === "random" && !settings.stratify ? 1.12 : settings.by === "end" ? 1.6 : 1;
  const parts = (["train", "validation", "test"] as const).map((part) => {
    const count = Math.round(rows * shares[part]);
    const labels = LABELS.map(([label, share]) => ({ label, rows: Math.round(count * share * (part !== "train" && label !== "ham" ? skew : 1)) }));
    return { part, rows: count, labels: hasLabel ? labels : [], ...(settings.group ? { groups: Math.round(count / 90) } : {}) };
  });
  const notes = [
    ...(settings.by === "time" ? ["12 rows have no date and train."] : []),
    ...(settings.by === "end" && hasLabel ? ["The last rows hold 1.6 times as much spam as the first: a random split would be fairer."] : []),
    ...(settings.group && settings.stratify ? ["Groups stay whole, so the shares of labels are kept only nearly."] : []),
  ];
  return { settings, parts, notes };
}

export function fakeSplits(shelf: FakeShelf): SplitCalls {
  const kept = new Map<string, SplitSettings>();
  const mixes = new Map<string, Mix>();
  const find = (id: string) => shelf.list().find((one) => one.id === id);
  return {
    readSplit: (id) => Promise.resolve({ ok: true, value: { ...summarize(find(id), kept.get(id) ?? { by: "end", validation: 0.1, test: 0, seed: 1337 }), isKept: kept.has(id) } }),
    planSplit(id, settings, keep): Promise<Result<SplitSummary>> {
      if (settings.validation + settings.test >= 1 && !settings.folds) return Promise.resolve({ ok: false, failure: { kind: "bad-settings", message: "Validation and test take all rows; none would train.", hint: "Lower one of the shares." } });
      if (keep === "keep") kept.set(id, settings);
      return new Promise((resolve) => setTimeout(() => resolve({ ok: true, value: { ...summarize(find(id), settings), isKept: keep === "keep" } }), 60));
    },
    dropSplit(id) {
      kept.delete(id);
      return Promise.resolve({ ok: true, value: null });
    },
    saveMix(mix) {
      const id = mix.id ?? `mix-${mixes.size + 1}`;
      mixes.set(id, { ...mix, id });
      const parts = mix.parts.map(({ dataset }) => find(dataset));
      const dataset: DatasetSummary = {
        id, name: mix.name, origin: "mix", prompt: parts[0]?.prompt ?? "The", summary: `Windows of ${parts.map((part) => part?.name ?? "?").join(", ")}.`,
        bytes: parts.reduce((sum, part) => sum + (part?.bytes ?? 0), 0), characters: parts.reduce((sum, part) => sum + (part?.characters ?? 0), 0), parts: parts.length,
      };
      shelf.put(dataset);
      return Promise.resolve({ ok: true, value: dataset });
    },
    readMix(id) {
      const mix = mixes.get(id);
      return Promise.resolve(mix ? { ok: true, value: mix } : { ok: false, failure: { kind: "bad-settings", message: "This mix is not here any more.", hint: "Make a new one." } });
    },
  };
}
