/** What is remembered of memory, word by word, beside its contents. */

/** Which words of the device's memory hold nobody's value. */
export class Unwritten {
  /** 1: undefined. As long as the highest word that ever was. */
  words = new Uint8Array(0);

  /** The bytes are handed to a new owner, who must write before it reads. */
  add(address: number, bytes: number): void {
    const end = (address + bytes) >>> 2;
    this.reach(end);
    this.words.fill(1, address >>> 2, end);
  }

  remove(address: number, bytes: number): void {
    this.words.fill(0, address >>> 2, (address + bytes) >>> 2);
  }

  clear(): void {
    this.words.fill(0);
  }

  /** What is undefined stays so when it is copied. */
  copy(from: number, to: number, bytes: number): void {
    const source = this.words.slice(from >>> 2, (from + bytes) >>> 2);
    this.remove(to, bytes);
    if (!source.includes(1)) return;
    this.reach((to + bytes) >>> 2);
    this.words.set(source, to >>> 2);
  }

  private reach(end: number): void {
    if (end <= this.words.length) return;
    const longer = new Uint8Array(Math.max(end, this.words.length * 2));
    longer.set(this.words);
    this.words = longer;
  }
}

/**
 * The last accesses of each word of one memory. An access is site · 1024 + invocation; its epoch counts barriers and workgroups, so that it says
 * by itself what lies between two accesses, and nothing has to be cleared.
 */
export class Accesses {
  writeEpoch = new Uint32Array(0);
  writer = new Uint32Array(0);
  readEpoch = new Uint32Array(0);
  /** Two different readers of the epoch, if there are two. */
  reader = new Uint32Array(0);
  reader2 = new Uint32Array(0);
  /** The first reader of the dispatch. */
  firstEpoch = new Uint32Array(0);
  first = new Uint32Array(0);

  /** Room for so many words; earlier accesses are forgotten when it grows. */
  grow(words: number): void {
    if (words <= this.writeEpoch.length) return;
    const array = (): Uint32Array<ArrayBuffer> => new Uint32Array(words);
    [this.writeEpoch, this.writer, this.readEpoch] = [array(), array(), array()];
    [this.reader, this.reader2, this.firstEpoch, this.first] = [array(), array(), array(), array()];
  }
}

export const INVOCATIONS = 1024;
export const invocationOf = (access: number): number => access % INVOCATIONS;
export const siteOf = (access: number): number => Math.floor(access / INVOCATIONS);
