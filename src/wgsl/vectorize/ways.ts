/** Statements that some of the lanes, or some of the cases, run: a list of its own each, and what holds where the ways come together again. */
import type { Draft, Slot } from './draft.js';
import { meet, reduceFor, type Mask, type Reducer, type Target, type Way } from './mask.js';
import type { Copy } from './copy.js';
import type { State } from './state.js';
import type { Node } from './survey.js';

/** Writes statements to where the state stands. */
export type Write = (state: State, nodes: readonly Node[]) => void;

export interface Written extends Way {
  readonly list: readonly Draft[];
  /** Where lanes went that left. */
  readonly exits: ReadonlySet<Target>;
}

/** A list of its own, from `mask` on; the state is afterwards as it was. */
export function written(state: State, mask: Mask, chain: Reducer | undefined, write: () => void): Written {
  const before = {
    out: state.out,
    mask: state.mask,
    maybeEmpty: state.maybeEmpty,
    chain: state.chain,
    exits: state.exits,
  };
  const known = state.known;
  const list: Draft[] = [];
  const exits = new Set<Target>();
  Object.assign(state, { out: list, mask, maybeEmpty: false, chain, exits, known: { around: known, of: new Map() } });
  write();
  const end = { mask: state.mask, slot: state.slot() };
  Object.assign(state, before, { known });
  return { list, exits, ...end };
}

/** As `written`, in a copy of the statements for a case. */
export function writtenFor(
  state: State,
  copy: Copy,
  mask: Mask,
  chain: Reducer | undefined,
  write: () => void,
): Written {
  const before = state.copy;
  copy.begin();
  state.copy = copy;
  const result = written(state, mask, chain, () => {
    state.out.push(copy.prologue);
    write();
  });
  state.copy = before;
  return result;
}

/** Lanes left for other places; the others go on. */
export function leave(state: State, exits: ReadonlySet<Target>): void {
  for (const target of exits) {
    state.exits.add(target);
    state.chain = reduceFor(state.chain, target);
  }
}

export function after(state: State, mask: Mask, exits: ReadonlySet<Target>): void {
  if (mask !== state.mask) state.maybeEmpty = typeof mask !== 'string';
  state.mask = mask;
  leave(state, exits);
}

export const meetOf = (state: State, ways: readonly Way[], before: Slot, collect: boolean): Mask =>
  meet(ways, before, collect, () => state.variable('lanes', 'vec4b'));

/** Ways of which one is taken. */
export function oneOf(state: State, ways: readonly Written[], before: Slot): void {
  const live = ways.filter((way) => way.mask !== 'dead');
  const mask =
    live.length > 0 && live.every((way) => way.mask === live[0].mask)
      ? live[0].mask
      : meetOf(state, live, before, false);
  after(state, mask, new Set(ways.flatMap((way) => [...way.exits])));
}
