/** A whole random kernel: bindings with data, functions, `main`, and what the kernel must compute. */
import { LARGEST, Context, type Input, type Variable } from './context.js';
import { expression } from './expressions.js';
import { pureFunction, procedure, type Procedure } from './functions.js';
import { capped, construct, literal, partOf } from './leaves.js';
import * as real from './real.js';
import { Random } from './random.js';
import { DEPTH, statements, store, type Flow } from './statements.js';
import {
  BOOL,
  F32,
  I32,
  LEVEL,
  NORMAL,
  RETURN,
  SCALARS,
  U32,
  block,
  copy,
  runGroup,
  typeText,
  vectorType,
  zero,
  type Expr,
  type Place,
  type ScalarName,
  type State,
  type Stmt,
  type Type,
  type Value,
} from './tree.js';
import { Exchanges, sharedText } from './workgroup.js';

export interface Binding {
  readonly name: string;
  readonly element: Type;
  readonly length: number;
  /** Initial contents in WGSL's layout. */
  readonly words: Uint32Array;
  readonly written: boolean;
}

export interface Kernel {
  readonly seed: number;
  readonly code: string;
  readonly bindings: readonly Binding[];
  readonly params: Uint32Array;
  readonly grid: readonly [number, number, number];
  readonly workgroupSize: readonly [number, number, number];
  /** Vectors of four are used. */
  readonly fours: boolean;
  /** Expressions and statements that the reducer may take out: numbers below this. */
  readonly nodes: number;
  /** What each binding holds afterwards, by its elements. */
  readonly expected: () => readonly Value[][];
}

export interface Options {
  readonly dropped?: ReadonlySet<number>;
}

const SIZES: readonly (readonly [number, readonly [number, number, number]])[] = [
  [3, [64, 1, 1]],
  [3, [32, 1, 1]],
  [2, [16, 1, 1]],
  [2, [4, 1, 1]],
  [2, [8, 1, 1]],
  [2, [8, 4, 1]],
  [1, [16, 4, 1]],
  [1, [4, 2, 2]],
  [1, [4, 8, 1]],
  [1, [1, 1, 1]],
  [1, [3, 1, 1]],
  [1, [6, 1, 1]],
  [1, [5, 3, 1]],
  [1, [2, 2, 1]],
  [1, [1, 4, 1]],
];

/** Work of a dispatch in the reference: expressions evaluated. */
const BUDGET = 250_000;

export function generateKernel(seed: number, options: Options = {}): Kernel {
  const setup = new Random(seed ^ 0x5bd1e995);
  const workgroupSize = setup.weighted(SIZES);
  const size = workgroupSize[0] * workgroupSize[1] * workgroupSize[2];
  const grid = chooseGrid(setup, size);
  const groups = grid[0] * grid[1] * grid[2];
  const g = new Context(seed, BUDGET / (size * groups), options.dropped ?? new Set(), expression);
  return new KernelMaker(g, seed, workgroupSize, grid).make();
}

function chooseGrid(random: Random, size: number): [number, number, number] {
  const grid: [number, number, number] = [random.between(1, 3), random.pick([1, 1, 2]), random.pick([1, 1, 1, 2])];
  for (let axis = 2; axis >= 0; axis--) if (size * grid[0] * grid[1] * grid[2] > 192) grid[axis] = 1;
  return grid;
}

class KernelMaker {
  readonly #bindings: Binding[] = [];
  readonly #data: Value[][] = [];
  readonly #params: { name: string; type: Type; value: Value }[] = [];
  readonly #privates: { name: string; text: string; slot: number; initial: Value }[] = [];
  readonly #procedures: Procedure[] = [];
  readonly #text: string[] = [];
  readonly #invocations: number;
  readonly #perGroup: number;

  constructor(
    private readonly g: Context,
    private readonly seed: number,
    private readonly workgroupSize: readonly [number, number, number],
    private readonly grid: readonly [number, number, number],
  ) {
    this.#perGroup = workgroupSize[0] * workgroupSize[1] * workgroupSize[2];
    this.#invocations = this.#perGroup * grid[0] * grid[1] * grid[2];
  }

  make(): Kernel {
    const { g } = this;
    this.#structs();
    this.#makeParams();
    this.#inputs();
    this.#constants();
    const outputs = this.#outputs();
    const functions = this.#functions();
    const { main, group, shared } = this.#main(outputs);
    const bindings = this.#bindings.map(
      (b, i) => `@group(0) @binding(${i}) var<storage, read_write> ${b.name}: array<${typeText(b.element)}>;`,
    );
    const uniform = `@group(0) @binding(${bindings.length}) var<uniform> p: Params;`;
    const head = [...bindings, ...this.#text, uniform, ...this.#privates.map((v) => v.text), ...shared.map(sharedText)];
    const parts = g.random.chance(0.7) ? [...functions, main] : [main, ...functions];
    const code = [head.join('\n'), ...parts].join('\n\n') + '\n';
    return {
      seed: this.seed,
      code,
      bindings: this.#bindings,
      params: layParams(this.#params),
      grid: this.grid,
      workgroupSize: this.workgroupSize,
      fours: g.fours,
      nodes: g.nodes,
      expected: () =>
        this.#run(
          group,
          shared.map((v) => v.type),
        ),
    };
  }

  #structs(): void {
    const { g } = this;
    for (let n = g.random.pick([0, 0, 1, 2]); n > 0; n--) {
      const name = g.name('S');
      const members = Array.from({ length: g.random.between(2, 4) }, (_, i) => ({
        name: `m${i}`,
        type: g.valueType(),
      }));
      g.structs.push({ kind: 'struct', name, members });
      this.#text.push(`struct ${name} { ${members.map((m) => `${m.name}: ${typeText(m.type)}`).join(', ')} }`);
    }
  }

  #makeParams(): void {
    const { g } = this;
    const count = g.random.chance(0.6) ? this.#invocations : g.random.between(1, this.#invocations);
    this.#params.push({ name: 'count', type: U32, value: count });
    const types: Type[] = [U32, I32, F32, U32];
    for (let n = g.random.below(4); n > 0; n--)
      types.push(g.random.pick([F32, I32, U32, g.vector(g.random.pick(['f32', 'u32', 'i32']))]));
    for (const type of types) this.#params.push({ name: g.name('n'), type, value: randomValue(g.random, type) });
    for (let i = this.#params.length - 1; i > 0; i--) {
      const j = g.random.below(i + 1);
      [this.#params[i], this.#params[j]] = [this.#params[j], this.#params[i]];
    }
    this.#text.push(`struct Params { ${this.#params.map((m) => `${m.name}: ${typeText(m.type)}`).join(', ')} }`);
    this.#params.forEach(({ name, type }, i) => {
      const place: Place = {
        type,
        code: `p.${name}`,
        level: LEVEL.primary,
        size: 4,
        constant: false,
        run: (s) => s.params[i],
        set: () => {
          throw new Error('parameters are not written');
        },
      };
      g.variables.push({ name: `p.${name}`, type, mutable: false, place });
    });
  }

  #bind(name: string, element: Type, length: number, written: boolean): number {
    const values = Array.from({ length }, () => randomValue(this.g.random, element));
    const words = new Uint32Array(length * stride(element));
    values.forEach((value, i) => lay(words, i * stride(element), value));
    this.#bindings.push({ name, element, length, words, written });
    this.#data.push(values);
    return this.#bindings.length - 1;
  }

  #elementType(): Type {
    const { g } = this;
    const of = g.random.weighted<ScalarName>([
      [3, 'f32'],
      [2, 'u32'],
      [2, 'i32'],
    ]);
    if (g.random.chance(0.6)) return SCALARS[of];
    return vectorType(of, g.fours && g.random.chance(0.7) ? 4 : g.random.pick([2, 2, 3]));
  }

  #inputs(): void {
    const { g } = this;
    for (let n = g.random.between(1, 3); n > 0; n--) {
      const name = g.name('in');
      const element = this.#elementType();
      // Half of them have something for every invocation.
      const length = g.random.chance(0.5)
        ? g.random.pick([16, 64, 37, 100, 7])
        : this.#invocations * g.random.between(1, 4) + g.random.below(3);
      const input: Input = { name, element, length, binding: this.#bind(name, element, length, false) };
      g.inputs.push(input);
    }
  }

  #constants(): void {
    const { g } = this;
    for (let n = g.random.below(3); n > 0; n--) {
      const value = literal(g, g.random.pick(['f32', 'i32', 'u32']));
      const name = g.name('K');
      this.#text.push(`const ${name} = ${value.code};`);
      const place: Place = { ...value, code: name, level: LEVEL.primary, bare: undefined, set: () => undefined };
      g.variables.push({ name, type: value.type, mutable: false, place });
    }
    for (let n = g.random.pick([0, 0, 1, 2]); n > 0; n--) {
      const type = g.random.pick([g.scalarType(), g.valueType(), { kind: 'array' as const, element: U32, count: 4 }]);
      const name = g.name('x');
      const initialised = g.random.chance(0.5) && type.kind === 'scalar';
      const start = initialised ? literal(g, type.of) : undefined;
      const { slot } = g.declare(name, type, true);
      const text = `var<private> ${name}: ${typeText(type)}${start ? ` = ${start.code}` : ''};`;
      this.#privates.push({ name, text, slot, initial: start ? start.run(emptyState) : zero(type) });
    }
  }

  /** Buffers of which each invocation owns `each` elements, in one piece or spread. They come into sight in `main`. */
  #outputs(): Variable[] {
    const { g } = this;
    const types: Type[] = [U32, F32];
    for (let n = g.random.below(3); n > 0; n--) types.push(this.#elementType());
    return types.map((element, i) => {
      const each = i < 2 ? 1 : g.random.pick([1, 2, 4, 3]);
      const name = g.name('out');
      const binding = this.#bind(name, element, this.#invocations * each, true);
      const spread = g.random.chance(0.5);
      const index = (j: string): string =>
        each === 1 ? 'at' : spread ? `at + ${j} * ${this.#invocations}u` : `at * ${each}u + ${j}`;
      const indexOf = (s: State, j: number): number => {
        const at = s.values[AT] as number;
        return spread ? at + j * this.#invocations : at * each + j;
      };
      const type: Type = { kind: 'array', element, count: each };
      const at = (code: string, j: (s: State) => number): Place => ({
        type: element,
        code: `${name}[${index(code)}]`,
        level: LEVEL.primary,
        size: LARGEST,
        constant: false,
        run: (s) => s.buffers[binding][indexOf(s, j(s))],
        set: (s, value) => {
          s.buffers[binding][indexOf(s, j(s))] = value;
        },
      });
      const elementAt = (e: Expr): Place =>
        at(e.type === I32 ? `u32(${e.code})` : `(${e.code})`, (s) => e.run(s) as number);
      return { name, type, mutable: true, place: { ...at('0u', () => 0), type }, element: elementAt };
    });
  }

  #functions(): string[] {
    const { g } = this;
    const texts: string[] = [];
    // The slot of `at` comes first in every invocation; functions know nothing of it.
    for (let n = g.random.pick([0, 1, 1, 2, 3]); n > 0; n--) {
      const { code, callable } = pureFunction(g);
      texts.push(code);
      g.callables.push(callable);
    }
    for (let n = g.random.pick([0, 0, 1]); n > 0; n--) {
      const made = procedure(g);
      texts.push(made.code);
      this.#procedures.push(made.procedure);
    }
    return texts;
  }

  #main(outputs: readonly Variable[]): { main: string; group: readonly Stmt[]; shared: Exchanges['variables'] } {
    const { g } = this;
    const builtins: [string, string, Type][] = [
      ['gid', 'global_invocation_id', vectorType('u32', 3)],
      ['lid', 'local_invocation_id', vectorType('u32', 3)],
      ['wid', 'workgroup_id', vectorType('u32', 3)],
      ['nwg', 'num_workgroups', vectorType('u32', 3)],
      ['lindex', 'local_invocation_index', U32],
    ];
    builtins.forEach(([name, , type], i) => {
      const place = slotted(name, type, 1 + i);
      g.variables.push({ name, type, mutable: false, place, below: type === U32 ? this.#perGroup : undefined });
    });
    g.variables.push({
      name: 'at',
      type: U32,
      mutable: false,
      place: slotted('at', U32, AT),
      below: this.#invocations,
    });
    this.#axes();
    g.variables.push(...outputs);
    const lindex = slotted('lindex', U32, 5);
    const exchanges = new Exchanges(g, this.#perGroup, lindex);
    const [wx, wy] = this.workgroupSize;
    const rows = `(gid.z * (nwg.y * ${wy}u) + gid.y)`;
    const body: Stmt[] = [{ code: `let at = ${rows} * (nwg.x * ${wx}u) + gid.x;`, exec: () => NORMAL }];
    const stay: Flow = { inLoop: false, inSwitch: false, result: undefined, nesting: 0 };
    const free: Flow = { ...stay, result: null };
    const grouped = g.random.chance(0.45);
    if (!grouped && g.random.chance(0.6)) body.push(this.#guard());
    // Something to assign to.
    for (const type of [U32, F32, g.valueType()]) body.push(this.#start(type));
    body.push(...statements(g, grouped ? stay : free, 3, 7));
    if (grouped) {
      for (let n = g.random.between(1, 2); n > 0; n--) {
        body.push(...exchanges.make());
        body.push(...statements(g, stay, 0, 2));
      }
      if (g.random.chance(0.5)) body.push(this.#guard());
    }
    for (const p of this.#procedures) body.push(...this.#invoke(p));
    body.push(...statements(g, free, 1, 4));
    body.push(...this.#stores(outputs));
    const parameters = builtins.map(([name, builtin, type]) => `@builtin(${builtin}) ${name}: ${typeText(type)}`);
    const size = this.workgroupSize;
    const sizes =
      size[2] > 1 || g.random.chance(0.5) ? size.join(', ') : size[1] > 1 ? size.slice(0, 2).join(', ') : size[0];
    const head = `@compute @workgroup_size(${sizes})\nfn main(${parameters.join(', ')})`;
    return { main: `${head} ${block(body)}`, group: body, shared: exchanges.variables };
  }

  /** The numbers along each axis: known to be small, and so good for indices. */
  #axes(): void {
    const { g, grid, workgroupSize } = this;
    const axis = (builtin: string, slot: number, limits: readonly number[]): void =>
      ['x', 'y', 'z'].forEach((letter, i) => {
        const name = `${builtin}.${letter}`;
        const run = (s: State): Value => (s.values[slot] as Value[])[i];
        const place = { ...slotted(name, U32, slot), run };
        g.variables.push({ name, type: U32, mutable: false, place, below: limits[i] });
      });
    axis(
      'gid',
      1,
      grid.map((n, i) => n * workgroupSize[i]),
    );
    axis('lid', 2, workgroupSize);
    axis('wid', 3, grid);
  }

  #guard(): Stmt {
    const count = this.#params.findIndex((p) => p.name === 'count');
    const exec = (s: State): 0 | 3 => ((s.values[AT] as number) >= (s.params[count] as number) ? RETURN : NORMAL);
    return { code: 'if (at >= p.count) { return; }', exec };
  }

  #start(type: Type): Stmt {
    const { g } = this;
    const value = capped(g, g.expr(type, DEPTH), LARGEST);
    const name = g.name('v');
    const { place } = g.declare(name, type, true);
    return { code: `var ${name} = ${value.code};`, exec: store(place, value) };
  }

  #invoke(p: Procedure): Stmt[] {
    const { g } = this;
    const value = p.target.kind === 'struct' ? construct(g, p.target, 2) : capped(g, g.expr(p.target, 2), LARGEST);
    const name = g.name('v');
    const { place } = g.declare(name, p.target, true);
    const declared: Stmt = { code: `var ${name}: ${typeText(p.target)} = ${value.code};`, exec: store(place, value) };
    const args = p.parameters.map((type) =>
      type.kind === 'struct' ? construct(g, type, 2) : capped(g, g.expr(type, 2), LARGEST),
    );
    g.cost += p.cost;
    return [declared, p.invoke(name, place.run, place.set, args)];
  }

  /** Every variable in sight leaves a trace in what is stored. */
  #stores(outputs: readonly Variable[]): Stmt[] {
    const { g } = this;
    const result: Stmt[] = [];
    const locals = g.visible().filter((v) => v.name.startsWith('v') || v.name.startsWith('x'));
    const [digest, sum, ...others] = outputs;
    const whole = locals.map((v) => this.#scalarOf(v)).filter((e) => e.type !== F32);
    const bits = (e: Place): string =>
      e.type === I32 ? `bitcast<u32>(${e.code})` : e.type === BOOL ? `u32(${e.code})` : e.code;
    const mixed = whole.reduce<Expr>(
      (h, e) => ({
        ...h,
        code: `((${h.code}) * 31u) ^ ${bits(e)}`,
        run: (s) => (Math.imul(h.run(s) as number, 31) ^ Number(e.run(s))) >>> 0,
      }),
      g.expr(U32, DEPTH),
    );
    const first = digest.element?.(zeroIndex);
    if (first) result.push({ code: `${first.code} = ${mixed.code};`, exec: store(first, mixed) });
    const floats = locals.filter((v) => v.type === F32).slice(0, 6);
    const total = floats.reduce<Expr>(
      (h, v) => ({
        ...h,
        code: `${h.code} + ${v.name} * 0.125`,
        run: (s) => real.add(h.run(s) as real.Real, real.mul(v.place.run(s) as real.Real, real.exact(0.125))),
        size: h.size + v.place.size / 8,
      }),
      { ...slotted('0.0', F32, AT), size: 0, run: () => real.exact(0) },
    );
    const second = sum.element?.(zeroIndex);
    const kept = capped(g, { ...total, level: LEVEL.sum }, 1e9);
    if (second) result.push({ code: `${second.code} = ${kept.code};`, exec: store(second, kept) });
    for (const output of others) {
      if (output.type.kind !== 'array' || !output.element) continue;
      for (let j = 0; j < output.type.count; j++) {
        const place = output.element({ ...zeroIndex, code: `${j}u`, run: () => j });
        const value = capped(g, g.expr(place.type, DEPTH), LARGEST);
        result.push({ code: `${place.code} = ${value.code};`, exec: store(place, value) });
      }
    }
    return result;
  }

  /** A variable, or some part of it. */
  #scalarOf(variable: Variable): Place {
    let { place } = variable;
    while (place.type.kind !== 'scalar') place = partOf(this.g, place, 1);
    return place;
  }

  #run(body: readonly Stmt[], shared: readonly Type[]): readonly Value[][] {
    const buffers = this.#data.map((values) => values.map(copy));
    const [gx, gy, gz] = this.grid;
    const [wx, wy, wz] = this.workgroupSize;
    const params = this.#params.map((p) => p.value);
    for (let z = 0; z < gz; z++) {
      for (let y = 0; y < gy; y++) {
        for (let x = 0; x < gx; x++) {
          const memory = shared.map(zero);
          const states = Array.from({ length: this.#perGroup }, (_, l): State => {
            const local = [l % wx, Math.floor(l / wx) % wy, Math.floor(l / (wx * wy)) % wz];
            const global = [x * wx + local[0], y * wy + local[1], z * wz + local[2]];
            const at = (global[2] * (gy * wy) + global[1]) * (gx * wx) + global[0];
            const values: Value[] = [at, global, local, [x, y, z], [gx, gy, gz], l];
            for (const v of this.#privates) values[v.slot] = copy(v.initial);
            return { values, buffers, shared: memory, params, result: undefined };
          });
          runGroup(body, states);
        }
      }
    }
    return buffers;
  }
}

/** Slots of what every invocation is given: `at`, then the built-in values. */
const AT = 0;

const emptyState: State = { values: [], buffers: [], shared: [], params: [], result: undefined };
const zeroIndex: Expr = { type: U32, code: '0u', level: LEVEL.primary, size: 0, constant: true, run: () => 0 };

function slotted(name: string, type: Type, slot: number): Place {
  return {
    type,
    code: name,
    level: LEVEL.primary,
    size: LARGEST,
    constant: false,
    run: (s) => s.values[slot],
    set: (s, v) => {
      s.values[slot] = v;
    },
  };
}

const INTEGERS = [0, 1, 2, 3, 7, 31, 32, 33, 255, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x10000];

function randomValue(random: Random, type: Type): Value {
  switch (type.kind) {
    case 'scalar': {
      if (type.of === 'f32') return real.exact(Math.fround((random.below(8001) - 4000) / 1000));
      const bits = random.chance(0.5) ? random.pick(INTEGERS) : random.chance(0.6) ? random.below(200) : random.next();
      return type.of === 'i32' ? bits | 0 : bits >>> 0;
    }
    case 'vector':
      return Array.from({ length: type.size }, () => randomValue(random, SCALARS[type.of]));
    default:
      throw new Error('buffers hold scalars and vectors');
  }
}

const componentsOf = (type: Type): number => (type.kind === 'vector' ? type.size : 1);
/** Words from one element of an array to the next. */
export const stride = (type: Type): number => (componentsOf(type) === 3 ? 4 : componentsOf(type));

function lay(words: Uint32Array, at: number, value: Value): void {
  const parts = Array.isArray(value) ? value : [value];
  const floats = new Float32Array(words.buffer);
  parts.forEach((part, i) => {
    if (typeof part === 'object') floats[at + i] = (part as real.Real).v;
    else words[at + i] = Number(part);
  });
}

function layParams(params: readonly { type: Type; value: Value }[]): Uint32Array {
  const words = new Uint32Array(64);
  let at = 0;
  let align = 1;
  for (const { type, value } of params) {
    const need = stride(type);
    at = Math.ceil(at / need) * need;
    align = Math.max(align, need);
    lay(words, at, value);
    at += componentsOf(type);
  }
  return words.slice(0, Math.ceil(at / align) * align);
}
