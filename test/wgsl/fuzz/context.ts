/** What the generator knows while it writes a kernel: names in sight, bindings, how much work the kernel does so far. */
import { Random } from './random.js';
import {
  BOOL,
  F32,
  I32,
  LEVEL,
  SCALARS,
  U32,
  typeText,
  vectorType,
  type Expr,
  type Place,
  type ScalarName,
  type Type,
  type Value,
} from './tree.js';

export interface Variable {
  readonly name: string;
  readonly type: Type;
  readonly mutable: boolean;
  /** Reading or writing all of it. */
  readonly place: Place;
  /** Indexing, where it is not plainly `name[index]`. */
  readonly element?: (index: Expr) => Place;
  /** A whole number from 0, known to be below this. */
  readonly below?: number;
}

export interface Input {
  readonly name: string;
  readonly binding: number;
  readonly element: Type;
  readonly length: number;
}

export interface Callable {
  readonly name: string;
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** Work of one call. */
  readonly cost: number;
  readonly call: (args: readonly Expr[]) => Expr;
}

/** Floats in variables, buffers and results of functions stay within this: nothing overflows, however often a loop runs. */
export const LARGEST = 64;

/** `expression` makes one expression of a type; it is handed in so that the makers of each type need not import each other. */
export type Maker = (g: Context, type: Type, depth: number) => Expr;

export class Context {
  readonly random: Random;
  variables: Variable[] = [];
  inputs: Input[] = [];
  callables: Callable[] = [];
  structs: Extract<Type, { kind: 'struct' }>[] = [];
  /** Vectors of four are used. */
  readonly fours: boolean;
  /** Slots of an invocation's values. The first hold what main is given: see `#main` in kernel.ts. */
  slots = 6;
  /** Expressions evaluated by one invocation, about. */
  cost = 0;
  /** How often the text being written runs. */
  times = 1;
  nodes = 0;
  /** No local hides another: a `continuing` block would see the loop's. */
  plainNames = false;
  #names = 0;
  /** Where the innermost scope's variables begin. */
  #scopeStart = 0;

  constructor(
    seed: number,
    readonly budget: number,
    /** Numbers of expressions and statements that the reducer takes out. */
    readonly dropped: ReadonlySet<number>,
    private readonly expression: Maker,
  ) {
    this.random = new Random(seed);
    this.fours = this.random.chance(0.5);
  }

  expr(type: Type, depth: number): Expr {
    const id = this.nodes++;
    this.cost += this.times;
    const made = this.expression(this, type, depth);
    return this.dropped.has(id) ? { ...one(type), size: made.size, constant: made.constant, bare: undefined } : made;
  }

  /** A type of the kernel's kind. */
  vector(of: ScalarName): Type {
    return vectorType(of, this.random.between(2, this.fours ? 4 : 3));
  }

  valueType(): Type {
    const of = this.random.weighted<ScalarName>([
      [6, 'f32'],
      [5, 'i32'],
      [6, 'u32'],
      [2, 'bool'],
    ]);
    return this.random.chance(this.fours ? 0.4 : 0.2) ? this.vector(of) : SCALARS[of];
  }

  scalarType(): Type {
    return this.random.weighted<Type>([
      [6, F32],
      [5, I32],
      [6, U32],
      [1, BOOL],
    ]);
  }

  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** A name for a local; now and then one that hides an outer local. */
  localName(): string {
    const before = this.variables.slice(0, this.#scopeStart).filter((v) => v.name.startsWith('v'));
    const here = new Set(this.variables.slice(this.#scopeStart).map((v) => v.name));
    if (before.length > 0 && !this.plainNames && this.random.chance(0.1)) {
      const { name } = this.random.pick(before);
      if (!here.has(name)) return name;
    }
    return this.name('v');
  }

  /** What the program can see here: an inner name hides an outer one. */
  visible(): Variable[] {
    const seen = new Set<string>();
    const result: Variable[] = [];
    for (let i = this.variables.length - 1; i >= 0; i--) {
      const variable = this.variables[i];
      if (!seen.has(variable.name)) result.push(variable);
      seen.add(variable.name);
    }
    return result;
  }

  /** Runs `make` in a scope of its own. */
  scoped<T>(make: () => T): T {
    const before = this.variables;
    const start = this.#scopeStart;
    this.variables = [...before];
    this.#scopeStart = before.length;
    const result = make();
    this.variables = before;
    this.#scopeStart = start;
    return result;
  }

  /** Runs `make` for text that runs `times` times as often. */
  repeated<T>(times: number, make: () => T): T {
    const before = this.times;
    this.times *= times;
    const result = make();
    this.times = before;
    return result;
  }

  /** A name for a value of one invocation. */
  declare(
    name: string,
    type: Type,
    mutable: boolean,
    size = LARGEST,
    below?: number,
  ): Variable & { readonly slot: number } {
    const slot = this.slots++;
    const variable = { name, type, mutable, slot, below, place: slotPlace(name, type, slot, size) };
    this.variables.push(variable);
    return variable;
  }
}

export function slotPlace(code: string, type: Type, slot: number, size: number): Place {
  return {
    type,
    code,
    level: LEVEL.primary,
    size,
    constant: false,
    run: (s) => s.values[slot],
    set: (s, value) => {
      s.values[slot] = value;
    },
  };
}

/** The plainest value of a type, for the reducer. */
export function one(type: Type): Expr {
  const value = (t: Type): Value => {
    switch (t.kind) {
      case 'scalar':
        return t.of === 'f32' ? { v: 1, e: 0 } : t.of === 'bool' ? true : 1;
      case 'vector':
        return Array.from({ length: t.size }, () => value(SCALARS[t.of]));
      case 'array':
        return Array.from({ length: t.count }, () => value(t.element));
      case 'struct':
        return t.members.map((m) => value(m.type));
    }
  };
  const text = (t: Type): string => {
    switch (t.kind) {
      case 'scalar':
        return { f32: '1.0f', i32: '1i', u32: '1u', bool: 'true' }[t.of];
      case 'vector':
        return `${typeText(t)}(${text(SCALARS[t.of])})`;
      case 'array':
        return `${typeText(t)}(${Array.from({ length: t.count }, () => text(t.element)).join(', ')})`;
      case 'struct':
        return `${t.name}(${t.members.map((m) => text(m.type)).join(', ')})`;
    }
  };
  return { type, code: text(type), level: LEVEL.primary, run: () => value(type), size: 1, constant: true };
}
