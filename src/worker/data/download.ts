/**
 * The data worker's way to other servers: none of its own. In: an address that a person typed. Out: the file, fetched by a worker that is
 * started for it, is given nothing but the address, and ends with it.
 */
import type { FetchContext } from "../../data/importing/fetchUrl";
import { canceled } from "../../data/formats/readBytes";
import { type Failure, FailureError } from "../../settings/failure";
import { installTrustedTypes } from "../trustedTypes";

export type DownloadQuestion = { readonly address: string } | "stop";

export type DownloadAnswer =
  | { readonly bytes: number; readonly total: number }
  | { readonly file: File }
  | { readonly failure: Failure };

export function download(address: string, { signal, onProgress }: FetchContext = {}): Promise<File> {
  if (signal?.aborted) return Promise.reject(canceled(address));
  installTrustedTypes();
  const worker = new Worker(new URL("../download.worker.ts", import.meta.url), { type: "module", name: "download" });
  const ask = (question: DownloadQuestion): void => worker.postMessage(question);
  const stop = (): void => ask("stop");
  const fetched = new Promise<File>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<DownloadAnswer>) => {
      if ("bytes" in data) onProgress?.(data.bytes, data.total);
      else if ("file" in data) resolve(data.file);
      else reject(new FailureError(data.failure));
    });
    worker.addEventListener("error", () =>
      reject(new FailureError({ kind: "bug", message: "The part of Descent that downloads files did not start.", hint: "Reload the page, or download the file with the browser and add it.", where: address })),
    );
    signal?.addEventListener("abort", stop, { once: true });
    ask({ address });
  });
  return fetched.finally(() => {
    signal?.removeEventListener("abort", stop);
    worker.terminate();
  });
}
