/** What a command is given besides its options, and what it gives back. */
import type { Hooks } from '../run/types.js';
import { InterruptedError } from './errors.js';
import type { Interruption, Io } from './io.js';
import { progressView } from './progress.js';
import type { Services } from './services.js';

/** What a command found: printed as JSON or as text, never both. */
export interface Outcome {
  readonly json: unknown;
  readonly text: string;
  /** Exit code; default 0. */
  readonly code?: number;
  /** An interruption cut the work short; what there is, is printed all the same. */
  readonly incomplete?: boolean;
  /** The command has printed everything itself. */
  readonly printed?: boolean;
}

export interface Context {
  readonly io: Io;
  readonly json: boolean;
  readonly services: Services;
  /**
   * Runs long work with progress on stderr and with Ctrl-C as its abort signal. Where that cut it short, the exit code is the
   * interruption's: 130 for Ctrl-C, 143 for SIGTERM.
   */
  work(job: (hooks: Required<Hooks>) => Promise<Outcome>): Promise<Outcome>;
}

/**
 * Hooks for work whose first stages have nothing to save: an interruption breaks those off at once, instead of after the last of ten
 * thousand clips.
 */
export const breakOffEarly = (hooks: Required<Hooks>): Required<Hooks> => ({
  ...hooks,
  onProgress(progress) {
    if (progress.stage !== 'train' && progress.stage !== 'evaluate') hooks.signal.throwIfAborted();
    hooks.onProgress(progress);
  },
});

const EXIT_CODES: Readonly<Record<Interruption, number>> = { SIGINT: 130, SIGTERM: 143 };

export function makeContext(io: Io, json: boolean, services: Services): Context {
  return {
    io,
    json,
    services,
    async work(job) {
      const view = await progressView(io.stderr);
      const controller = new AbortController();
      let code = 0;
      const stopListening = io.onInterrupt((signal) => {
        code = EXIT_CODES[signal];
        view.close();
        io.stderr.write('\nformant: stopping cleanly; a second Ctrl-C quits at once.\n');
        controller.abort(new InterruptedError(`Interrupted by ${signal}.`, code));
      });
      try {
        const outcome = await job({
          onProgress: (progress) => view.update(progress),
          onNotice: (text) => {
            view.close();
            io.stderr.write(`formant: ${text}\n`);
          },
          signal: controller.signal,
        });
        return code && outcome.incomplete ? { ...outcome, code } : outcome;
      } catch (error) {
        if (code) throw new InterruptedError('Interrupted before there was a result.', code, { cause: error });
        throw error;
      } finally {
        stopListening();
        view.close();
      }
    },
  };
}
