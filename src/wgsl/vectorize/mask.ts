/** Which lanes run, and where the others wait. */
import { constant, or, read, set } from '../build.js';
import type { Expr, Local } from '../ir.js';
import type { Slot } from './draft.js';
import type { Use } from './survey.js';

/** `all` is known now; `none`: no lane runs on here; `dead`: not even control gets here. Otherwise it is known at run time. */
export type Mask = 'all' | 'none' | 'dead' | RunTimeMask;

export interface RunTimeMask {
  /** A local of type vec4b. */
  expr(): Expr;
}

export const NO_LANES = constant('vec4b', 0);
export const ALL_LANES = constant('vec4b', 1);

export const exprOf = (mask: Mask): Expr =>
  mask === 'all' ? ALL_LANES : typeof mask === 'string' ? NO_LANES : mask.expr();

export const maskOf = (expr: Expr): RunTimeMask => ({ expr: () => expr });

/** Lanes that do not run here go on at position `resume`, which has `depth` loops around it. Around them, others may wait too. */
export interface Reducer {
  readonly resume: number;
  readonly depth: number;
  readonly around: Reducer | undefined;
}

/** Whether a waiting lane will look at a local that has this use: if it goes on before the last use, or comes round to it again in a loop. */
export function isAwaited(chain: Reducer | undefined, use: Use): boolean {
  for (let r = chain; r; r = r.around) if (r.resume <= use.last || r.depth > use.depth) return true;
  return false;
}

export function reduce(chain: Reducer | undefined, resume: number, depth: number): Reducer {
  for (let r = chain; r; r = r.around) if (chain && r.resume === resume && r.depth === depth) return chain;
  return { resume, depth, around: chain };
}

/** A block or loop that lanes may leave for (of a loop: start again). */
export interface Target {
  readonly label: number;
  readonly isLoop: boolean;
  readonly chain: Reducer | undefined;
  readonly mask: Mask;
  readonly resume: number;
  readonly depth: number;
  /** Collects lanes: those that start a varying loop again. */
  readonly again: Local | undefined;
  /** Collects lanes: those that arrive at the end, where not all do. */
  readonly arrived: Local | undefined;
  /** A plain branch to it exists. */
  used: boolean;
}

/** One of the ways that lead to a place: the lanes that come this way, and where that may be written down. */
export interface Way {
  readonly mask: Mask;
  readonly slot: Slot;
}

/**
 * The mask where several ways meet. `before`: ahead of all of them, for control may pass by all. Only when it is asked for is anything written.
 * `collect`: lanes come together from several ways that all run, one after the other; otherwise only one of them runs.
 */
export function meet(ways: readonly Way[], before: Slot, collect: boolean, variable: () => Local): Mask {
  const live = ways.filter((way) => way.mask !== 'dead');
  if (live.length === 0) return 'dead';
  if (live.every((way) => way.mask === 'none')) return 'none';
  let made: Expr | undefined;
  return {
    expr() {
      if (made) return made;
      const local = variable();
      made = read(local);
      before.items.push(set(local, NO_LANES));
      for (const { mask, slot } of live) {
        if (mask === 'none') continue;
        const lanes = exprOf(mask);
        slot.items.push(set(local, collect ? or(made, lanes) : lanes));
      }
      return made;
    },
  };
}

/** For lanes that left for a target: those that start a loop again wait inside of it. */
export const reduceFor = (chain: Reducer | undefined, t: Target): Reducer =>
  reduce(chain, t.resume, t.isLoop ? t.depth + 1 : t.depth);
