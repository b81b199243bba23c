/**
 * The page's half of the worker boundary. In: nothing. Out: a `Connection` whose two backends forward to the workers over
 * Comlink, and a listener for what the train worker reports over its own port.
 */
import { type Remote, proxy, transfer, wrap } from "comlink";
import type { DataBackend, TrainBackend, TrainEvent } from "./protocol";
import { installTrustedTypes } from "./trustedTypes";

export { installTrustedTypes };

export interface Connection {
  readonly data: DataBackend;
  readonly train: TrainBackend;
  /** Ends both workers at once; what was not saved is lost. */
  close(): void;
}

export type Connect = (onEvent: (event: TrainEvent) => void) => Connection;

/** Reports what a worker could not catch itself; its own failures arrive as data. */
function watch(worker: Worker, name: string, onEvent: (event: TrainEvent) => void): void {
  const report = (message: string) =>
    onEvent({
      type: "failure",
      failure: { kind: "bug", message, hint: "Reload the page; a run continues from its last save.", where: name },
    });
  worker.addEventListener("error", (event) => report(`The ${name} stopped: ${event.message || "its script could not be loaded"}.`));
  worker.addEventListener("messageerror", () => report(`The ${name} sent something that this browser could not read.`));
}

/** The same backend, whose callers pass listeners as they are: a function cannot be copied to the worker, a proxy of it can. */
function withProxiedListeners(backend: Remote<DataBackend>): DataBackend {
  const prepare = (argument: unknown): unknown => (typeof argument === "function" ? proxy(argument) : argument);
  return new Proxy({} as DataBackend, {
    get: (_, name) => (name === "then" ? undefined : (...given: unknown[]) => (Reflect.get(backend, name) as (...args: unknown[]) => unknown)(...given.map(prepare))),
  });
}

export const connect: Connect = (onEvent) => {
  installTrustedTypes();
  const dataWorker = new Worker(new URL("./data.worker.ts", import.meta.url), { type: "module", name: "data" });
  const trainWorker = new Worker(new URL("./train.worker.ts", import.meta.url), { type: "module", name: "train" });
  watch(dataWorker, "data worker", onEvent);
  watch(trainWorker, "training worker", onEvent);

  const data = wrap<DataBackend>(dataWorker);
  const train = wrap<TrainBackend>(trainWorker);
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", (event: MessageEvent<TrainEvent>) => onEvent(event.data));
  port1.start();
  train.attach(transfer(port2, [port2])).catch((cause: unknown) => {
    onEvent({
      type: "failure",
      failure: {
        kind: "bug",
        message: `The training worker did not start: ${cause instanceof Error ? cause.message : String(cause)}.`,
        hint: "Reload the page.",
      },
    });
  });

  return {
    data: withProxiedListeners(data),
    train,
    close() {
      port1.close();
      dataWorker.terminate();
      trainWorker.terminate();
    },
  };
};
