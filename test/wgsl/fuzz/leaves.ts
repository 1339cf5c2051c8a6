/** Literals, variables and loads: the ends of expressions. */
import { LARGEST, type Context, type Variable } from './context.js';
import * as real from './real.js';
import { argument, call } from './text.js';
import {
  F32,
  I32,
  LEVEL,
  SCALARS,
  U32,
  typeText,
  vectorType,
  zero,
  type Expr,
  type Place,
  type ScalarName,
  type State,
  type Type,
  type Value,
} from './tree.js';

const NOTHING: State = { values: [], buffers: [], shared: [], params: [], result: undefined };
/** The value of a const-expression. */
export const valueOf = (e: Expr): Value => e.run(NOTHING);

const EDGES: Record<'i32' | 'u32', readonly [string, number][]> = {
  u32: [
    ['0xffffffffu', 0xffffffff],
    ['0x80000000u', 0x80000000],
    ['2654435761u', 2654435761],
    ['0xFFu', 255],
    ['65537u', 65537],
  ],
  i32: [
    ['0x7fffffff', 0x7fffffff],
    ['-2147483647', -2147483647],
    ['-65536', -65536],
    ['0x1234567i', 0x1234567],
    ['1000003', 1000003],
  ],
};

const FLOATS = [0, 1, 2, 0.5, 0.25, 3, 1.5, 0.1, 0.75, 0.3333333, 7, 1e-2, 4, 2.5];

function floatText(g: Context, v: number): { code: string; bare: string } {
  const bare = g.random.pick([
    Number.isInteger(v) ? `${v}.0` : String(v),
    v < 1 && v > 0 && String(v).startsWith('0.') ? String(v).slice(1) : v.toExponential(),
    Number.isInteger(v) ? `${v}.` : String(v),
  ]);
  return { code: `${bare}f`, bare };
}

export function literal(g: Context, of: ScalarName): Expr {
  const base = { type: SCALARS[of], level: LEVEL.primary, size: 0, constant: true };
  const { random } = g;
  if (of === 'bool') {
    const value = random.chance(0.5);
    return { ...base, code: String(value), run: () => value };
  }
  if (of === 'f32') {
    const v = random.pick(FLOATS);
    const value = real.constant(v);
    return { ...base, ...floatText(g, v), size: Math.max(v, 1e-3), run: () => value };
  }
  if (random.chance(0.15)) {
    const [code, value] = random.pick(EDGES[of]);
    return { ...base, code, level: code.startsWith('-') ? LEVEL.unary : LEVEL.primary, run: () => value };
  }
  const value = random.chance(0.8) ? random.below(17) : random.below(1000);
  if (of === 'i32' && value > 0 && random.chance(0.25)) {
    return { ...base, code: `-${value}i`, bare: `-${value}`, level: LEVEL.unary, run: () => -value };
  }
  const digits = random.chance(0.2) ? `0x${value.toString(16)}` : String(value);
  return { ...base, code: digits + (of === 'i32' ? 'i' : 'u'), bare: digits, run: () => value };
}

/** Something that is certainly no const-expression: taken from the uniform block. */
export function varying(g: Context, type: Type): Expr {
  const found = pathTo(g, type);
  if (found && !found.constant) return found;
  if (type.kind === 'vector') {
    const part = varying(g, SCALARS[type.of]);
    return call(typeText(type), [part], {
      type,
      size: part.size,
      run: (s) => {
        const value = part.run(s);
        return Array.from({ length: type.size }, () => value);
      },
    });
  }
  if (type.kind !== 'scalar') throw new Error(`no varying ${typeText(type)}`);
  const params = g.visible().filter((v) => v.name.startsWith('p.') && v.type.kind === 'scalar');
  const same = params.filter((v) => v.type === type);
  if (same.length > 0) return g.random.pick(same).place;
  const word = params.find((v) => v.type === U32);
  if (!word || type !== SCALARS.bool) throw new Error(`no parameter for ${typeText(type)}`);
  const run = (s: State): boolean => (word.place.run(s) as number) > 3;
  return { type, code: `${word.place.code} > 3u`, level: LEVEL.relation, size: 0, constant: false, run };
}

/** An index below `count`, whatever it is made of. */
export function indexBelow(g: Context, count: number, depth: number): Expr {
  const { random } = g;
  if (depth <= 0 || random.chance(0.3)) {
    const n = random.below(count);
    const signed = random.chance(0.3);
    return {
      type: signed ? I32 : U32,
      code: random.chance(0.5) ? String(n) : signed ? `${n}i` : `${n}u`,
      level: LEVEL.primary,
      size: 0,
      constant: true,
      run: () => n,
    };
  }
  if (random.chance(0.35)) {
    const index = affine(g, count);
    if (index) return index;
  }
  const powerOfTwo = (count & (count - 1)) === 0;
  if (powerOfTwo && random.chance(0.4)) {
    const type = random.pick([I32, U32]);
    const e = g.expr(type, depth - 1);
    const code = `(${e.code}) & ${count - 1}`;
    return {
      type,
      code,
      level: LEVEL.logic,
      size: 0,
      constant: e.constant,
      run: (s) => (e.run(s) as number) & (count - 1),
    };
  }
  const e = nonConstant(g, U32, depth - 1);
  if (random.chance(0.3)) {
    const run = (s: State): number => Math.min(e.run(s) as number, count - 1);
    return {
      type: U32,
      code: `min(${argument(e)}, ${count - 1}u)`,
      level: LEVEL.primary,
      size: 0,
      constant: false,
      run,
    };
  }
  const run = (s: State): number => (e.run(s) as number) % count;
  return { type: U32, code: `(${e.code}) % ${count}u`, level: LEVEL.product, size: 0, constant: false, run };
}

/**
 * A sum of multiples of what is known to be small (the invocation's number, counters of loops), below `count`: the indices of real kernels,
 * which go up evenly from one invocation to the next, or are the same for neighbours.
 */
export function affine(g: Context, count: number): Expr | undefined {
  const { random } = g;
  let left = count - 1;
  const terms: { code: string; run: (s: State) => number }[] = [];
  for (let n = random.between(1, 3); n > 0; n--) {
    const known = g.visible().filter((v) => v.below !== undefined && v.below - 1 <= left);
    if (known.length === 0) break;
    const { name, type, below = 1, place } = random.pick(known);
    const most = below > 1 ? Math.floor(left / (below - 1)) : 9;
    const factor = random.chance(0.5) ? 1 : random.between(1, Math.min(most, random.pick([4, 9, 64])));
    left -= factor * (below - 1);
    const code = type === I32 ? `u32(${name})` : name;
    const times = random.chance(0.5) ? `${code} * ${factor}u` : `${factor}u * ${code}`;
    terms.push({ code: factor === 1 ? code : times, run: (s) => factor * (place.run(s) as number) });
  }
  if (terms.length === 0) return undefined;
  const start = random.chance(0.5) ? 0 : random.below(left + 1);
  const sum = (s: State): number => terms.reduce((total, t) => total + t.run(s), start);
  const parts = terms.map((t) => t.code);
  if (start > 0) parts.push(`${start}u`);
  const reversed = start === 0 && random.chance(0.15);
  const code = reversed ? `${count - 1}u - (${parts.join(' + ')})` : parts.join(' + ');
  const run = reversed ? (s: State) => count - 1 - sum(s) : sum;
  return { type: U32, code, level: LEVEL.sum, size: 0, constant: false, run };
}

export function nonConstant(g: Context, type: Type, depth: number): Expr {
  const e = g.expr(type, depth);
  return e.constant ? varying(g, type) : e;
}

export const COMPONENTS = ['x', 'y', 'z', 'w'];

/** A part of a composite place: array element, struct member, component of a vector. */
export function partOf(g: Context, place: Place, depth: number, element?: Variable['element']): Place {
  const { type } = place;
  const container = (s: State): Value[] => place.run(s) as Value[];
  const at = (inner: Type, code: string, index: (s: State) => number): Place => ({
    type: inner,
    code,
    level: LEVEL.primary,
    size: place.size,
    constant: false,
    run: (s) => container(s)[checked(index(s), container(s).length)],
    set: (s, value) => {
      container(s)[checked(index(s), container(s).length)] = value;
    },
  });
  switch (type.kind) {
    case 'array': {
      const index = indexBelow(g, type.count, depth);
      if (element) return element(index);
      return at(type.element, `${place.code}[${index.code}]`, (s) => index.run(s) as number);
    }
    case 'struct': {
      const m = g.random.below(type.members.length);
      return at(type.members[m].type, `${place.code}.${type.members[m].name}`, () => m);
    }
    case 'vector': {
      const scalar = SCALARS[type.of];
      if (g.random.chance(0.25)) {
        const index = indexBelow(g, type.size, depth);
        return at(scalar, `${place.code}[${index.code}]`, (s) => index.run(s) as number);
      }
      const c = g.random.below(type.size);
      const letter = g.random.chance(0.15) ? 'rgba'[c] : COMPONENTS[c];
      return at(scalar, `${place.code}.${letter}`, () => c);
    }
    case 'scalar':
      throw new Error('a scalar has no parts');
  }
}

function checked(index: number, length: number): number {
  if (!(index >= 0 && index < length)) throw new Error(`the generator made an index ${index} of ${length}`);
  return index;
}

/** A random way down from a visible name to a value of the type; undefined where none is found. */
export function pathTo(g: Context, type: Type, writable = false): Place | undefined {
  const variables = g.visible().filter((v) => (!writable || v.mutable) && reaches(v.type, type));
  for (let attempt = 0; attempt < 3 && variables.length > 0; attempt++) {
    const variable = g.random.pick(variables);
    let place = variable.place;
    let { element } = variable;
    while (place.type !== type && place.type.kind !== 'scalar') {
      place = partOf(g, place, 1, element);
      element = undefined;
    }
    if (place.type === type) return place;
  }
  return undefined;
}

function reaches(from: Type, to: Type): boolean {
  if (from === to) return true;
  switch (from.kind) {
    case 'scalar':
      return false;
    case 'vector':
      return SCALARS[from.of] === to;
    case 'array':
      return reaches(from.element, to);
    case 'struct':
      return from.members.some((m) => reaches(m.type, to));
  }
}

/** A load from an input at an index in range. */
export function load(g: Context, type: Type, depth: number): Expr | undefined {
  const inputs = g.inputs.filter((i) => reaches(i.element, type));
  if (inputs.length === 0) return undefined;
  const input = g.random.pick(inputs);
  const even = g.random.chance(0.6) ? affine(g, input.length) : undefined;
  const index = even ?? nonConstant(g, U32, depth - 1);
  const limit = g.random.chance(0.2) ? `arrayLength(&${input.name})` : `${input.length}u`;
  let place: Place = {
    type: input.element,
    code: even ? `${input.name}[${index.code}]` : `${input.name}[(${index.code}) % ${limit}]`,
    level: LEVEL.primary,
    size: 4,
    constant: false,
    run: (s) => s.buffers[input.binding][(index.run(s) as number) % input.length],
    set: () => {
      throw new Error('inputs are not written');
    },
  };
  while (place.type !== type && place.type.kind !== 'scalar') place = partOf(g, place, 1);
  return place.type === type ? place : undefined;
}

/** Splat, parts, or zero. */
export function construct(g: Context, type: Type, depth: number): Expr {
  if (type.kind === 'scalar') return literal(g, type.of);
  if (g.random.chance(0.05)) {
    return { type, code: `${typeText(type)}()`, level: LEVEL.primary, size: 0, constant: true, run: () => zero(type) };
  }
  if (type.kind !== 'vector') {
    const types =
      type.kind === 'array' ? Array.from({ length: type.count }, () => type.element) : type.members.map((m) => m.type);
    const parts = types.map((t) => capped(g, g.expr(t, depth - 1), LARGEST));
    return call(typeText(type), parts, { type, size: largest(parts), run: (s) => parts.map((p) => p.run(s)) });
  }
  const scalar = SCALARS[type.of];
  if (g.random.chance(0.25)) {
    const part = g.expr(scalar, depth - 1);
    const run = (s: State): Value => {
      const value = part.run(s);
      return Array.from({ length: type.size }, () => value);
    };
    return call(typeText(type), [part], { type, size: part.size, run });
  }
  const parts: Expr[] = [];
  for (let left = type.size; left > 0;) {
    const n = left >= 2 && left < type.size + 1 && g.random.chance(0.25) ? Math.min(left, 2) : 1;
    parts.push(g.expr(n === 1 ? scalar : vectorType(type.of, n), depth - 1));
    left -= n;
  }
  return call(typeText(type), parts, {
    type,
    size: largest(parts),
    run: (s) => parts.flatMap((p) => p.run(s)) as Value[],
  });
}

export const largest = (parts: readonly Expr[]): number => Math.max(...parts.map((p) => p.size));

const floats = (type: Type): boolean => (type.kind !== 'scalar' && type.kind !== 'vector' ? false : type.of === 'f32');

/** Brings a float expression within a size. Composites are within `LARGEST` by construction. */
export function capped(g: Context, e: Expr, size: number): Expr {
  if (!floats(e.type) || e.size <= size) return e;
  const limit = g.random.pick([1, 4, size].filter((l) => l <= size));
  const low = splat(e.type, `-${limit}.0`, -limit);
  const high = splat(e.type, `${limit}.0`, limit);
  if (g.random.chance(0.5))
    return call('clamp', [e, low, high], { type: e.type, size: limit, run: mapClamp(e, limit) });
  const factor = 2 ** Math.floor(Math.log2(size / e.size));
  if (factor < 1e-6) return call('clamp', [e, low, high], { type: e.type, size: limit, run: mapClamp(e, limit) });
  const scale = real.exact(factor);
  const run = (s: State): Value => {
    const value = e.run(s);
    return Array.isArray(value)
      ? value.map((x) => real.mul(x as real.Real, scale))
      : real.mul(value as real.Real, scale);
  };
  return {
    type: e.type,
    code: `(${e.code}) * ${factor}`,
    level: LEVEL.product,
    size: e.size * factor,
    constant: e.constant,
    run,
  };
}

function mapClamp(e: Expr, limit: number): (s: State) => Value {
  const low = real.exact(-limit);
  const high = real.exact(limit);
  return (s) => {
    const value = e.run(s);
    return Array.isArray(value)
      ? value.map((x) => real.clamp(x as real.Real, low, high))
      : real.clamp(value as real.Real, low, high);
  };
}

/** A float constant as a scalar or vector. */
export function splat(type: Type, text: string, v: number): Expr {
  const value = real.constant(v);
  const base = { type, size: Math.abs(v), constant: true, level: text.startsWith('-') ? LEVEL.unary : LEVEL.primary };
  if (type === F32) return { ...base, code: text, run: () => value };
  const count = type.kind === 'vector' ? type.size : 0;
  return {
    ...base,
    code: `${typeText(type)}(${text})`,
    level: LEVEL.primary,
    run: () => Array.from({ length: count }, () => value),
  };
}
