/** What the parts of lowering share. */
import type { Binding, Expression, Value, Variable } from '../ast.js';
import { WgslError, type Place as TextPlace } from '../error.js';
import type { Memory } from '../ir.js';
import type { Type } from '../types.js';
import type { Emitter } from './emitter.js';
import { sizeWords } from './layout.js';
import type { Place } from './place.js';
import type { Survey } from './survey.js';
import { shapeOf, zeroOf, type Lowered } from './value.js';

/** A way out of a function, loop or switch; it gets a label when something branches there. */
export interface Exit {
  label: number | undefined;
}

export interface Context {
  readonly out: Emitter;
  readonly packed: boolean;
  readonly checked: boolean;
  readonly survey: Survey;
  /** `let`s, parameters, and variables that never change. */
  readonly values: Map<Value | Variable, Lowered>;
  /** Variables that change, and parameters that are pointers. */
  readonly places: Map<Value | Variable, Place>;
  readonly memories: Memories;
  /** The body of a called function, here and now. */
  readonly inline: (call: Expression & { readonly kind: 'call' }) => Lowered | undefined;
}

/** Bindings, workgroup variables and arrays of an invocation as memories of the middle form. */
export class Memories {
  private readonly bindings = new Map<Binding, Memory>();
  private readonly workgroup = new Map<Variable, Memory>();
  private arrays = 0;

  binding(b: Binding): Memory {
    return kept(this.bindings, b, () => ({ kind: 'binding', index: b.index, name: b.name }));
  }

  shared(v: Variable): Memory {
    const id = this.workgroup.size;
    return kept(this.workgroup, v, () => ({ kind: 'workgroup', id, name: v.name, words: sizeWords(v.type) }));
  }

  /** Has only bounds; see `LowerOptions.checked`. */
  bounds(count: number): Memory & { readonly kind: 'private' } {
    return { kind: 'private', id: this.arrays++, name: '', words: count };
  }

  /** A new one. */
  array(name: string, type: Type): Memory & { readonly kind: 'private' } {
    return { kind: 'private', id: this.arrays++, name, words: sizeWords(type) };
  }
}

function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export const zero = (cx: Context, type: Type, at: TextPlace): Lowered => zeroOf(shapeOf(type, cx.packed, at));

export function unsupported(what: string, at: TextPlace): never {
  throw new WgslError(`${what} is not supported here`, at.line, at.column);
}
