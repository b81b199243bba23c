/**
 * The studio on the stand-in backend, for looking at it: `npm run dev`, then /src/studio/testing/demo.html. The query chooses the
 * situation: ?found, ?slow, ?fails=diverged, ?speed=200 (steps per flush), ?tables (tables of all kinds), ?datasets=50, ?full (storage).
 */
import type { DatasetSummary, FailureKind } from "../../worker/protocol";
import { mountStudio } from "../mount";
import { type FakeOptions, fakeConnect } from "./fakeBackend";
import { FAKE_DATASETS } from "./fakeCatalog";
import { tableOf } from "./fakeTables";

const query = new URLSearchParams(location.search);
const kind = query.get("fails") as FailureKind | null;

const own = (id: string, name: string): DatasetSummary => ({ id, name, origin: "user", summary: "Read as UTF-8.", bytes: 5_400_000, characters: 5_310_000, prompt: "The", columns: tableOf(id).columns, rows: tableOf(id).rows });
const tables = query.has("tables") ? [own("messages", "messages.csv"), own("million", "a million rows.parquet"), own("wide", "sensors.tfrecord"), own("chats", "chats.jsonl")] : [];
const many = Array.from({ length: Number(query.get("datasets") ?? 0) }, (_, index) => own(`own-many-${index}`, `letters ${1900 + index}.txt`));

const options: FakeOptions = {
  datasets: [...FAKE_DATASETS, ...tables, ...many],
  storage: query.has("full") ? "full" : "roomy",
  stepsPerFlush: Number(query.get("speed") ?? 7),
  ...(query.has("found") ? { foundAtStep: 1200 } : {}),
  ...(query.has("slow")
    ? {
        device: {
          runtime: "cpu", name: "CPU", detail: "reference kernels", slow: true, defaults: { steps: 500, layers: 2, width: 64, contextLength: 64 },
          notice: {
            kind: "no-webgpu", message: "This browser gives no WebGPU adapter, so training runs on the CPU, much slower.",
            hint: "Chrome and Edge 113, Safari 26 and Firefox 141 or newer have WebGPU; hardware acceleration must be on in the browser’s settings.",
          },
        },
      }
    : {}),
  ...(kind
    ? {
        failAt: {
          step: 700,
          failure: { kind, message: "The loss became NaN at step 700; the learning rate of 0.3 is 300 times the suggested one.", hint: "Go back to the save at step 500 and halve the learning rate." },
        },
      }
    : {}),
};

await mountStudio(fakeConnect(options));
