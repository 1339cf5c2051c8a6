/** Subgroup operations: the subgroup is the four lanes. Lanes that do not run count as the operation's neutral element. */
import {
  add,
  all,
  and,
  any,
  binary,
  compose,
  constant,
  extract,
  extractAt,
  isConst,
  isInteger,
  not,
  or,
  select,
  shuffle,
} from '../build.js';
import type { Expr, ScalarValueType, SubgroupOp } from '../ir.js';
import { laneOf, packed, strided, uniform, type Lanes } from './lanes.js';
import type { State } from './state.js';

type Subgroup = Expr & { readonly kind: 'subgroup' };
type Fold = 'add' | 'mul' | 'min' | 'max' | 'and' | 'or' | 'xor';

export function subgroupLanes(state: State, e: Subgroup, a: Lanes, b: Lanes | undefined): Lanes {
  switch (e.op) {
    case 'broadcast':
    case 'shuffle':
    case 'shuffleXor':
    case 'shuffleUp':
    case 'shuffleDown':
      return shuffled(state, e.op, a, b);
    case 'invocationId':
      return strided(constant(e.type, 0), constant(e.type, 1), 4);
    case 'any':
      return uniform(any(active(state, a, 0)));
    case 'all':
      return uniform(all(active(state, a, 1)));
    case 'exclusiveAdd':
    case 'inclusiveAdd':
      return sums(state, e.op, e.type, a);
    default:
      return folded(state, e.op, e.type, a);
  }
}

/** All lanes, those that do not run with the value `neutral`. */
function active(state: State, a: Lanes, neutral: number): Expr {
  const value = state.pack(a);
  const mask = state.maskExpr();
  if (mask === undefined) return value;
  if (value.type === 'vec4b') return neutral ? or(value, not(mask)) : and(value, mask);
  return select(mask, value, constant(value.type, neutral));
}

/** Each lane's value as a scalar. */
function lanesOf(state: State, a: Lanes): [Expr, Expr, Expr, Expr] {
  if (a.kind === 'strided') {
    const even = { ...a, first: state.atom(a.first), step: state.atom(a.step) };
    return [laneOf(even, 0), laneOf(even, 1), laneOf(even, 2), laneOf(even, 3)];
  }
  const four = state.atom(state.pack(a));
  return [extract(four, 0), extract(four, 1), extract(four, 2), extract(four, 3)];
}

function shuffled(state: State, op: SubgroupOp, a: Lanes, b: Lanes | undefined): Lanes {
  if (b === undefined) throw new Error(`${op} needs a lane.`);
  if (a.kind === 'uniform') return a;
  if (b.kind === 'uniform') {
    if (op === 'broadcast' || op === 'shuffle') {
      if (isConst(b.value) && a.kind === 'strided') return uniform(laneOf(a, b.value.value & 3), 1);
      return uniform(extractAt(state.pack(a), b.value), 1);
    }
    if (isConst(b.value)) {
      const four = state.pack(a);
      const k = b.value.value & 3;
      const from = (lane: number): number =>
        op === 'shuffleXor' ? lane ^ k : (op === 'shuffleUp' ? lane - k : lane + k) & 3;
      return packed(shuffle(four, four, [from(0), from(1), from(2), from(3)]));
    }
  }
  const four = state.atom(state.pack(a));
  const of = lanesOf(state, b);
  const source = (lane: number): Expr => {
    const own = constant(of[lane].type, lane);
    if (op === 'shuffleXor') return binary('xor', of[lane], own);
    if (op === 'shuffleUp') return binary('sub', own, of[lane]);
    return op === 'shuffleDown' ? add(of[lane], own) : of[lane];
  };
  const lane = (k: number): Expr => extractAt(four, source(k));
  return packed(compose([lane(0), lane(1), lane(2), lane(3)]));
}

const NEUTRAL: Record<Fold, (type: ScalarValueType) => number> = {
  add: () => 0,
  mul: () => 1,
  min: (type) => ({ f32: Infinity, i32: 0x7fffffff, u32: 0xffffffff, bool: 1 })[type],
  max: (type) => ({ f32: -Infinity, i32: -0x80000000, u32: 0, bool: 0 })[type],
  and: () => -1,
  or: () => 0,
  xor: () => 0,
};

function folded(state: State, op: Fold, type: ScalarValueType, a: Lanes): Lanes {
  const of = lanesOf(state, state.mask === 'all' ? a : packed(active(state, a, NEUTRAL[op](type))));
  const two = (x: Expr, y: Expr): Expr => binary(op, x, y);
  return uniform(two(two(two(of[0], of[1]), of[2]), of[3]), 1);
}

function sums(state: State, op: 'exclusiveAdd' | 'inclusiveAdd', type: ScalarValueType, a: Lanes): Lanes {
  const zero = constant(type, 0);
  if (a.kind === 'uniform' && state.mask === 'all' && isInteger(type)) {
    const step = state.atom(a.value);
    return op === 'exclusiveAdd' ? strided(zero, step, 4) : strided(step, step, 1);
  }
  const of = lanesOf(state, state.mask === 'all' ? a : packed(active(state, a, 0)));
  const one = state.temp(of[0]);
  const two = state.temp(add(one, of[1]));
  const three = state.temp(add(two, of[2]));
  return packed(
    op === 'exclusiveAdd' ? compose([zero, one, two, three]) : compose([one, two, three, add(three, of[3])]),
  );
}
