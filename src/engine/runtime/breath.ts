/** A turn of the event loop, for work that is done in slices. In: nothing. Out: a promise for each turn. */
export interface Breath {
  readonly take: () => Promise<void>;
  readonly close: () => void;
}

/** A turn of the event loop that no browser throttles: a message to oneself. */
export function createBreath(): Breath {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  let isClosed = false;
  port1.onmessage = () => waiting.shift()?.();
  // Node would keep the process alive for an open port.
  (port1 as MessagePort & { unref?: () => void }).unref?.();
  return {
    take: () =>
      new Promise((resolve) => {
        if (isClosed) return resolve();
        waiting.push(resolve);
        port2.postMessage(null);
      }),
    close: () => {
      isClosed = true;
      port1.close();
      // Messages under way are lost; whoever waits for one is not.
      for (const resolve of waiting.splice(0)) resolve();
    },
  };
}
