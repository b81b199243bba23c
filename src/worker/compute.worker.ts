/** A thread of the CPU runtime: carries out the train worker's commands in the memory that they share. Its first message says that it listens. */
import { createBreath } from "../engine/runtime/breath";
import { type ThreadMessage, serve } from "../engine/runtime/cpu/thread";

const inbox: ThreadMessage[] = [];
addEventListener("message", ({ data }: MessageEvent<ThreadMessage>) => void inbox.push(data));
postMessage("ready");
void serve(() => inbox.shift(), createBreath().take);
