import { alignUp } from './checks.js';
import type { Dispatch } from './device.js';
import { DeviceError } from './errors.js';

/** How a program's parameters lie one after another in one block of words, and which of them wait to be brought to the device. */
export class ParamBlock {
  /** What the device's copy holds, or will hold once the dirty words are written. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Of each dispatch. */
  readonly firstWord: readonly number[];
  readonly #counts: readonly number[];
  #dirtyFrom = 0;
  #dirtyTo: number;

  /** Each dispatch's parameters start at a multiple of `unit` bytes. */
  constructor(
    private readonly label: string,
    dispatches: readonly Dispatch[],
    unit: number,
  ) {
    const firstWord: number[] = [];
    let total = 0;
    for (const { params } of dispatches) {
      firstWord.push(total);
      total += alignUp(params.length * 4, unit) / 4;
    }
    this.firstWord = firstWord;
    this.#counts = dispatches.map((d) => d.params.length);
    this.words = new Uint32Array(total);
    dispatches.forEach((dispatch, index) => this.words.set(dispatch.params, firstWord[index]));
    this.#dirtyTo = total;
  }

  set(dispatch: number, word: number, bits: number): void {
    const count = this.#counts[dispatch];
    if (count === undefined || !(word >= 0 && word < count) || !Number.isInteger(word)) {
      throw new DeviceError(
        `setParam(${dispatch}, ${word}) of program '${this.label}': it has ${this.#counts.length} dispatches` +
          (count === undefined ? '.' : `, and this one has ${count} parameter words.`),
      );
    }
    const at = this.firstWord[dispatch] + word;
    if (this.words[at] === bits >>> 0) return;
    this.words[at] = bits;
    if (this.#dirtyFrom === this.#dirtyTo) {
      this.#dirtyFrom = at;
      this.#dirtyTo = at + 1;
    } else {
      this.#dirtyFrom = Math.min(this.#dirtyFrom, at);
      this.#dirtyTo = Math.max(this.#dirtyTo, at + 1);
    }
  }

  /** The words from … to − 1 that changed since the last call, if any. */
  takeDirty(): { readonly from: number; readonly to: number } | undefined {
    if (this.#dirtyFrom === this.#dirtyTo) return undefined;
    const dirty = { from: this.#dirtyFrom, to: this.#dirtyTo };
    this.#dirtyFrom = this.#dirtyTo = 0;
    return dirty;
  }
}
