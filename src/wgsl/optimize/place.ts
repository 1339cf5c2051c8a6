/**
 * Gives each value that is needed its place: before the latest item that comes before all its uses, but outside of as many loops as it can be.
 * (Click, "Global code motion, global value numbering", 1995, on a tree of regions.)
 */
import { forEachOperand } from '../build.js';
import type { Expr } from '../ir.js';
import { isFree, type Graph, type Node } from './graph.js';
import type { Skeleton } from './read.js';
import { reduce } from './reduce.js';
import { common, dominates, Region, within, type Item, type Place } from './region.js';

export interface Plan {
  /** Values to be written before items of a region, in order, by the item's index. */
  readonly values: ReadonlyMap<Region, ReadonlyMap<number, readonly Node[]>>;
  /** Items with an effect. */
  readonly kept: ReadonlySet<Item>;
}

export function place(skeleton: Skeleton): Plan {
  const { graph, root } = skeleton;
  let kept = markLive(skeleton);
  if (reduce(skeleton)) kept = markLive(skeleton);
  useRoots(graph, root, kept);
  const values = new Map<Region, Map<number, Node[]>>();
  // What uses a value has a larger number than it, so its place is known.
  for (let id = graph.nodes.length - 1; id >= 0; id--) {
    const node = graph.nodes[id];
    if (!node.live || isFree(node.expr)) continue;
    // A place that moved up may now serve the others too.
    for (const at of needed(placesOf(node).map((latest) => inOrder(node, latest)))) {
      if (isInline(node, at)) node.inline = true;
      else {
        const lists = entry(values, at.region, () => new Map<number, Node[]>());
        entry(lists, at.index, () => []).push(node);
      }
      forEachOperand(node.expr, (operand) => {
        graph.node(graph.resolve(operand)).users.push(at);
      });
    }
  }
  for (const lists of values.values()) for (const list of lists.values()) list.reverse();
  return { values, kept };
}

/** What joins several values to one stays where the text has it: further down, more values at a time would wait for their use. */
function inOrder({ born, pinned, expr }: Node, at: Place): Place {
  if (pinned || born.region !== at.region || born.index >= at.index) return at;
  let joined = 0;
  forEachOperand(expr, (operand) => {
    if (!isFree(operand) || operand.kind === 'local') joined++;
  });
  return joined > 1 ? born : at;
}

/** One expression uses it, which is written at the same place. */
function isInline({ users }: Node, at: Place): boolean {
  let found = 0;
  for (const user of users) {
    if (user.region === at.region && user.index === at.index) found++;
    else if (dominates(at, user)) return false;
  }
  return found === 1;
}

function placesOf({ pinned, early, users }: Node): readonly Place[] {
  if (pinned) return [early];
  if (users.length === 1) return [outOfLoops(users[0], early)];
  // What leaves a loop may come to where it serves others.
  return needed(split(users).map((at) => outOfLoops(at, early)));
}

/** Without the places that come after another one. */
function needed(places: readonly Place[]): readonly Place[] {
  if (places.length === 1) return places;
  return places.filter((a, i) => !places.some((b, k) => k !== i && dominates(b, a) && !(k > i && dominates(a, b))));
}

/**
 * One place for all uses, if whoever comes there surely comes to a use; else several, so that nobody computes what he does not need.
 */
function split(users: readonly Place[]): readonly Place[] {
  const all = users.reduce(common);
  const groups = groupsOf(users, all);
  if (groups === undefined) return [all];
  const parts = [...groups.values()];
  if (parts.length === 1) return [all];
  return parts.flatMap((group) => (group.length === 1 ? group : split(group)));
}

/** Uses by the arm or item of `from.region` that they are in; undefined: whoever comes to `from` comes to one of them. */
function groupsOf(users: readonly Place[], from: Place): Map<unknown, Place[]> | undefined {
  const groups = new Map<unknown, Place[]>();
  for (const user of users) {
    if (isCertain(user, from)) return undefined;
    // Uses after an item that may leave are a group of their own.
    const { region, index } = within(user, from.region.depth + 1);
    const at = region === from.region ? index : region.at;
    const late = from.region.certain > from.index && at >= from.region.certain;
    entry(groups, late ? 'late' : region === from.region ? index : region, () => []).push(user);
  }
  // An `if` that one comes to, with uses in both arms to which one comes.
  const arms = new Map<number, Region>();
  for (const [arm, group] of groups) {
    if (!(arm instanceof Region) || !arm.arm) continue;
    if (groupsOf(group, { region: arm, index: 0 }) !== undefined) continue;
    if (arms.has(arm.at)) return undefined;
    arms.set(arm.at, arm);
  }
  return groups;
}

/** Does whoever comes to `from` come to `user`? */
function isCertain(user: Place, from: Place): boolean {
  let { region, index } = user;
  while (region !== from.region && region.parent !== undefined) {
    if (region.arm || index >= region.certain) return false;
    index = region.at;
    region = region.parent;
  }
  return index < region.certain || from.index >= region.certain;
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
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
    const at = { region, index };
    for (const one of [item, ...extras(item)]) {
      if (!kept.has(one)) continue;
      forEachItemRoot(one, (e) => {
        graph.node(graph.resolve(e)).users.push(at);
      });
    }
    if (!kept.has(item)) return;
    forEachRegion(item, (inner) => {
      useRoots(graph, inner, kept);
    });
  });
}

/** Finds what has an effect, and what that needs: values, sets of mutable locals, and the items around. */
function markLive({ graph, root, versions }: Skeleton): ReadonlySet<Item> {
  const kept = new Set<Item>();
  const work: Expr[] = [];
  for (const node of graph.nodes) {
    node.live = false;
    node.uses = 0;
  }
  const mark = (e: Expr): void => {
    const node = graph.node(graph.resolve(e));
    node.uses++;
    if (node.live) return;
    node.live = true;
    work.push(node.expr);
  };
  const keep = (item: Item, region: Region): void => {
    if (kept.has(item)) return;
    kept.add(item);
    forEachItemRoot(item, mark);
    if (region.parent) keep(region.parent.items[region.at], region.parent);
  };
  const visit = (region: Region): void => {
    for (const item of region.items) {
      if (item.kind === 'store' || item.kind === 'scatter' || item.kind === 'branch' || item.kind === 'barrier')
        keep(item, region);
      else forEachRegion(item, visit);
    }
  };
  visit(root);
  for (let e = work.pop(); e !== undefined; e = work.pop()) {
    if (e.kind !== 'local') forEachOperand(e, mark);
    else {
      for (const source of versions.get(e.local.id)?.sources ?? []) {
        if (source.kind === 'set') keep(source, source.region);
        else mark(source);
      }
    }
  }
  return kept;
}

/** Sets that reduce.ts put in. */
const extras = (item: Item): readonly Item[] =>
  item.kind === 'loop' ? item.first : item.kind === 'set' ? item.then : [];

function forEachItemRoot(item: Item, f: (e: Expr) => void): void {
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
