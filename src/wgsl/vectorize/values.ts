/** Expressions: what each becomes in four lanes. */
import {
  add,
  and,
  binary,
  bitcast,
  constant,
  convert,
  isComparison,
  isConst,
  isInteger,
  mul,
  select,
  shl,
  shr,
  splat,
  sub,
  unary,
} from '../build.js';
import type { BinaryOp, Expr } from '../ir.js';
import { alignedDivision, guessComparison, guessDivision, mayGuess } from './guess.js';
import {
  alignOfProduct,
  hasStepOne,
  inverse,
  isAligned,
  lanesOf,
  mirror,
  negateStep,
  packed,
  strided,
  subtractSteps,
  uniform,
  type Lanes,
  type Strided,
  type Uniform,
} from './lanes.js';
import { loadLanes } from './memory.js';
import { subgroupLanes } from './subgroup.js';
import type { State } from './state.js';

export function evaluate(state: State, e: Expr): Lanes {
  switch (e.kind) {
    case 'const':
    case 'param':
    case 'length':
    case 'base':
      return uniform(e);
    case 'builtin':
      // The workgroup's x is a multiple of 4, and so are the first lane's numbers.
      return e.name === 'lid.x' || e.name === 'lindex' ? strided(e, constant('u32', 1), 4) : uniform(e);
    case 'local':
      return state.value(e.local);
    case 'load':
      return loadLanes(state, e, evaluate(state, e.index));
    case 'unary':
      return unaryLanes(state, e, evaluate(state, e.a));
    case 'binary':
      return binaryLanes(state, e.op, evaluate(state, e.a), evaluate(state, e.b));
    case 'select': {
      const condition = evaluate(state, e.condition);
      return selectLanes(state, condition, evaluate(state, e.yes), evaluate(state, e.no));
    }
    case 'convert':
    case 'bitcast': {
      const change = (x: Expr): Expr => (e.kind === 'convert' ? convert(e.type, x) : bitcast(e.type, x));
      const a = evaluate(state, e.a);
      if (a.kind === 'uniform') return uniform(change(a.value), isInteger(e.type) ? a.align : 1);
      // Between integers the bits stay.
      if (a.kind === 'strided' && isInteger(e.type)) return strided(change(a.first), change(a.step), a.align, a.unit);
      return packed(change(state.pack(a)));
    }
    case 'subgroup':
      return subgroupLanes(state, e, evaluate(state, e.a), e.b && evaluate(state, e.b));
    default:
      throw new Error(`A function is vectorized while it has scalars only; ${e.kind} is not one.`);
  }
}

function unaryLanes(state: State, e: Expr & { kind: 'unary' }, a: Lanes): Lanes {
  // Of a scalar bool.
  if (e.op === 'any' || e.op === 'all') return a;
  if (a.kind === 'uniform') return uniform(unary(e.op, a.value), e.op === 'neg' && isInteger(e.type) ? a.align : 1);
  if (a.kind === 'comparison' && e.op === 'not') return inverse(a);
  if (a.kind === 'strided' && e.op === 'neg') return strided(unary('neg', a.first), negateStep(a.step), a.align);
  return packed(unary(e.op, state.pack(a)));
}

export function binaryLanes(state: State, op: BinaryOp, a: Lanes, b: Lanes): Lanes {
  if (a.kind === 'uniform' && b.kind === 'uniform') return uniform(binary(op, a.value, b.value), alignOf(op, a, b));
  const even = evenLanes(state, op, a, b);
  return even ?? packed(binary(op, state.pack(a), state.pack(b)));
}

/** Of whole numbers of which one at least is strided, where the result is not just any four. */
function evenLanes(state: State, op: BinaryOp, a: Lanes, b: Lanes): Lanes | undefined {
  if (a.kind === 'strided' && b.kind === 'uniform') return stridedBy(state, op, a, b);
  if (a.kind === 'uniform' && b.kind === 'strided') {
    switch (op) {
      case 'add':
      case 'mul':
      case 'and':
      case 'min':
      case 'max':
        return stridedBy(state, op, b, a);
      case 'sub':
        return strided(sub(a.value, b.first), negateStep(b.step), Math.min(a.align, b.align));
      default:
        return isComparison(op) ? stridedBy(state, mirror(op), b, a) : undefined;
    }
  }
  if (a.kind !== 'strided' || b.kind !== 'strided') return undefined;
  const align = Math.min(a.align, b.align);
  if (op === 'add') return strided(add(a.first, b.first), add(a.step, b.step), align);
  if (op === 'sub') return strided(sub(a.first, b.first), subtractSteps(a.step, b.step), align);
  if ((op === 'eq' || op === 'ne') && isConst(a.step) && isConst(b.step, a.step.value))
    return uniform(binary(op, a.first, b.first));
  return undefined;
}

function stridedBy(state: State, op: BinaryOp, a: Strided, b: Uniform): Lanes | undefined {
  const lower = Math.min(a.align, b.align);
  switch (op) {
    case 'add':
      return strided(add(a.first, b.value), a.step, lower, a.unit);
    case 'sub':
      return strided(sub(a.first, b.value), a.step, lower, a.unit);
    case 'mul': {
      const by = state.atom(b.value);
      return strided(mul(a.first, by), mul(a.step, by), alignOfProduct(a.align, b.align));
    }
    case 'shl': {
      const by = state.atom(b.value);
      return strided(shl(a.first, by), shl(a.step, by), alignOf('shl', a, b));
    }
    case 'shr':
      return shiftedDown(state, a, b);
    case 'and':
      return masked(state, a, b);
    case 'div':
      return (alignedDivision(a, b.value) ?? guessDivision(state, a, b))?.quotient;
    case 'rem':
      return (alignedDivision(a, b.value) ?? guessDivision(state, a, b))?.rest;
    case 'min':
    case 'max':
      return limited(state, op, a, b);
    default:
      return isComparison(op) ? compared(state, op, a, b) : undefined;
  }
}

/** x >> k: of lanes that start at a multiple of 4, all give the same from k = 2 on. */
function shiftedDown(state: State, a: Strided, b: Uniform): Lanes | undefined {
  if (!isConst(b.value)) return undefined;
  const count = b.value.value & 31;
  if (isAligned(a) && count >= 2) return uniform(shr(a.first, b.value), Math.max(1, a.align / 2 ** count));
  return guessDivision(state, a, uniform(constant('u32', 2 ** count)))?.quotient;
}

/** x & mask: of lanes that start at a multiple of 4 the upper bits are the first lane's, the lower two the lane's number. */
function masked(state: State, a: Strided, b: Uniform): Lanes | undefined {
  if (!isConst(b.value)) return undefined;
  const mask = b.value.value;
  if (isAligned(a)) {
    const upper = and(a.first, b.value);
    if ((mask & 3) === 3) return strided(upper, a.step, a.align, a.unit);
    if ((mask & 3) === 0) return uniform(upper, a.align);
    const type = a.first.type === 'i32' ? 'i32' : 'u32';
    if (hasStepOne(a))
      return packed(
        add(
          splat(upper),
          lanesOf(type, (lane) => lane & mask),
        ),
      );
  }
  // x % 2ᵏ comes as a mask.
  const isPower = a.first.type === 'u32' && mask > 0 && mask < 0x80000000 && (mask & (mask + 1)) === 0;
  return isPower ? guessDivision(state, a, uniform(constant('u32', mask + 1)))?.rest : undefined;
}

function compared(state: State, op: BinaryOp, a: Strided, b: Uniform): Lanes | undefined {
  if (!a.unit) return undefined;
  // The same objects where they are atoms: a packed form that exists is found by them.
  const [first, step, value] = [state.atom(a.first), state.atom(a.step), state.atom(b.value)];
  const left = first === a.first && step === a.step ? a : { ...a, first, step };
  return { kind: 'comparison', op, a: left, b: value === b.value ? b : { ...b, value } };
}

/** min(x, n) is x or n for all lanes alike, if guessing can tell which. */
function limited(state: State, op: 'min' | 'max', a: Strided, b: Uniform): Lanes | undefined {
  if (!mayGuess(state)) return undefined;
  const condition = compared(state, op === 'min' ? 'lt' : 'gt', a, b);
  if (condition?.kind !== 'comparison') return undefined;
  const answer = guessComparison(state, condition, true);
  return answer && selectLanes(state, answer, condition.a, condition.b);
}

function selectLanes(state: State, condition: Lanes, yes: Lanes, no: Lanes): Lanes {
  if (condition.kind === 'comparison') {
    // A choice between addresses is worth a guess.
    const answer = guessComparison(state, condition, asStrided(yes) !== undefined && asStrided(no) !== undefined);
    if (answer) condition = answer;
  }
  if (condition.kind !== 'uniform') return packed(select(state.pack(condition), state.pack(yes), state.pack(no)));
  if (yes.kind === 'uniform' && no.kind === 'uniform')
    return uniform(select(condition.value, yes.value, no.value), Math.min(yes.align, no.align));
  const [y, n] = [asStrided(yes), asStrided(no)];
  if (y === undefined || n === undefined) return packed(select(condition.value, state.pack(yes), state.pack(no)));
  const chosen = state.atom(condition.value);
  const step = select(chosen, y.step, n.step);
  const [short, align] = [y.unit && n.unit, Math.min(y.align, n.align)];
  const same = isConst(y.step) && isConst(n.step, y.step.value);
  return strided(select(chosen, y.first, n.first), same ? y.step : step, align, short);
}

/** A whole number equal in all lanes has step 0. */
function asStrided(l: Lanes): Strided | undefined {
  if (l.kind === 'strided') return l;
  if (l.kind !== 'uniform' || !isInteger(l.value.type)) return undefined;
  return { kind: 'strided', first: l.value, step: constant(l.value.type, 0), unit: true, align: l.align };
}

function alignOf(op: BinaryOp, a: { readonly align: number }, b: Uniform): number {
  switch (op) {
    case 'add':
    case 'sub':
      return Math.min(a.align, b.align);
    case 'mul':
      return alignOfProduct(a.align, b.align);
    case 'shl':
      return isConst(b.value) ? alignOfProduct(a.align, 2 ** (b.value.value & 31)) : a.align;
    default:
      return 1;
  }
}
