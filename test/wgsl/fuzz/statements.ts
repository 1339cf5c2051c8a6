/** Random statements. Loops are bounded, and every condition is made of integers. */
import { LARGEST, type Context } from './context.js';
import { arithmetic } from './integer.js';
import { affine, capped, construct, literal, nonConstant, partOf, splat, valueOf, varying } from './leaves.js';
import * as real from './real.js';
import type { Real } from './real.js';
import { inside } from './text.js';
import {
  BOOL,
  BREAK,
  CONTINUE,
  F32,
  I32,
  LEVEL,
  NORMAL,
  RETURN,
  U32,
  block,
  copy,
  indent,
  like,
  map2,
  map3,
  runBody,
  typeText,
  zero,
  type Expr,
  type Place,
  type State,
  type Stmt,
  type Type,
  type Value,
} from './tree.js';

/** What may leave the text being written. */
export interface Flow {
  readonly inLoop: boolean;
  readonly inSwitch: boolean;
  /** The function's result; null: none, but `return` is allowed; undefined: it is not. */
  readonly result: Type | null | undefined;
  readonly nesting: number;
}

export const DEPTH = 3;
const EMPTY: Stmt = { code: '', exec: () => NORMAL };

/** Between so many statements, in the scope at hand. */
export function statements(g: Context, flow: Flow, least: number, most: number): Stmt[] {
  const body: Stmt[] = [];
  for (let left = g.random.between(least, most); left > 0; left--) body.push(statement(g, flow));
  return body;
}

function statement(g: Context, flow: Flow): Stmt {
  const make = g.random.weighted<(g: Context, flow: Flow) => Stmt>([
    [8, declaration],
    [8, assignment],
    [6, compound],
    [2, increment],
    [flow.nesting < 3 ? 5 : 0, branch],
    [flow.nesting < 3 ? 2 : 0, switching],
    [flow.nesting < 3 ? 4 : 0, looping],
    [flow.nesting < 3 ? 2 : 0, accumulation],
    [1, (h, f) => ({ ...scopedBlock(h, f, 1, 3) })],
    [flow.inLoop || flow.inSwitch || flow.result !== undefined ? 3 : 0, leaving],
    [1, phony],
    [2, guardedLoad],
    [1, offset],
  ]);
  const id = g.nodes++;
  const stmt = make(g, flow);
  return g.dropped.has(id) && !DECLARING.includes(make) ? EMPTY : stmt;
}

/** What others may refer to. */
const DECLARING: readonly unknown[] = [declaration, accumulation, guardedLoad, offset];

const deeper = (flow: Flow): Flow => ({ ...flow, nesting: flow.nesting + 1 });

function scopedBlock(g: Context, flow: Flow, least: number, most: number): Stmt {
  const body = g.scoped(() => statements(g, deeper(flow), least, most));
  return { code: block(body), exec: (s) => runBody(body, s) };
}

/** A condition that is no const-expression. */
const condition = (g: Context): Expr => nonConstant(g, BOOL, DEPTH - 1);
const parenthesized = (g: Context, e: Expr): string => (g.random.chance(0.7) ? `(${e.code})` : e.code);

export function store(place: Place, value: Expr): (s: State) => 0 {
  return (s) => {
    place.set(s, copy(value.run(s)));
    return NORMAL;
  };
}

function declaration(g: Context): Stmt {
  const { random } = g;
  const form = random.below(20);
  if (form < 3) return aggregate(g);
  const type = g.valueType();
  if (form < 4 && type.kind === 'scalar') {
    const value = literal(g, type.of);
    const name = g.localName();
    const variable = g.declare(name, type, false, value.size);
    const place = { ...variable.place, constant: true, run: value.run };
    g.variables[g.variables.length - 1] = { ...variable, place };
    return { code: `const ${name} = ${value.code};`, exec: () => NORMAL };
  }
  if (form < 5) {
    const name = g.localName();
    const { place } = g.declare(name, type, true);
    return { code: `var ${name}: ${typeText(type)};`, exec: (s) => (place.set(s, zero(type)), NORMAL) };
  }
  const mutable = form < 12;
  const made = g.expr(type, DEPTH);
  const value = mutable ? capped(g, made, LARGEST) : made;
  const name = g.localName();
  const { place } = g.declare(name, type, mutable, mutable ? LARGEST : value.size);
  const annotated = random.chance(0.3) ? `: ${typeText(type)}` : '';
  return { code: `${mutable ? 'var' : 'let'} ${name}${annotated} = ${value.code};`, exec: store(place, value) };
}

/** An array or a struct. */
function aggregate(g: Context): Stmt {
  const type: Type =
    g.structs.length > 0 && g.random.chance(0.4)
      ? g.random.pick(g.structs)
      : {
          kind: 'array',
          element: g.random.chance(0.3) ? g.vector(g.random.pick(['f32', 'i32', 'u32'])) : g.scalarType(),
          count: g.random.between(2, 8),
        };
  const value = construct(g, type, 2);
  const name = g.localName();
  const { place } = g.declare(name, type, true);
  return { code: `var ${name} = ${value.code};`, exec: store(place, value) };
}

/** Something that may be assigned to. */
function target(g: Context, wanted: (type: Type) => boolean): Place | undefined {
  for (let attempt = 0; attempt < 4; attempt++) {
    const variables = g.visible().filter((v) => v.mutable);
    if (variables.length === 0) return undefined;
    const variable = g.random.pick(variables);
    let { place } = variable;
    if (variable.element) place = partOf(g, place, 1, variable.element);
    while (
      place.type.kind === 'array' ||
      place.type.kind === 'struct' ||
      (place.type.kind === 'vector' && g.random.chance(0.3))
    ) {
      if (place.type.kind === 'struct' && wanted(place.type) && g.random.chance(0.2)) break;
      place = partOf(g, place, 1);
    }
    if (wanted(place.type)) return place;
  }
  return undefined;
}

function assignment(g: Context): Stmt {
  const place = target(g, () => true);
  if (!place) return declaration(g);
  const value = capped(g, g.expr(place.type, DEPTH), LARGEST);
  return { code: `${place.code} = ${value.code};`, exec: store(place, value) };
}

function compound(g: Context): Stmt {
  const place = target(g, (t) => (t.kind === 'scalar' || t.kind === 'vector') && t.of !== 'bool');
  if (!place || (place.type.kind !== 'scalar' && place.type.kind !== 'vector')) return declaration(g);
  const { type } = place;
  const { of } = type;
  if (of === 'f32') return compoundFloat(g, place);
  if (of === 'bool') return assignment(g);
  const op = g.random.pick(['+', '+', '-', '*', '&', '|', '^', '/', '%', '<<', '>>']);
  const shift = op === '<<' || op === '>>';
  let value = g.expr(shift ? like(type, 'u32') : type, DEPTH - 1);
  const parts = value.constant ? [valueOf(value)].flat() : [];
  if (parts.some((v) => (shift && (v as number) > 31) || ((op === '/' || op === '%') && v === 0)))
    value = varying(g, value.type);
  const f = (x: number, y: number): number => arithmetic(of, op, x, y);
  const exec = (s: State): 0 => {
    const right = value.run(s);
    place.set(s, map2(f, place.run(s), right));
    return NORMAL;
  };
  return { code: `${place.code} ${op}= ${value.code};`, exec };
}

/** Followed by a clamp, so that the variable keeps to its size. */
function compoundFloat(g: Context, place: Place): Stmt {
  const { type } = place;
  const op = g.random.pick(['+', '+', '-', '*', '/']);
  const value = op === '/' ? splat(type, '2.5', 2.5) : capped(g, g.expr(type, DEPTH - 1), LARGEST);
  const f = { '+': real.add, '-': real.sub, '*': real.mul, '/': real.div }[op] ?? real.add;
  const low = splat(type, `-${LARGEST}.0`, -LARGEST);
  const high = splat(type, `${LARGEST}.0`, LARGEST);
  const exec = (s: State): 0 => {
    const right = value.run(s);
    const result = map2(f, place.run(s), right);
    place.set(s, op === '/' ? result : map3(real.clamp, result, low.run(s), high.run(s)));
    return NORMAL;
  };
  const code = `${place.code} ${op}= ${value.code};`;
  if (op === '/') return { code, exec };
  return { code: `${code}\n${place.code} = clamp(${place.code}, ${low.code}, ${high.code});`, exec };
}

function increment(g: Context): Stmt {
  const place = target(g, (t) => t === I32 || t === U32);
  if (!place || place.type.kind !== 'scalar' || place.type.of === 'f32' || place.type.of === 'bool')
    return assignment(g);
  const { of } = place.type;
  const up = g.random.chance(0.6);
  const exec = (s: State): 0 => {
    place.set(s, arithmetic(of, up ? '+' : '-', place.run(s) as number, 1));
    return NORMAL;
  };
  return { code: `${place.code}${up ? '++' : '--'};`, exec };
}

function branch(g: Context, flow: Flow): Stmt {
  const test = condition(g);
  const yes = scopedBlock(g, flow, 1, 3);
  const head = `if ${parenthesized(g, test)} ${yes.code}`;
  const kind = g.random.below(10);
  if (kind < 4) return { code: head, exec: (s) => (test.run(s) ? yes.exec(s) : NORMAL) };
  const no = kind < 7 && flow.nesting < 2 ? branch(g, deeper(flow)) : scopedBlock(g, flow, 1, 2);
  return { code: `${head} else ${no.code}`, exec: (s) => (test.run(s) ? yes.exec(s) : no.exec(s)) };
}

function switching(g: Context, flow: Flow): Stmt {
  const type = g.random.pick([I32, U32]);
  const range = g.random.between(3, 6);
  const inner = nonConstant(g, U32, DEPTH - 1);
  const selector = `${inside(g, inner, LEVEL.product)} % ${range}u`;
  const select = (s: State): number => (inner.run(s) as number) % range;
  const values = Array.from({ length: range }, (_, i) => i);
  for (let i = range - 1; i > 0; i--) {
    const j = g.random.below(i + 1);
    [values[i], values[j]] = [values[j], values[i]];
  }
  const clauses: { values: readonly number[]; other: boolean; body: Stmt }[] = [];
  let used = 0;
  const count = g.random.between(1, 3);
  for (let i = 0; i < count && used < range; i++) {
    const n = Math.min(range - used, g.random.between(1, 2));
    clauses.push({
      values: values.slice(used, used + n),
      other: false,
      body: scopedBlock(g, { ...flow, inSwitch: true }, 1, 2),
    });
    used += n;
  }
  const merged = g.random.chance(0.3);
  const other = merged ? g.random.below(clauses.length) : g.random.below(clauses.length + 1);
  if (merged) clauses[other] = { ...clauses[other], other: true };
  else clauses.splice(other, 0, { values: [], other: true, body: scopedBlock(g, { ...flow, inSwitch: true }, 0, 2) });
  const suffix = g.random.chance(0.5) ? '' : type === I32 ? 'i' : 'u';
  const lines = clauses.map(({ values: list, other: isDefault, body }) => {
    const colon = g.random.chance(0.5) ? ':' : '';
    const names = [...list.map((v) => `${v}${suffix}`), ...(isDefault ? ['default'] : [])];
    if (names.length === 1 && isDefault) return `default${colon} ${body.code}`;
    return `case ${names.join(', ')}${colon} ${body.code}`;
  });
  const head = `switch ${type === I32 ? `i32(${selector})` : selector}`;
  const exec = (s: State): 0 | 2 | 3 => {
    const value = select(s);
    const clause = clauses.find((c) => c.values.includes(value)) ?? clauses.find((c) => c.other);
    const signal = clause?.body.exec(s) ?? NORMAL;
    return signal === BREAK ? NORMAL : signal;
  };
  return { code: `${head} {\n${indent(lines.join('\n'))}\n}`, exec };
}

/** How often a loop runs: text, and at most how often. */
function trips(g: Context, type: Type): { code: string; most: number; run: (s: State) => number } {
  const literalTrips = g.random.between(1, 6);
  const suffix = type === I32 ? (g.random.chance(0.5) ? '' : 'i') : 'u';
  if (g.random.chance(0.45)) return { code: `${literalTrips}${suffix}`, most: literalTrips, run: () => literalTrips };
  const e = nonConstant(g, type, 2);
  const mask = g.random.pick([1, 3, 3, 7]);
  const tail = g.random.chance(0.3) ? 1 : 0;
  const code = `((${e.code}) & ${mask}${suffix})${tail ? ` + 1${suffix}` : ''}`;
  return { code, most: mask + tail, run: (s) => ((e.run(s) as number) & mask) + tail };
}

function looping(g: Context, flow: Flow): Stmt {
  const type = g.random.pick([U32, I32]);
  const { code: limit, most, run: limitOf } = trips(g, type);
  if (g.times * most > 40) return branch(g, flow);
  const inner: Flow = { ...deeper(flow), inLoop: true, inSwitch: false };
  const form = g.random.below(10);
  if (form < 5) return forLoop(g, inner, type, limit, most, limitOf);
  return form < 7 ? whileLoop(g, inner, type, limit, most, limitOf) : plainLoop(g, inner, type, limit, most, limitOf);
}

type LoopMaker = (
  g: Context,
  flow: Flow,
  type: Type,
  limit: string,
  most: number,
  limitOf: (s: State) => number,
) => Stmt;

const unsigned = (type: Type): string => (type === I32 ? '' : 'u');

const forLoop: LoopMaker = (g, flow, type, limit, most, limitOf) =>
  g.scoped(() => {
    const name = g.name('it');
    const { place } = g.declare(name, type, false, 0, most + 1);
    const body = g.scoped(() => g.repeated(most, () => statements(g, flow, 1, 3)));
    const down = type === I32 && g.random.chance(0.3);
    const u = unsigned(type);
    const step = g.random.pick(down ? ['--', ' -= 1', ` = ${name} - 1`] : ['++', ` += 1${u}`, ` = ${name} + 1${u}`]);
    const head = down
      ? `var ${name} = ${limit}; ${name} > 0; ${name}${step}`
      : `var ${name} = 0${u}; ${name} < ${limit}; ${name}${step}`;
    const exec = (s: State): 0 | 3 => {
      let k = down ? limitOf(s) : 0;
      for (place.set(s, k); down ? k > 0 : k < limitOf(s); place.set(s, (k += down ? -1 : 1))) {
        const signal = runBody(body, s);
        if (signal === BREAK) break;
        if (signal === RETURN) return RETURN;
      }
      return NORMAL;
    };
    return { code: `for (${head}) ${block(body)}`, exec };
  });

const whileLoop: LoopMaker = (g, flow, type, limit, most, limitOf) => {
  const name = g.name('it');
  const u = unsigned(type);
  const { place } = g.declare(name, type, false, 0, most + 1);
  const body = g.scoped(() => g.repeated(most, () => statements(g, flow, 1, 3)));
  const exec = (s: State): 0 | 3 => {
    let k = 0;
    for (place.set(s, k); k < limitOf(s);) {
      place.set(s, ++k);
      const signal = runBody(body, s);
      if (signal === BREAK) break;
      if (signal === RETURN) return RETURN;
    }
    return NORMAL;
  };
  const counted: Stmt = { code: `${name} += 1${u};`, exec: () => NORMAL };
  const code = `var ${name} = 0${u};\nwhile ${name} < ${limit} ${block([counted, ...body])}`;
  return { code, exec };
};

const plainLoop: LoopMaker = (g, flow, type, limit, most, limitOf) => {
  const name = g.name('it');
  const u = unsigned(type);
  const { place } = g.declare(name, type, false, 0, most + 1);
  const atEnd = g.random.chance(0.4);
  const { plainNames } = g;
  g.plainNames = true;
  const body = g.scoped(() => g.repeated(most + 1, () => statements(g, flow, 1, 3)));
  g.plainNames = plainNames;
  // With `break if` the body runs at least once.
  const exec = (s: State): 0 | 3 => {
    let k = 0;
    place.set(s, k);
    for (;;) {
      if (!atEnd && k >= limitOf(s)) break;
      const signal = runBody(body, s);
      if (signal === BREAK) break;
      if (signal === RETURN) return RETURN;
      place.set(s, ++k);
      if (atEnd && k >= limitOf(s)) break;
    }
    return NORMAL;
  };
  const check = atEnd ? [] : [{ code: `if (${name} >= ${limit}) { break; }`, exec: () => NORMAL } as Stmt];
  const end = `continuing {\n  ${name}++;${atEnd ? `\n  break if ${name} >= ${limit};` : ''}\n}`;
  const last: Stmt = { code: end, exec: () => NORMAL };
  return { code: `var ${name} = 0${u};\nloop ${block([...check, ...body, last])}`, exec };
};

/** A sum of products, as in a matrix product. */
function accumulation(g: Context): Stmt {
  const type = g.random.pick([F32, I32, U32, g.vector('f32')]);
  const count = g.random.between(2, 8);
  if (g.times * count > 40) return declaration(g);
  const index = g.name('k');
  const made = g.scoped(() => {
    const { place } = g.declare(index, U32, false, 0, count);
    const term = g.repeated(count, () => capped(g, nonConstant(g, type, DEPTH - 1), 8));
    return { place, term };
  });
  const name = g.name('v');
  const { place } = g.declare(name, type, false, 8 * count + 1);
  const integers = type === I32 ? 'i32' : 'u32';
  const f =
    (type as { of: string }).of === 'f32' ? real.add : (x: number, y: number) => arithmetic(integers, '+', x, y);
  const exec = (s: State): 0 => {
    let sum: Value = zero(type);
    for (let k = 0; k < count; k++) {
      made.place.set(s, k);
      sum = map2(f as (a: never, b: never) => Real | number, sum, made.term.run(s));
    }
    place.set(s, sum);
    return NORMAL;
  };
  const code = `var ${name} = ${typeText(type)}();\nfor (var ${index} = 0u; ${index} < ${count}u; ${index}++) { ${name} += ${made.term.code}; }`;
  return { code, exec };
}

/** `break`, `continue` or `return`, by a condition. */
function leaving(g: Context, flow: Flow): Stmt {
  const ways: Stmt[] = [];
  if (flow.inLoop || flow.inSwitch) ways.push({ code: 'break;', exec: () => BREAK });
  if (flow.inLoop) ways.push({ code: 'continue;', exec: () => CONTINUE });
  const { result } = flow;
  if (result === null) ways.push({ code: 'return;', exec: () => RETURN });
  else if (result) {
    const value = capped(g, g.expr(result, 2), LARGEST);
    const exec = (s: State): 3 => ((s.result = copy(value.run(s))), RETURN);
    ways.push({ code: `return ${value.code};`, exec });
  }
  const way = g.random.pick(ways);
  const test = condition(g);
  return { code: `if ${parenthesized(g, test)} ${block([way])}`, exec: (s) => (test.run(s) ? way.exec(s) : NORMAL) };
}

function phony(g: Context): Stmt {
  const value = nonConstant(g, g.valueType(), 2);
  return { code: `_ = ${value.code};`, exec: () => NORMAL };
}

/** A load that only those do whose index is in range. */
function guardedLoad(g: Context): Stmt {
  const input = g.random.pick(g.inputs);
  const index = affine(g, input.length * 3) ?? nonConstant(g, U32, 1);
  const at = g.name('j');
  const name = g.name('v');
  const { place } = g.declare(name, input.element, true, 4);
  const zeroed = g.random.chance(0.5);
  const other = g.random.below(input.length);
  const exec = (s: State): 0 => {
    const i = index.run(s) as number;
    const elements = s.buffers[input.binding];
    place.set(s, copy(i < input.length ? elements[i] : zeroed ? zero(input.element) : elements[other]));
    return NORMAL;
  };
  const declared = `var ${name}${zeroed ? `: ${typeText(input.element)}` : ` = ${input.name}[${other}]`};`;
  const load = `if (${at} < ${input.length}u) { ${name} = ${input.name}[${at}]; }`;
  return { code: `let ${at} = ${index.code};\n${declared}\n${load}`, exec };
}

/** A name for part of an index, as kernels have them for the start of a row. */
function offset(g: Context): Stmt {
  const below = g.random.pick([16, 60, 200]);
  const value = affine(g, below);
  if (!value) return declaration(g);
  const name = g.name('j');
  const { place } = g.declare(name, U32, false, 0, below);
  return { code: `let ${name} = ${value.code};`, exec: store(place, value) };
}
