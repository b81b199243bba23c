/** The measurement of measureBpe.ts in a worker of the page. In: one message. Out: one answer. */
import { measure } from "./measureBpe";

self.onmessage = async ({ data }: MessageEvent<{ text: string; vocabularySize: number }>) => {
  self.postMessage(await measure(data.text, data.vocabularySize));
};
