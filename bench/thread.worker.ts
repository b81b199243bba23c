/** One of the threads that compute for `descent-cpu`. In: messages of the runtime. Out: an answer to the first; then work done in shared memory. */
import { createBreath } from "../src/engine/runtime/breath";
import { type ThreadMessage, serve } from "../src/engine/runtime/cpu/thread";

const messages: ThreadMessage[] = [];
self.onmessage = ({ data }: MessageEvent<ThreadMessage>) => void messages.push(data);
// Not awaited: a worker is given no message before its script has ended.
serve({ takeMessage: () => messages.shift(), answer: () => self.postMessage("ready"), breathe: createBreath().take }).catch(reportError);
