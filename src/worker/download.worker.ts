/**
 * Fetches one file by the address that a person typed. In: the address, and "stop". Out: progress, and the file or why there is none. It is
 * the only script whose policy lets it speak to other servers (`scripts/headers.mjs`): it holds no data, and is gone when it has answered.
 */
import { fetchUrl } from "../data/importing/fetchUrl";
import type { DownloadAnswer, DownloadQuestion } from "./data/download";
import { toFailure } from "./failure";

const stop = new AbortController();
const tell = (answer: DownloadAnswer): void => postMessage(answer);

addEventListener("message", ({ data }: MessageEvent<DownloadQuestion>) => {
  if (data === "stop") return stop.abort();
  fetchUrl(data.address, { signal: stop.signal, onProgress: (bytes, total) => tell({ bytes, total }) }).then(
    (file) => tell({ file }),
    (error: unknown) => tell({ failure: toFailure(error, data.address) }),
  );
});
