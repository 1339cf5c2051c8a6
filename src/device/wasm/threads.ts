import type { CompiledKernel } from '../../wgsl/compile.js';
import type { StartThread, Thread } from './host.js';
import { LAYOUT } from './layout.js';
import type { DeviceMemory } from './memory.js';
import type { KernelFailure, KernelPlace, PreparedProgram, Queue, Scratch } from './queue.js';

type Command = readonly [operation: number, ...words: number[]];

interface Waiter {
  /** Number of the command to be done. */
  readonly after: number;
  readonly resolve: () => void;
}

const { ring, ringEntries, entryWords } = LAYOUT;
/** The last word of an entry: the leader posts a message when the command is done. */
const POST = entryWords - 1;

/** Commands for worker threads (worker.ts). The calling thread never computes or waits: it writes commands into shared memory and goes on. */
export class ThreadQueue implements Queue {
  readonly #control: Int32Array;
  readonly #workers: Thread[];
  /** Commands that the ring had no room for. */
  #backlog: Command[] = [];
  /** Commands in the ring, now or before. */
  #sent = 0;
  #waiters: Waiter[] = [];
  #kernels = 0;
  #gone = false;

  constructor(
    private readonly memory: DeviceMemory,
    readonly threads: number,
    start: StartThread,
    onLost: (reason: string) => void,
  ) {
    this.#control = new Int32Array(memory.memory.buffer, 0, ring + ringEntries * entryWords);
    const events = {
      onMessage: () => this.#progress(),
      onDeath: (reason: string) => {
        if (this.#gone) return;
        onLost(`a worker thread ended: ${reason}`);
        this.destroy();
      },
    };
    this.#workers = Array.from({ length: threads }, (_, index) =>
      start({ memory: memory.memory, layout: LAYOUT, index, threads }, events),
    );
  }

  get submitted(): number {
    return this.#sent + this.#backlog.length;
  }

  get done(): number {
    return this.#sent - ((this.#sent - Atomics.load(this.#control, LAYOUT.done)) | 0);
  }

  addKernel({ bytes }: CompiledKernel): KernelPlace {
    const code = this.memory.take(bytes.length, 'a kernel');
    this.memory.bytes(code, bytes.length).set(bytes);
    return { number: this.#kernels++, code, codeBytes: bytes.length };
  }

  run({ table, dispatches }: PreparedProgram, { base, stride }: Scratch, times: number): void {
    this.#submit([LAYOUT.opRun, table, dispatches.length, base, stride, times]);
  }

  copy(from: number, to: number, bytes: number): void {
    this.#submit([LAYOUT.opCopy, from, to, bytes]);
  }

  drained(): Promise<void> {
    if (this.#gone || this.done === this.submitted) return Promise.resolve();
    this.#submit([LAYOUT.opFence]);
    return new Promise((resolve) => {
      if (this.#waiters.length === 0) this.#workers[0].hold(true);
      this.#waiters.push({ after: this.submitted, resolve });
    });
  }

  takeFailure(): KernelFailure | undefined {
    if (Atomics.load(this.#control, LAYOUT.error) !== 2) return undefined;
    const length = this.#control[LAYOUT.errorBytes];
    const text = new TextDecoder().decode(this.memory.bytes(LAYOUT.errorText * 4, length).slice());
    const failure = { kernel: this.#control[LAYOUT.errorKernel], text };
    Atomics.store(this.#control, LAYOUT.error, 0);
    return failure;
  }

  destroy(): void {
    if (this.#gone) return;
    this.#gone = true;
    // Workers that end by themselves are gone sooner, and not every platform can end one that sleeps.
    Atomics.store(this.#control, LAYOUT.quit, 1);
    for (const word of [LAYOUT.head, LAYOUT.epoch]) {
      Atomics.add(this.#control, word, 2);
      Atomics.notify(this.#control, word);
    }
    for (const worker of this.#workers) worker.terminate();
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  #submit(command: Command): void {
    if (this.#gone) return;
    if (this.#backlog.length > 0 || !this.#hasRoom()) this.#backlog.push(command);
    else this.#send(command);
  }

  #hasRoom(): boolean {
    return this.#sent - this.done < ringEntries;
  }

  #send([operation, ...words]: Command): void {
    const entry = ring + (this.#sent % ringEntries) * entryWords;
    this.#control[entry] = operation;
    words.forEach((word, i) => {
      this.#control[entry + 1 + i] = word;
    });
    this.#sent++;
    // The command that fills the ring tells when there is room again.
    this.#control[entry + POST] = Number(operation === LAYOUT.opFence || !this.#hasRoom());
    Atomics.store(this.#control, LAYOUT.head, this.#sent | 0);
    if (Atomics.load(this.#control, LAYOUT.leaderIdles) > 0) Atomics.notify(this.#control, LAYOUT.head);
  }

  /** After a message of the leader. */
  #progress(): void {
    if (this.#gone) return;
    let sent = 0;
    while (sent < this.#backlog.length && this.#hasRoom()) this.#send(this.#backlog[sent++]);
    this.#backlog.splice(0, sent);
    const { done } = this;
    const ready = this.#waiters.filter(({ after }) => after <= done);
    if (ready.length === 0) return;
    this.#waiters = this.#waiters.filter(({ after }) => after > done);
    if (this.#waiters.length === 0) this.#workers[0].hold(false);
    for (const { resolve } of ready) resolve();
  }
}
