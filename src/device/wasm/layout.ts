/**
 * The first 64 KiB of a shared device's memory: what the threads tell one another. Numbers of 32-bit words; words that different threads write
 * lie in cache lines of their own (16 words). Handed to the workers as data, because their text can import nothing.
 */
export const LAYOUT = {
  /** Commands handed in (written by the main thread) and finished (by the leader); both wrap at 2³². */
  head: 0,
  done: 16,
  /** Odd while a dispatch is open to helpers. */
  epoch: 32,
  /** Helpers that sleep until the epoch changes. */
  sleepers: 48,
  /** The next chunk of the open dispatch that nobody has taken. */
  next: 64,
  /** Helpers inside the open dispatch, and whether the leader sleeps until they are out. */
  active: 80,
  leaderSleeps: 96,
  /** The open dispatch. */
  kernel: 112,
  code: 113,
  codeBytes: 114,
  args: 115,
  workgroups: 116,
  chunk: 117,
  chunks: 118,
  scratch: 119,
  scratchStride: 120,
  /** 1: the workers end as soon as head and epoch change. */
  quit: 128,
  /** Whether the leader sleeps until head changes. */
  leaderIdles: 129,
  /** What went wrong first: 0 nothing, 1 somebody is writing, 2 to be read. Then the kernel's number, the text's length in bytes, the text. */
  error: 144,
  errorKernel: 145,
  errorBytes: 146,
  errorText: 160,
  errorRoom: 2048,
  /** Commands: a ring of 1,024 entries of eight words. The last word of an entry is 1 where the leader posts a message once it is done. */
  ring: 1024,
  ringEntries: 1024,
  entryWords: 8,

  /** Commands' first words. Run: program, dispatches, scratch, its stride, times (0: none). Copy: from, to, bytes. All addresses are in bytes. */
  opRun: 1,
  opCopy: 2,
  /** Does nothing, and has a message posted: all before it is done. */
  opFence: 3,

  /** A program's table of dispatches: kernel number, address and length of its code, address of its arguments, workgroups. */
  dispatchWords: 5,

  /** How long a thread looks again and again before it sleeps; waking a sleeper costs about as much. */
  spinMs: 0.03,
  /** Chunks of workgroups a thread, so that a late or slow one keeps nobody waiting for long. */
  chunksPerThread: 8,
} as const;

export type Layout = typeof LAYOUT;

/** Where buffers may begin. */
export const FIRST_ADDRESS = 65536;
export const PAGE = 65536;
/** Of memory after the last buffer: packed loads may read past its end. */
export const SPARE = 64;
