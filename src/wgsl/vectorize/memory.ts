/** Loads and stores of four lanes. */
import {
  add,
  all,
  compose,
  constant,
  eq,
  extract,
  gather,
  isConst,
  load,
  ne,
  packedType,
  read,
  select,
  set,
  splat,
  store,
} from '../build.js';
import type { Expr, Memory, Stmt } from '../ir.js';
import type { Draft } from './draft.js';
import { hasStepOne, iota, laneOf, packed, uniform, type Lanes, type Strided } from './lanes.js';
import type { State } from './state.js';

type Load = Expr & { readonly kind: 'load' };
type Store = Stmt & { readonly kind: 'store' };
type Scatter = Extract<Stmt, { kind: 'scatter' }>;

export function loadLanes(state: State, e: Load, index: Lanes): Lanes {
  const { memory, line } = e;
  const type = packedType(e.type);
  const four = (at: Expr): Expr => load(memory, at, type, line);
  const one = (at: Expr): Expr => load(memory, at, e.type, line);
  const scattered = (): Expr => gather(memory, state.pack(index), type, state.maskExpr(), line);
  if (memory.kind === 'private') return packed(index.kind === 'uniform' ? four(index.value) : scattered());
  switch (index.kind) {
    case 'uniform':
      return uniform(one(index.value), 1);
    case 'strided': {
      if (state.mask !== 'all') return packed(maskedLoad(state, index, four, scattered()));
      if (hasStepOne(index)) return packed(four(index.first));
      const at = atoms(state, index);
      const lane = (k: number): Expr => one(laneOf(at, k));
      const apart = (): Expr => (at.unit ? splat(one(at.first)) : compose([lane(0), lane(1), lane(2), lane(3)]));
      if (isConst(at.step)) return packed(apart());
      return packed(either(state, isOne(at), () => four(at.first), apart));
    }
    default: {
      if (state.mask !== 'all' || !state.testing) return packed(scattered());
      const { at, first, consecutive } = neighbours(state, state.pack(index));
      return packed(
        either(
          state,
          consecutive,
          () => four(first),
          () => gather(memory, at, type, undefined, line),
        ),
      );
    }
  }
}

/** Inside of loops it pays to ask whether all lanes run; a packed load touches the words of all. */
function maskedLoad(state: State, index: Strided, four: (at: Expr) => Expr, scattered: Expr): Expr {
  const mask = state.maskExpr();
  if (!hasStepOne(index) || state.loops === 0 || mask === undefined) return scattered;
  const first = state.atom(index.first);
  return either(
    state,
    all(mask),
    () => four(first),
    () => scattered,
  );
}

export function storeLanes(state: State, s: Store, index: Lanes, value: Lanes): void {
  const { memory, line } = s;
  const put = (item: Draft): unknown => state.out.push(item);
  const scattered = (): Scatter => scatter(memory, state.pack(index), state.pack(value), state.maskExpr(), line);
  const mask = state.maskExpr();
  if (memory.kind === 'private') {
    if (index.kind !== 'uniform') return void put(scattered());
    const at = state.atom(index.value);
    const all4 = state.pack(value);
    const kept = mask ? select(mask, all4, load(memory, at, all4.type, line)) : all4;
    return void put(store(memory, at, kept, line));
  }
  if (index.kind === 'uniform') {
    // The last lane that runs has the last word.
    if (mask && value.kind !== 'uniform') return void put(scattered());
    return void put(store(memory, index.value, lastLane(state, value), line));
  }
  if (mask) return void (index.kind === 'strided' ? maskedStore(state, s, index, value, mask) : put(scattered()));
  if (index.kind === 'strided') {
    const at = atoms(state, index);
    if (hasStepOne(at)) return void put(store(memory, at.first, state.pack(value), line));
    if (isConst(at.step)) return void put(scattered());
    const lanes = state.atom(state.pack(value));
    const apart = at.unit ? store(memory, at.first, extract(lanes, 3), line) : { ...scattered(), value: lanes };
    return void put({
      kind: 'if',
      condition: isOne(at),
      yes: [store(memory, at.first, lanes, line) as Draft],
      no: [apart as Draft],
    });
  }
  if (!state.testing) return void put(scattered());
  const lanes = state.atom(state.pack(value));
  const { at, first, consecutive } = neighbours(state, state.pack(index));
  const yes = store(memory, first, lanes, line) as Draft;
  put({ kind: 'if', condition: consecutive, yes: [yes], no: [scatter(memory, at, lanes, undefined, line)] });
}

function maskedStore(state: State, s: Store, index: Strided, value: Lanes, mask: Expr): void {
  const apart = scatter(s.memory, state.pack(index), state.atom(state.pack(value)), mask, s.line);
  if (!hasStepOne(index) || state.loops === 0) return void state.out.push(apart);
  const yes = store(s.memory, state.atom(index.first), apart.value, s.line) as Draft;
  state.out.push({ kind: 'if', condition: all(mask), yes: [yes], no: [apart] });
}

function lastLane(state: State, value: Lanes): Expr {
  if (value.kind === 'uniform') return value.value;
  return value.kind === 'strided' ? laneOf(value, 3) : extract(state.pack(value), 3);
}

const scatter = (memory: Memory, index: Expr, value: Expr, mask: Expr | undefined, line: number): Scatter => ({
  kind: 'scatter',
  memory,
  index,
  value,
  mask,
  line,
});

const atoms = (state: State, a: Strided): Strided => ({
  ...a,
  first: state.atom(a.first),
  step: state.atom(a.step),
  home: undefined,
});

const isOne = (a: Strided): Expr =>
  a.unit ? ne(a.step, constant(a.step.type, 0)) : eq(a.step, constant(a.step.type, 1));

/** Four addresses of which nothing is known: at run time they may still be neighbours. */
function neighbours(state: State, index: Expr): { at: Expr; first: Expr; consecutive: Expr } {
  const at = state.atom(index);
  const first = state.temp(extract(at, 0));
  return { at, first, consecutive: all(eq(at, add(splat(first), iota('u32')))) };
}

/** The value of one of two expressions, of which only one is computed. */
function either(state: State, condition: Expr, yes: () => Expr, no: () => Expr): Expr {
  const y = yes();
  const chosen = state.variable('chosen', y.type);
  state.out.push({ kind: 'if', condition, yes: [set(chosen, y) as Draft], no: [set(chosen, no()) as Draft] });
  return read(chosen);
}
