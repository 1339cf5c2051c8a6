/**
 * Gives each value that is needed its place: before the latest item that comes before all its uses, but outside of as many loops as it can be.
 * (Click, "Global code motion, global value numbering", 1995, on a tree of regions.)
 */
import { forEachOperand } from '../build.js';
import type { Expr, Local } from '../ir.js';
import { isFree, type Graph, type Node } from './graph.js';
import type { Skeleton } from './read.js';
import { common, type Item, type Place, type Region } from './region.js';

export interface Plan {
  /** Values to be written before items of a region, in order, by the item's index. */
  readonly values: ReadonlyMap<Region, ReadonlyMap<number, readonly Node[]>>;
  /** Items with an effect. */
  readonly kept: ReadonlySet<Item>;
}

export function place(skeleton: Skeleton): Plan {
  const { graph, root } = skeleton;
  const kept = markLive(skeleton);
  useRoots(graph, root, kept);
  const values = new Map<Region, Map<number, Node[]>>();
  // What uses a value has a larger number than it, so its place is known.
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    const node = graph.nodes[id];
    const { user, expr } = node;
    if (!node.live || user === undefined || isFree(expr)) continue;
    const at = node.pinned ? node.early : outOfLoops(user, node.early);
    node.at = at;
    node.inline = node.uses === 1 && at.region === user.region && at.index === user.index;
    if (!node.inline) {
      let lists = values.get(at.region);
      if (lists === undefined) values.set(at.region, (lists = new Map<number, Node[]>()));
      const list = lists.get(at.index);
      if (list) list.push(node);
      else lists.set(at.index, [node]);
    }
    forEachOperand(expr, (operand) => {
      use(graph.node(operand), at);
    });
  }
  for (const lists of values.values()) for (const list of lists.values()) list.reverse();
  return { values, kept };
}

function use(node: Node, at: Place): void {
  node.uses++;
  node.user = node.user === undefined ? at : common(node.user, at);
}

/** On the way out from `late` to `early` the first place with the fewest loops around. */
function outOfLoops(late: Place, early: Place): Place {
  let at = late;
  let best = late;
  while (at.region !== early.region && at.region.parent !== undefined) {
    at = { region: at.region.parent, index: at.region.at };
    if (at.region.loops < best.region.loops) best = at;
  }
  return best;
}

function useRoots(graph: Graph, region: Region, kept: ReadonlySet<Item>): void {
  region.items.forEach((item, index) => {
    if (!kept.has(item)) return;
    const at = { region, index };
    forEachItemRoot(item, (e) => {
      use(graph.node(e), at);
    });
    forEachRegion(item, (inner) => {
      useRoots(graph, inner, kept);
    });
  });
}

/** Finds what has an effect, and what that needs: values, sets of mutable locals, and the items around. */
function markLive({ graph, root, versions }: Skeleton): ReadonlySet<Item> {
  /** With the items around each. */
  const sets = new Map<Local, (readonly Item[])[]>();
  const kept = new Set<Item>();
  const work: Expr[] = [];
  const mark = (e: Expr): void => {
    const node = graph.node(e);
    if (node.live) return;
    node.live = true;
    work.push(e);
  };
  const keep = (items: readonly Item[]): void => {
    for (const item of items) {
      if (kept.has(item)) continue;
      kept.add(item);
      forEachItemRoot(item, mark);
    }
  };
  const visit = (region: Region, around: readonly Item[]): void => {
    for (const item of region.items) {
      const own = [...around, item];
      if (item.kind === 'set') {
        const list = sets.get(item.local);
        if (list) list.push(own);
        else sets.set(item.local, [own]);
      } else if (item.kind === 'store' || item.kind === 'scatter' || item.kind === 'branch' || item.kind === 'barrier')
        keep(own);
      forEachRegion(item, (inner) => {
        visit(inner, own);
      });
    }
  };
  visit(root, []);
  for (let e = work.pop(); e !== undefined; e = work.pop()) {
    if (e.kind !== 'local') {
      forEachOperand(e, mark);
      continue;
    }
    const local = versions.get(e.local.id);
    const entries = local === undefined ? undefined : sets.get(local);
    if (local === undefined || entries === undefined) continue;
    sets.delete(local);
    for (const items of entries) keep(items);
  }
  return kept;
}

export function forEachItemRoot(item: Item, f: (e: Expr) => void): void {
  switch (item.kind) {
    case 'set':
      f(item.value);
      return;
    case 'store':
    case 'scatter':
      f(item.index);
      f(item.value);
      if (item.mask) f(item.mask);
      return;
    case 'if':
      f(item.condition);
      return;
    default:
      return;
  }
}

function forEachRegion(item: Item, f: (region: Region) => void): void {
  if (item.kind === 'if') {
    f(item.yes);
    f(item.no);
  } else if (item.kind === 'block' || item.kind === 'loop') f(item.body);
}
