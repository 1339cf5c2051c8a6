/**
 * Strength reduction: an address that grows by the same number of bytes in each turn of a loop becomes a local to which that is added, instead of a product
 * (or a shift) and a sum in each turn.
 */
import { add, isConst, mapOperands } from '../build.js';
import type { Expr } from '../ir.js';
import { version, type Graph, type Node } from './graph.js';
import type { Skeleton } from './read.js';
import type { Item, Region, SetItem } from './region.js';
import type { State } from './state.js';

/** A mutable local that is set once in each turn of a loop, to itself and something that the loop does not change. */
export interface Counter {
  readonly first: Expr;
  readonly step: Expr;
  readonly set: SetItem;
  readonly loop: Item & { kind: 'loop' };
}

/** `start`: its version at the start of the loop; `again`: the states from which the loop starts again. */
export function counterOf(
  graph: Graph,
  start: Expr,
  at: number,
  again: readonly State[],
  region: Region,
): Pick<Counter, 'step' | 'set'> | undefined {
  if (again.length === 0 || (start.type !== 'u32' && start.type !== 'i32')) return undefined;
  const next = again[0].values[at];
  const sources = again[0].sources[at];
  if (next.kind !== 'binary' || next.op !== 'add' || sources.length !== 1) return undefined;
  const step = next.a === start ? next.b : next.b === start ? next.a : undefined;
  const [set] = sources;
  if (step === undefined || set.kind !== 'set' || set.region !== region || !isOutside(graph, step, region))
    return undefined;
  if (again.some((state) => state.values[at] !== next || state.sources[at][0] !== set)) return undefined;
  return { step, set };
}

/** Of what is marked as live. True: something changed. */
export function reduce(skeleton: Skeleton): boolean {
  const { graph, counters } = skeleton;
  if (counters.size === 0) return false;
  const count = graph.nodes.length;
  let changed = false;
  for (let id = 0; id < count; id++) {
    const node = graph.nodes[id];
    const { expr } = node;
    if (!node.live || expr.kind !== 'binary' || expr.op !== 'add' || expr.type !== 'u32' || isConst(expr.b)) continue;
    // As addresses are built: what stays the same first, then what the loop changes.
    const counted = countedBy(expr.b);
    const counter = counted && counters.get(counted);
    if (!counter || graph.node(expr.b).uses !== 1 || !isOutside(graph, expr.a, counter.loop.body)) continue;
    if (!factorStays(graph, expr.b, counter.loop.body)) continue;
    run(skeleton, node, expr, counted, counter);
    changed = true;
  }
  return changed;
}

/** v in v << k or f · v, also where it is an i32. */
function countedBy(e: Expr): Expr | undefined {
  if (e.kind !== 'binary') return undefined;
  const v = e.op === 'shl' ? e.a : e.op === 'mul' ? e.b : undefined;
  return v?.kind === 'bitcast' ? v.a : v;
}

function factorStays(graph: Graph, e: Expr, loop: Region): boolean {
  return e.kind === 'binary' && isOutside(graph, e.op === 'shl' ? e.b : e.a, loop);
}

/** Lets a local run along with the counter, and stand for the address. */
function run(skeleton: Skeleton, node: Node, e: Expr & { kind: 'binary' }, counted: Expr, counter: Counter): void {
  const { graph, fresh, versions } = skeleton;
  const { loop, set } = counter;
  const local = fresh.local(node.name ?? 'at', 'u32', true);
  const now = version(local, fresh.local(local.name, 'u32').id);
  graph.add(now, graph.node(counted).early);
  const scaled = (value: Expr): Expr => {
    const replace = (inner: Expr): Expr => (inner === counted ? value : mapOperands(inner, replace));
    return graph.intern(replace(e.b));
  };
  const parent = loop.body.parent ?? loop.body;
  graph.here = { region: parent, index: loop.body.at };
  const begin: SetItem = {
    kind: 'set',
    local,
    value: graph.intern(add(e.a, scaled(counter.first))),
    line: undefined,
    region: parent,
    then: [],
  };
  const advance: SetItem = {
    kind: 'set',
    local,
    value: graph.intern(add(now, scaled(counter.step))),
    line: undefined,
    region: set.region,
    then: [],
  };
  loop.first.push(begin);
  set.then.push(advance);
  versions.set(now.local.id, { local, sources: new Set([begin, advance]) });
  const [join] = loop.body.items;
  if (join.kind !== 'join') throw new Error('a loop with a counter begins with a join');
  join.changes.push([local, now]);
  node.instead = now;
}

const isOutside = (graph: Graph, e: Expr, loop: Region): boolean => graph.node(e).early.region.depth < loop.depth;
