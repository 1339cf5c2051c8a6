/**
 * Awaiting the device. In browsers a promise costs nothing while it waits. Dawn's Node binding instead polls from the event loop without a
 * pause for as long as any of its promises is open: a core spins, and where the "GPU" is a software driver that core is missing for the
 * work itself (waiting became 30–40 % shorter on two cores). So while a promise is open, each turn of the event loop takes a short nap.
 */
export type Wait = <T>(promise: Promise<T>) => Promise<T>;

/** For browsers and Deno. */
export const plainWait: Wait = (promise) => promise;

const SHORTEST_NAP_MS = 0.02;
const LONGEST_NAP_MS = 0.5;

/** For Node: naps grow with the time waited, so that short waits stay short and long ones cost no CPU. */
export function nappingWait(): Wait {
  // Taken once, so that a test's fake timers cannot stop it.
  const nextTurn = setImmediate;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let open = 0;
  let since = 0;
  let turning = false;

  function turn(): void {
    turning = open > 0;
    if (!turning) return;
    const waited = performance.now() - since;
    Atomics.wait(cell, 0, 0, Math.min(LONGEST_NAP_MS, Math.max(SHORTEST_NAP_MS, waited / 10)));
    nextTurn(turn);
  }

  return async (promise) => {
    if (open++ === 0) since = performance.now();
    if (!turning) {
      turning = true;
      nextTurn(turn);
    }
    try {
      return await promise;
    } finally {
      open--;
    }
  };
}
