/** A thread of the CPU runtime, for tests in a browser. In: the messages of thread.ts. Out: an answer to the first. */
import { createBreath } from "../runtime/breath";
import { type ThreadMessage, serve } from "../runtime/cpu/thread";

const messages: ThreadMessage[] = [];
addEventListener("message", ({ data }: MessageEvent<ThreadMessage>) => void messages.push(data));
void serve({ takeMessage: () => messages.shift(), answer: () => postMessage("ready"), breathe: createBreath().take });
