/** Threads as the platform has them: `node:worker_threads`, or Web Workers. */
import { UnsupportedError } from '../errors.js';
import { workerScript, type WorkerStart } from './worker.js';

/** More gain nothing on the sizes of this engine, and each costs memory. */
const MOST_BY_DEFAULT = 16;
const MOST = 256;

/** One running worker. */
export interface Thread {
  /** While held, it keeps the process alive. */
  hold(held: boolean): void;
  terminate(): void;
}

export interface ThreadEvents {
  onMessage(): void;
  /** It ended by itself: it never should. */
  onDeath(reason: string): void;
}

export type StartThread = (start: WorkerStart, events: ThreadEvents) => Thread;

type NodeThreads = typeof import('node:worker_threads');
type NodeOs = typeof import('node:os');

const isNode = (): boolean => typeof process !== 'undefined' && process.versions?.node !== undefined;

// Specifiers that bundlers cannot follow: a browser's build must contain nothing of this.
const nodeModule = async <T>(name: string): Promise<T> => (await import(/* @vite-ignore */ `node:${name}`)) as T;

/** How many threads to use: what was asked for (`FORMANT_THREADS`), else one for each core, up to 16. @throws UnsupportedError */
export async function chooseThreads(asked: number | string | undefined): Promise<number> {
  if (asked !== undefined && asked !== '') {
    const count = Number(asked);
    if (!Number.isInteger(count) || count < 1 || count > MOST) {
      throw new UnsupportedError(`FORMANT_THREADS is '${asked}'; expected a whole number from 1 to ${MOST}.`);
    }
    return count;
  }
  return Math.max(1, Math.min(MOST_BY_DEFAULT, await cores()));
}

async function cores(): Promise<number> {
  if (isNode()) return (await nodeModule<NodeOs>('os')).availableParallelism();
  return typeof navigator === 'undefined' ? 1 : navigator.hardwareConcurrency;
}

/** How to start a thread here, or undefined where memory cannot be shared between threads (a page that is not cross-origin isolated). */
export async function findThreads(): Promise<StartThread | undefined> {
  if (typeof SharedArrayBuffer === 'undefined') return undefined;
  if (isNode()) return nodeThreads(await nodeModule<NodeThreads>('worker_threads'));
  if (typeof Worker === 'undefined' || globalThis.crossOriginIsolated === false) return undefined;
  return webThread;
}

function nodeThreads({ Worker }: NodeThreads): StartThread {
  return (start, events) => {
    // Nothing of the process' flags and environment: loaders and hooks would be started again in every thread.
    const worker = new Worker(workerScript(), { eval: true, execArgv: [], env: {}, name: `formant ${start.index}` });
    worker.on('message', () => events.onMessage());
    worker.on('error', (error) => events.onDeath(String(error)));
    worker.on('exit', (code) => events.onDeath(`exit code ${code}`));
    worker.postMessage(start);
    worker.unref(); // last: listening to its messages holds it again
    return {
      hold: (held) => (held ? worker.ref() : worker.unref()),
      terminate: () => void worker.terminate(),
    };
  };
}

const webThread: StartThread = (start, events) => {
  const url = URL.createObjectURL(new Blob([workerScript()], { type: 'text/javascript' }));
  const worker = new Worker(url, { type: 'module', name: `formant ${start.index}` });
  worker.addEventListener('message', () => events.onMessage());
  worker.addEventListener('error', (event) => {
    events.onDeath(
      event.message || "it could not be started; the page's Content-Security-Policy must allow blob: workers",
    );
  });
  worker.postMessage(start);
  return {
    hold: () => undefined, // a page has no end to be kept from
    terminate: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
};
