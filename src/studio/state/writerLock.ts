/**
 * One tab writes. In: the browser's Web Locks and a broadcast channel. Out: whether this tab is the writer. A tab that has to
 * wait says so; taking over first asks the writer to save and let go, and steals the lock when no answer comes.
 */
import { createStore, type StoreApi } from "zustand/vanilla";

export const LOCK = "descent-writer";
/** A reload frees the lock of the page before within about 0.1 s; only a longer wait means a second tab. */
const PATIENCE_MS = 500;
const YIELD_WITHIN_MS = 4000;

export type WriterRole =
  | { readonly role: "asking" }
  | { readonly role: "writer" }
  /** Another tab has the lock; `taking` while it has been asked to let go. */
  | { readonly role: "second"; readonly taking: "no" | "yes" }
  /** This tab had it and another took it. */
  | { readonly role: "displaced" };

/** What the lock needs of a browser; tests bring their own. */
export interface LockPlace {
  request(name: string, options: LockOptions, held: () => Promise<void>): Promise<unknown>;
  openChannel(): { post(message: "yield"): void; listen(onMessage: () => void): void };
}

export interface Writer {
  readonly store: StoreApi<WriterRole>;
  takeOver(): void;
}

export const browserLocks: LockPlace = {
  request: (name, options, held) =>
    typeof navigator.locks === "undefined" ? held() : navigator.locks.request(name, options, held),
  openChannel() {
    const channel = new BroadcastChannel(LOCK);
    return {
      post: (message) => channel.postMessage(message),
      listen: (onMessage) => channel.addEventListener("message", onMessage),
    };
  },
};

/** `letGo` saves what this tab is doing; it runs before the lock is handed to a tab that asked for it. */
export function contendForWriter(letGo: () => Promise<void>, place: LockPlace = browserLocks): Writer {
  const store = createStore<WriterRole>(() => ({ role: "asking" }));
  const channel = place.openChannel();
  let release: (() => void) | undefined;
  let waiting: AbortController | undefined;

  const hold = () =>
    new Promise<void>((resolve) => {
      release = resolve;
      waiting = undefined;
      store.setState({ role: "writer" }, true);
    });
  const lose = () => {
    release = undefined;
    store.setState({ role: "displaced" }, true);
  };
  const queue = () => {
    waiting = new AbortController();
    const { signal } = waiting;
    place.request(LOCK, { signal }, hold).catch(() => {
      if (!signal.aborted) lose();
    });
  };
  const steal = () => {
    if (store.getState().role === "writer") return;
    waiting?.abort();
    place.request(LOCK, { steal: true }, hold).catch(lose);
  };

  channel.listen(() => {
    if (!release) return;
    const open = release;
    void letGo().finally(() => {
      open();
      lose();
    });
  });
  queue();
  setTimeout(() => {
    if (store.getState().role === "asking") store.setState({ role: "second", taking: "no" }, true);
  }, PATIENCE_MS);

  return {
    store,
    takeOver() {
      if (store.getState().role === "writer") return;
      store.setState({ role: "second", taking: "yes" }, true);
      if (!waiting) queue();
      channel.post("yield");
      setTimeout(steal, YIELD_WITHIN_MS);
    },
  };
}
