/** Lists of statements that are written more than once: how many, and those that are tried under guesses first (guess.ts). */
import { fallback } from './draft.js';
import type { Site, State } from './state.js';
import type { Node } from './survey.js';
import { after, oneOf, writtenFor, type Write, type Written } from './ways.js';

/** No list of statements is written once more if all its copies together would then have more nodes than this. */
const ROOM = 3000;
export const sizeOf = (nodes: readonly Node[]): number => nodes.reduce((sum, n) => sum + n.size, 0);

/** Whether one more copy of the nodes is not too much. */
export const hasRoom = (state: State, nodes: readonly Node[]): boolean => sizeOf(nodes) * (state.copies + 1) <= ROOM;

/** Writes a list of statements by `write`; where that makes guesses, once with them and once without, for when one of them fails. */
export function guessed(state: State, nodes: readonly Node[], write: Write): void {
  // All invocations of a workgroup must meet at one barrier: it cannot be in two copies of which each takes one.
  const worthIt = state.guessing && state.mask === 'all' && nodes.length > 0 && !nodes.some((n) => n.barrier);
  if (!worthIt || !hasRoom(state, nodes)) return write(state, nodes);
  const { copy, site: around, chain } = state;
  const before = state.slot();
  const site: Site = {
    start: nodes[0].start,
    end: nodes[nodes.length - 1].end,
    slow: state.fresh.label(),
    used: false,
    clean: true,
    around,
  };
  const version = (kind: string): Written => {
    state.copies++;
    const way = writtenFor(state, copy.child(nodes, kind), 'all', chain, () => write(state, nodes));
    state.copies--;
    return way;
  };
  state.site = site;
  const quick = version('guess');
  state.site = around;
  if (!site.used) {
    state.out.push(...quick.list);
    return after(state, quick.mask, quick.exits);
  }
  const { testing } = state;
  Object.assign(state, { guessing: false, testing: false, site: undefined });
  const slow = version('slow');
  Object.assign(state, { guessing: true, testing, site: around });
  state.out.push(fallback(state.fresh.label(), site.slow, quick.list, slow.list));
  oneOf(state, [quick, slow], before);
}
