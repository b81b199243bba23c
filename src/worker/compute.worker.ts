/** A thread of the CPU runtime: carries out the train worker's commands in the memory that they share. Its only message says that it listens. */
import { createBreath } from "../engine/runtime/breath";
import { type ThreadMessage, serve } from "../engine/runtime/cpu/thread";

const inbox: ThreadMessage[] = [];
addEventListener("message", ({ data }: MessageEvent<ThreadMessage>) => void inbox.push(data));
// Not awaited: a browser may hold messages back from a module that is not done.
void serve({ takeMessage: () => inbox.shift(), answer: () => postMessage("here"), breathe: createBreath().take });
