/**
 * One flat buffer for all parameters of an optimizer, so that a step is one dispatch over it. Each parameter begins at a multiple of 64
 * elements (256 bytes), the alignment at which WebGPU can bind it by itself. A parameter moves in at the first step, when there is a device;
 * if another optimizer takes it away, it is fetched back.
 */
import { Variable, device, type Parameter } from '../../tensor/index.js';
import { Storage } from '../../tensor/storage.js';

const ALIGNMENT = 64;

/** The arena in which a parameter's memory lies now. */
const homes = new WeakMap<Storage, Arena>();

export class Arena {
  /** Where each parameter begins, in elements. */
  readonly offsets: readonly number[];
  /** Elements in all, gaps included. */
  readonly elements: number;
  readonly values: Variable;
  private residents = 0;
  private abandoned = false;

  constructor(readonly parameters: readonly Parameter[]) {
    const offsets: number[] = [];
    let end = 0;
    for (const parameter of parameters) {
      offsets.push(end);
      end += Math.ceil(parameter.size / ALIGNMENT) * ALIGNMENT;
    }
    this.offsets = offsets;
    this.elements = Math.max(ALIGNMENT, end);
    this.values = this.slot('parameters');
  }

  /** Another flat buffer of this layout, of zeros: moments, gradients. */
  slot(label: string): Variable {
    const storage = Storage.zeros(this.elements, 'f32', `optimizer ${label}`);
    return new Variable(storage, [this.elements], { trainable: false });
  }

  /** Takes in the parameters that are not here yet, with their values. */
  gather(): void {
    this.parameters.forEach((parameter, i) => {
      const { storage } = parameter;
      const home = homes.get(storage);
      if (home === this) return;
      storage.moveInto(this.values.storage, this.offsets[i], device());
      homes.set(storage, this);
      this.residents++;
      home?.leave();
    });
  }

  /** The owner needs it no more; it lives on while parameters are in it. */
  abandon(): void {
    this.abandoned = true;
    if (this.residents === 0) this.values[Symbol.dispose]();
  }

  leave(): void {
    this.residents--;
    if (this.abandoned) this.abandon();
  }

  /** One flat array of this layout, cut into an array a parameter (copies). */
  split(flat: Float32Array): Float32Array[] {
    return this.parameters.map((p, i) => flat.slice(this.offsets[i], this.offsets[i] + p.size));
  }

  /** The reverse of `split`; gaps are 0. */
  join(parts: readonly ArrayLike<number>[]): Float32Array {
    const flat = new Float32Array(this.elements);
    parts.forEach((part, i) => flat.set(part, this.offsets[i]));
    return flat;
  }
}

/** Disposes a variable; where it lies in an arena that nothing else needs, the arena as well. */
export function disposeVariable(variable: Variable): void {
  const home = homes.get(variable.storage);
  homes.delete(variable.storage);
  variable[Symbol.dispose]();
  home?.leave();
}
