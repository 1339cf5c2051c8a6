/** Exchanges through workgroup memory: everyone writes its own slot, barrier, everyone reads any slot, barrier. */
import { LARGEST, type Context, type Variable } from './context.js';
import { uniformCondition } from './expressions.js';
import { arithmetic } from './integer.js';
import { capped, indexBelow } from './leaves.js';
import * as real from './real.js';
import { statements, type Flow } from './statements.js';
import {
  BOOL,
  F32,
  I32,
  LEVEL,
  NORMAL,
  U32,
  block,
  copy,
  map2,
  runGroup,
  typeText,
  type Expr,
  type Place,
  type State,
  type Stmt,
  type Type,
  type Value,
} from './tree.js';

export interface SharedVariable {
  readonly name: string;
  readonly type: Type;
}

/** Before a barrier nobody may leave. */
const STAY: Flow = { inLoop: false, inSwitch: false, result: undefined, nesting: 1 };

const never = (): never => {
  throw new Error('a barrier is for the whole group');
};
const barrier: Stmt = { code: 'workgroupBarrier();', exec: never, all: () => undefined };

/** Shared memory in the making: its declarations, and the statements of `main` up to the last barrier. */
export class Exchanges {
  readonly variables: SharedVariable[] = [];

  constructor(
    private readonly g: Context,
    /** Invocations of a group. */
    private readonly count: number,
    private readonly lindex: Expr,
  ) {}

  /** One exchange, now and then several times over, or under a condition that all share. */
  make(): Stmt[] {
    const { g } = this;
    const kind = g.random.below(10);
    if (kind < 2) {
      const test = uniformCondition(g);
      const body = g.scoped(() => this.#one());
      return [
        { code: `if (${test.code}) ${block(body)}`, exec: never, all: (states) => this.#ifAll(test, body, states) },
      ];
    }
    if (kind < 4) return [this.#loop()];
    return this.#one();
  }

  #ifAll(test: Expr, body: readonly Stmt[], states: readonly State[]): void {
    if (states.length > 0 && test.run(states[0])) runGroup(body, states);
  }

  #loop(): Stmt {
    const { g } = this;
    const name = g.name('r');
    return g.scoped(() => {
      const trips = g.random.between(2, 3);
      const { place } = g.declare(name, U32, false, 0, trips);
      const body = g.scoped(() => g.repeated(trips, () => this.#one()));
      const all = (states: readonly State[]): void => {
        for (let k = 0; k < trips; k++) {
          for (const state of states) place.set(state, k);
          runGroup(body, states);
        }
      };
      return { code: `for (var ${name} = 0u; ${name} < ${trips}u; ${name}++) ${block(body)}`, exec: never, all };
    });
  }

  #one(): Stmt[] {
    const way = this.g.random.below(10);
    if (way < 2) return this.#broadcast();
    if (way < 5 && (this.count & (this.count - 1)) === 0 && this.count > 1) return this.#tree();
    return this.#slots();
  }

  #declare(type: Type): { name: string; slot: number } {
    const name = this.g.name('w');
    this.variables.push({ name, type });
    return { name, slot: this.variables.length - 1 };
  }

  /** Each writes its slots (sometimes not all do, and zeros remain), then reads whichever it likes. */
  #slots(): Stmt[] {
    const { g } = this;
    const element = g.random.pick([F32, I32, U32, U32, g.vector(g.random.pick(['f32', 'i32', 'u32']))]);
    const each = g.random.pick([1, 1, 1, 2]);
    const type: Type = { kind: 'array', element, count: this.count * each };
    const { name, slot } = this.#declare(type);
    const body: Stmt[] = [];
    for (let j = 0; j < each; j++) {
      const value = capped(g, g.expr(element, 3), LARGEST);
      const index = j === 0 ? this.lindex.code : `${this.lindex.code} + ${j * this.count}u`;
      const exec = (s: State): 0 => {
        (s.shared[slot] as Value[])[(this.lindex.run(s) as number) + j * this.count] = copy(value.run(s));
        return NORMAL;
      };
      const write: Stmt = { code: `${name}[${index}] = ${value.code};`, exec };
      if (g.random.chance(0.25)) {
        const test = g.expr(BOOL, 2);
        body.push({ code: `if (${test.code}) ${block([write])}`, exec: (s) => (test.run(s) ? exec(s) : NORMAL) });
      } else body.push(write);
    }
    return [...body, barrier, ...this.#reading(name, type, slot), barrier];
  }

  /** Statements that see the shared variable, but cannot write it. What they declare stays in sight; the variable does not. */
  #reading(name: string, type: Type, slot: number): Stmt[] {
    const { g } = this;
    const place: Place = {
      type,
      code: name,
      level: LEVEL.primary,
      size: LARGEST,
      constant: false,
      run: (s) => s.shared[slot],
      set: never,
    };
    const shared: Variable = { name, type, mutable: false, place };
    g.variables.push(shared);
    const element = type.kind === 'array' ? type.element : type;
    const first = g.name('v');
    let taken: Expr = place;
    if (type.kind === 'array') {
      const index = this.#neighbour(type.count);
      const run = (s: State): Value => (s.shared[slot] as Value[])[index.run(s) as number];
      taken = { ...place, type: element, code: `${name}[${index.code}]`, run };
    }
    const { place: local } = g.declare(first, element, true);
    const take: Stmt = {
      code: `var ${first} = ${taken.code};`,
      exec: (s) => (local.set(s, copy(taken.run(s))), NORMAL),
    };
    const body = [take, ...statements(g, STAY, 1, 2)];
    g.variables = g.variables.filter((v) => v !== shared);
    return body;
  }

  #neighbour(count: number): Expr {
    const { g } = this;
    const k = g.random.below(count);
    const { lindex } = this;
    const of = (code: string, f: (l: number) => number): Expr => ({
      ...lindex,
      code,
      run: (s) => f(lindex.run(s) as number),
    });
    switch (g.random.below(4)) {
      case 0:
        return of(`${count - 1}u - ${lindex.code}`, (l) => count - 1 - l);
      case 1:
        return of(`(${lindex.code} + ${k}u) % ${count}u`, (l) => (l + k) % count);
      case 2:
        return (count & (count - 1)) === 0
          ? of(`${lindex.code} ^ ${k}u`, (l) => l ^ k)
          : of(`${lindex.code} / 2u`, (l) => Math.floor(l / 2));
      default:
        return indexBelow(g, count, 3);
    }
  }

  /** One invocation's value for all. */
  #broadcast(): Stmt[] {
    const { g } = this;
    const type = g.random.pick([F32, I32, U32, g.vector(g.random.pick(['f32', 'i32', 'u32']))]);
    const { name, slot } = this.#declare(type);
    const who = g.random.below(this.count);
    const value = capped(g, g.expr(type, 3), LARGEST);
    const exec = (s: State): 0 => {
      if (this.lindex.run(s) === who) s.shared[slot] = copy(value.run(s));
      return NORMAL;
    };
    const write: Stmt = { code: `if (${this.lindex.code} == ${who}u) { ${name} = ${value.code}; }`, exec };
    return [write, barrier, ...this.#reading(name, type, slot), barrier];
  }

  /** A fold by halves; floats by max, which errs no further. */
  #tree(): Stmt[] {
    const { g, lindex, count } = this;
    const type = g.random.pick([F32, I32, U32]);
    const of = type === I32 ? 'i32' : 'u32';
    const { name, slot } = this.#declare({ kind: 'array', element: type, count });
    const value = capped(g, g.expr(type, 3), LARGEST);
    const cells = (s: State): Value[] => s.shared[slot] as Value[];
    const write: Stmt = {
      code: `${name}[${lindex.code}] = ${value.code};`,
      exec: (s) => ((cells(s)[lindex.run(s) as number] = copy(value.run(s))), NORMAL),
    };
    const op = type === F32 ? 'max' : g.random.pick(['+', '^', 'max']);
    const step = g.name('h');
    const [a, b] = [`${name}[${lindex.code}]`, `${name}[${lindex.code} + ${step}]`];
    const fold = op === 'max' ? `${a} = max(${a}, ${b});` : `${a} ${op}= ${b};`;
    const larger = type === F32 ? real.max : (x: number, y: number) => Math.max(x, y);
    const f = op === 'max' ? larger : (x: number, y: number) => arithmetic(of, op, x, y);
    const all = (states: readonly State[]): void => {
      for (let half = count / 2; half > 0; half = Math.floor(half / 2)) {
        for (const s of states) {
          const l = lindex.run(s) as number;
          if (l < half) cells(s)[l] = map2(f as (x: never, y: never) => Value, cells(s)[l], cells(s)[l + half]);
        }
      }
    };
    const inner: Stmt[] = [{ code: `if (${lindex.code} < ${step}) { ${fold} }`, exec: never }, barrier];
    const loop: Stmt = {
      code: `for (var ${step} = ${count / 2}u; ${step} > 0u; ${step} ${g.random.pick(['/= 2u', '>>= 1u'])}) ${block(inner)}`,
      exec: never,
      all,
    };
    const result = g.name('v');
    const from = g.random.chance(0.6) ? '0' : `${lindex.code} % ${Math.max(1, count / 2)}u`;
    const index = from === '0' ? () => 0 : (s: State) => (lindex.run(s) as number) % Math.max(1, count / 2);
    const { place } = g.declare(result, type, true);
    const take: Stmt = {
      code: `var ${result} = ${name}[${from}];`,
      exec: (s) => (place.set(s, cells(s)[index(s)]), NORMAL),
    };
    return [write, barrier, loop, take, barrier];
  }
}

export const sharedText = (v: SharedVariable): string => `var<workgroup> ${v.name}: ${typeText(v.type)};`;
