/**
 * Guesses. A value that goes up by one from lane to lane, divided by a number equal for all, mostly gives one quotient for all four, and
 * compared with one, mostly one answer. A list of statements is written under such guesses, each tested when it is made; where a test fails,
 * before anything has happened that must not happen twice, the list runs again as written without guesses. (Tensors' positions are taken apart by
 * division: this makes the parts scalars, and neighbours in memory stay neighbours.)
 */
import { add, binary, constant, div, gt, isConst, le, mul, or, sub, when, xor } from '../build.js';
import type { BinaryOp, Expr } from '../ir.js';
import type { Draft } from './draft.js';
import {
  hasStepOne,
  isAligned,
  strided,
  uniform,
  type Comparison,
  type Lanes,
  type Strided,
  type Uniform,
} from './lanes.js';
import { atomKey, type State } from './state.js';

/** Lane 3 of something of step 1, or more. */
const lastOf = (first: Expr): Expr => add(first, constant(first.type, 3));

export const mayGuess = (state: State): boolean => state.site?.clean === true && state.mask === 'all';

function guess(state: State, wrong: Expr): boolean {
  const { site } = state;
  if (site === undefined || isConst(wrong, 1)) return false;
  site.used = true;
  state.out.push(...(when(wrong, [{ kind: 'branch', label: site.slow }]) as readonly Draft[]));
  return true;
}

/** Quotient and remainder of a u32 of step 1 (or 0) by the same number in all lanes; undefined: no guess can be made. */
export function guessDivision(state: State, a: Strided, b: Uniform): { quotient: Lanes; rest: Lanes } | undefined {
  if (a.first.type !== 'u32' || !a.unit || !mayGuess(state)) return undefined;
  if (isConst(b.value) && b.value.value < 4) return undefined;
  const [first, by, step] = [state.atom(a.first), state.atom(b.value), state.atom(a.step)];
  const key = `${atomKey(first)} / ${atomKey(by)} by ${atomKey(step)}`;
  const [known, knownRest] = [state.recall(key), state.recall(`${key} rest`)];
  if (known && knownRest) return { quotient: known, rest: knownRest };
  const quotient = state.temp(div(first, by), 'quotient');
  const rest = state.temp(sub(first, mul(quotient, by)), 'rest');
  // Lane 3 has the same quotient. A divisor 0 fails, and so do lanes that wrap round 2³².
  const crosses = le(by, lastOf(rest));
  if (!guess(state, isAligned(a) ? crosses : or(crosses, gt(first, constant('u32', 0xfffffffc))))) return undefined;
  const result = { quotient: uniform(quotient), rest: strided(rest, step, 1, true) };
  state.known.of.set(key, result.quotient);
  state.known.of.set(`${key} rest`, result.rest);
  return result;
}

/** One answer for all lanes, if that is known or (`eager`) can be guessed. */
export function guessComparison(state: State, c: Comparison, eager: boolean): Uniform | undefined {
  if (c.op === 'eq' || c.op === 'ne') return undefined;
  const [first, bound] = [c.a.first, c.b.value];
  // x < n and x ≥ n hang together, and so do x ≤ n and x > n.
  const op: BinaryOp = c.op === 'lt' || c.op === 'ge' ? 'lt' : 'le';
  const key = `${atomKey(first)} ${op} ${atomKey(bound)}`;
  let known = state.recall(key);
  if (!known) {
    if (!eager || !mayGuess(state)) return undefined;
    const last = state.temp(lastOf(first));
    const answer = state.temp(binary(op, first, bound));
    const differs = xor(answer, binary(op, last, bound));
    if (!guess(state, isAligned(c.a) ? differs : or(differs, gt(first, last)))) return undefined;
    known = uniform(answer);
    state.known.of.set(key, known);
  }
  return uniform(binary(c.op, first, bound));
}

/** Whether all lanes, and whether any lane, has the comparison true: from the outer lanes alone, where the lanes cannot wrap round. */
export function bounds(c: Comparison): { all: Expr; any: Expr } | undefined {
  if (!hasStepOne(c.a) || !isAligned(c.a)) return undefined;
  const low = binary(c.op, c.a.first, c.b.value);
  const high = binary(c.op, lastOf(c.a.first), c.b.value);
  switch (c.op) {
    case 'lt':
    case 'le':
      return { all: high, any: low };
    case 'gt':
    case 'ge':
      return { all: low, any: high };
    default:
      return undefined;
  }
}

/** Of lanes that start at a multiple of 4: nothing needs to be guessed. */
export function alignedDivision(a: Strided, by: Expr): { quotient: Lanes; rest: Lanes } | undefined {
  if (!isAligned(a) || a.first.type !== 'u32' || !isConst(by) || by.value % 4 !== 0 || by.value === 0) return undefined;
  return { quotient: uniform(div(a.first, by)), rest: strided(binary('rem', a.first, by), a.step, 4, a.unit) };
}
