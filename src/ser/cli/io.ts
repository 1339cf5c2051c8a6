/** What the command line needs of the world around it, so that tests can stand in for the process. */

export interface Output {
  write(text: string): unknown;
  /** True on a terminal: progress is then a bar. */
  readonly isTTY?: boolean;
}

export type Interruption = 'SIGINT' | 'SIGTERM';

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Lines of standard input, as they come. */
  lines(): AsyncIterable<string>;
  /** Bytes of standard input, as they come; no more of them once the signal says so. */
  bytes(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Calls `listener` at the next interruption, in place of the process' end. Returns what takes the listener away again. */
  onInterrupt(listener: (signal: Interruption) => void): () => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The process itself. */
export function processIo(): Io {
  // A reader that has seen enough (`formant predict … | head -1`) is no error worth a stack.
  process.stdout.on('error', (error: Error & { code?: string }) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    async *lines() {
      const { createInterface } = await import('node:readline');
      yield* createInterface({ input: process.stdin, crlfDelay: Infinity });
    },
    async *bytes(signal) {
      const { addAbortSignal } = await import('node:stream');
      try {
        for await (const chunk of addAbortSignal(signal, process.stdin)) yield chunk as Uint8Array;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    onInterrupt(listener) {
      // `once`: after the first signal the process' own behaviour is back, so that the second one ends it at once.
      const signals: readonly Interruption[] = ['SIGINT', 'SIGTERM'];
      const heard = (signal: Interruption): void => {
        stop();
        listener(signal);
      };
      const stop = (): void => signals.forEach((signal) => process.removeListener(signal, heard));
      for (const signal of signals) process.on(signal, heard);
      return stop;
    },
  };
}
