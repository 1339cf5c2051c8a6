import type { Layout } from './layout.js';

/** What a worker is sent to begin with. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  readonly layout: Layout;
  /** 0 leads: it takes the commands and opens each dispatch to the others. */
  readonly index: number;
  readonly threads: number;
}

type RunWorkgroups = (begin: number, end: number, args: number, scratch: number) => void;

/**
 * What a worker does for its whole life; it never returns to its event loop before the device ends, and sleeps where there is nothing to do.
 *
 * The leader takes commands from the ring in order. It opens a dispatch (the epoch becomes odd), and everybody who looks takes chunks of its
 * workgroups until there are none left; then it closes the dispatch and waits for those still inside. So nobody waits for a thread that has
 * not begun: one that starts late, sleeps, or has lost its core to another program is simply not there.
 *
 * **This function's text is the worker's script** (see `workerScript`): it may use nothing from outside of it but types, and its own
 * functions are methods, because tools that keep functions' names would wrap others in a call of something that is outside.
 */
export function workerMain(start: WorkerStart, post: () => void): void {
  const { memory, layout, index, threads } = start;
  const control = new Int32Array(memory.buffer, 0, 16384);
  const kernels: (RunWorkgroups | undefined)[] = [];
  let words = new Uint32Array(memory.buffer);

  const thread = {
    /** All of memory up to there as words. This thread's view, and even its `memory.buffer`, may be from before the memory grew. */
    view(end: number): Uint32Array {
      if (words.byteLength < end) words = new Uint32Array(memory.buffer);
      if (words.byteLength < end) {
        memory.grow(0);
        words = new Uint32Array(memory.buffer);
      }
      return words;
    },

    /** Looks for a while whether the word has changed, then sleeps until somebody tells; `sleeping` counts who does. */
    waitWhile(word: number, value: number, sleeping: number): void {
      const until = performance.now() + layout.spinMs;
      do {
        for (let i = 0; i < 50; i++) if (Atomics.load(control, word) !== value) return;
      } while (performance.now() < until);
      Atomics.add(control, sleeping, 1);
      Atomics.wait(control, word, value);
      Atomics.sub(control, sleeping, 1);
    },

    /** Keeps the first failure for the main thread. */
    fail(kernel: number, error: unknown): void {
      if (Atomics.compareExchange(control, layout.error, 0, 1) !== 0) return;
      const text = new TextEncoder().encode(String(error)).subarray(0, layout.errorRoom);
      new Uint8Array(memory.buffer, layout.errorText * 4, layout.errorRoom).set(text);
      control[layout.errorKernel] = kernel;
      control[layout.errorBytes] = text.length;
      Atomics.store(control, layout.error, 2);
    },

    /** The kernel of the open dispatch. Each thread compiles it when it first meets it; engines share the machine code of equal bytes. */
    instance(kernel: number): RunWorkgroups {
      const known = kernels[kernel];
      if (known) return known;
      const code = control[layout.code] >>> 0;
      const length = control[layout.codeBytes];
      const bytes = new Uint8Array(length); // a copy, because nothing can be compiled out of shared memory
      bytes.set(new Uint8Array(thread.view(code + length).buffer, code, length));
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
      const run = exports.run as RunWorkgroups;
      kernels[kernel] = run;
      return run;
    },

    /** Takes chunks of the open dispatch until there are none left. */
    work(): void {
      const kernel = control[layout.kernel];
      const workgroups = control[layout.workgroups];
      const chunk = control[layout.chunk];
      const chunks = control[layout.chunks];
      const args = control[layout.args];
      const scratch = (control[layout.scratch] + index * control[layout.scratchStride]) | 0;
      try {
        const run = thread.instance(kernel);
        for (;;) {
          const taken = Atomics.add(control, layout.next, 1);
          if (taken >= chunks) return;
          const begin = taken * chunk;
          run(begin, Math.min(begin + chunk, workgroups), args, scratch);
        }
      } catch (error) {
        thread.fail(kernel, error);
        Atomics.store(control, layout.next, chunks);
      }
    },

    /** Leader: one dispatch, with whoever is awake. `row`: where its row of the program's table begins, in words. */
    dispatch(table: Uint32Array, row: number): void {
      const workgroups = table[row + 4];
      const chunk = Math.max(1, Math.ceil(workgroups / (threads * layout.chunksPerThread)));
      const chunks = Math.ceil(workgroups / chunk);
      control[layout.kernel] = table[row];
      control[layout.code] = table[row + 1];
      control[layout.codeBytes] = table[row + 2];
      control[layout.args] = table[row + 3];
      control[layout.workgroups] = workgroups;
      control[layout.chunk] = chunk;
      control[layout.chunks] = chunks;
      Atomics.store(control, layout.next, 0);
      if (chunks === 1) {
        thread.work();
        return;
      }
      Atomics.add(control, layout.epoch, 1);
      if (Atomics.load(control, layout.sleepers) > 0) Atomics.notify(control, layout.epoch);
      thread.work();
      Atomics.add(control, layout.epoch, 1);
      for (;;) {
        const inside = Atomics.load(control, layout.active);
        if (inside === 0) return;
        thread.waitWhile(layout.active, inside, layout.leaderSleeps);
      }
    },

    /** Leader: a program's dispatches in order. */
    run(entry: number): void {
      const program = control[entry + 1] >>> 0;
      const count = control[entry + 2];
      const times = control[entry + 5] >>> 0;
      const table = thread.view(program + count * layout.dispatchWords * 4);
      control[layout.scratch] = control[entry + 3];
      control[layout.scratchStride] = control[entry + 4];
      for (let i = 0; i < count; i++) {
        const began = times ? performance.now() : 0;
        thread.dispatch(table, program / 4 + i * layout.dispatchWords);
        if (times) new Float64Array(thread.view(times + count * 8).buffer, times, count)[i] = performance.now() - began;
      }
    },

    /** Leader. */
    copy(entry: number): void {
      const from = control[entry + 1] >>> 0;
      const to = control[entry + 2] >>> 0;
      const length = control[entry + 3] >>> 0;
      new Uint8Array(thread.view(Math.max(from, to) + length).buffer).copyWithin(to, from, from + length);
    },

    lead(): void {
      for (let done = 0; ;) {
        while (Atomics.load(control, layout.head) === done) thread.waitWhile(layout.head, done, layout.leaderIdles);
        if (Atomics.load(control, layout.quit) === 1) return;
        const entry = layout.ring + (done & (layout.ringEntries - 1)) * layout.entryWords;
        if (control[entry] === layout.opRun) thread.run(entry);
        else if (control[entry] === layout.opCopy) thread.copy(entry);
        const tell = control[entry + layout.entryWords - 1] === 1; // read now: once it is done, the entry may be overwritten
        done = (done + 1) | 0;
        Atomics.store(control, layout.done, done);
        if (tell) post();
      }
    },

    help(): void {
      for (let last = 0; ;) {
        const epoch = Atomics.load(control, layout.epoch);
        if ((epoch & 1) === 0 || epoch === last) {
          thread.waitWhile(layout.epoch, epoch, layout.sleepers);
          if (Atomics.load(control, layout.quit) === 1) return;
          continue;
        }
        Atomics.add(control, layout.active, 1);
        // Only a dispatch seen open from inside stays as it is until this thread is out again.
        last = Atomics.load(control, layout.epoch);
        if ((last & 1) === 1) thread.work();
        if (Atomics.sub(control, layout.active, 1) === 1 && Atomics.load(control, layout.leaderSleeps) > 0) {
          Atomics.notify(control, layout.active);
        }
      }
    },
  };

  if (index === 0) thread.lead();
  else thread.help();
}

/**
 * The worker's script as text, for Node (`eval`), browsers (a `blob:` URL), Deno and Bun alike. A file of its own would not be found by all:
 * tests run TypeScript sources, and bundlers move files about. The text of one self-contained function survives both, minified or not.
 */
export function workerScript(): string {
  return `
const main = ${workerMain.toString()};
const begin = (threads) => {
  const port = threads?.parentPort ?? self;
  port.addEventListener('message', ({ data }) => main(data, () => port.postMessage(0)), { once: true });
  port.start?.();
};
if (typeof require === 'function') begin(require('node:worker_threads'));
else if (typeof process === 'object' && process.versions?.node) import('node:worker_threads').then(begin);
else begin();
`;
}
