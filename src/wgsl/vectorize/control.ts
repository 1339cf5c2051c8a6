/** Statements. Where lanes part, each way runs under the mask of its own lanes (the way of ispc: Pharr and Mark 2012). */
import { all, and, any, not, or, read, set } from '../build.js';
import { WgslError } from '../error.js';
import type { Expr, Local, Stmt } from '../ir.js';
import type { Draft } from './draft.js';
import { bounds } from './guess.js';
import { packed, type Lanes } from './lanes.js';
import {
  NO_LANES,
  exprOf,
  isAwaited,
  maskOf,
  reduce,
  reduceFor,
  type Mask,
  type Reducer,
  type RunTimeMask,
  type Target,
} from './mask.js';
import { storeLanes } from './memory.js';
import type { Node } from './survey.js';
import { guessed, hasRoom, sizeOf } from './site.js';
import type { Finding, State } from './state.js';
import { evaluate } from './values.js';
import { after, leave, meetOf, oneOf, written, writtenFor, type Written } from './ways.js';

/** Arms of plain arithmetic up to this size run without a test of whether any lane wants them. */
const SMALL = 24;

export function statements(state: State, nodes: readonly Node[]): void {
  for (let i = 0; i < nodes.length; i++) {
    if (state.mask === 'none' || state.mask === 'dead') return;
    if (state.maybeEmpty) return whereAny(state, nodes.slice(i));
    if (statement(state, nodes[i], nodes, i)) return;
  }
}

/** The rest of a list, behind a test of whether lanes are left. */
function whereAny(state: State, rest: readonly Node[]): void {
  const { mask } = state;
  const before = state.slot();
  const inner = written(state, mask, state.chain, () => statements(state, rest));
  state.out.push({ kind: 'if', condition: any(exprOf(mask)), yes: inner.list, no: [] });
  if (inner.mask === mask) return leave(state, inner.exits);
  const none: Mask = inner.mask === 'dead' || inner.mask === 'none' ? 'none' : meetOf(state, [inner], before, false);
  after(state, none, inner.exits);
}

/** True if it took in the statements behind it. */
function statement(state: State, node: Node, nodes: readonly Node[], i: number): boolean {
  const { stmt } = node;
  switch (stmt.kind) {
    case 'set':
      assignment(state, node, stmt);
      return false;
    case 'store':
      storeLanes(state, stmt, evaluate(state, stmt.index), evaluate(state, stmt.value));
      soil(state);
      return false;
    case 'barrier':
      if (state.mask !== 'all' || state.divergence > 0)
        throw new WgslError('barrier in non-uniform control flow', stmt.line, 1);
      state.out.push(stmt);
      soil(state);
      return false;
    case 'if':
      return choice(state, node, nodes.slice(i + 1));
    case 'block':
      block(state, node, stmt);
      return false;
    case 'loop':
      loop(state, node, stmt);
      return false;
    case 'branch':
      branch(state, stmt);
      return true;
    case 'scatter':
      throw new Error('A function is vectorized once.');
  }
}

function assignment(state: State, node: Node, { local, value }: Stmt & { kind: 'set' }): void {
  const use = state.survey.use(local);
  const lanes = evaluate(state, value);
  if (use.value) return state.bind(local, lanes);
  // No lane has a value in it yet that it may want again.
  const isFirst = use.first === node.start && use.depth === node.depth;
  state.assign(local, lanes, state.mask !== 'all' && !isFirst && isAwaited(state.chain, use));
  for (let site = state.site; site; site = site.around)
    if (use.first < site.start || use.last > site.end) site.clean = false;
}

/** Something happened that must not happen twice. */
function soil(state: State): void {
  for (let site = state.site; site; site = site.around) site.clean = false;
}

/** True if it took in `rest`, the statements behind it. */
function choice(state: State, node: Node, rest: readonly Node[]): boolean {
  const condition = evaluate(state, node.condition as Expr);
  if (condition.kind === 'uniform') return uniformChoice(state, node, condition.value, rest);
  // What follows an arm that leaves belongs to the other arm.
  const merged = node.leaves || (node.yes.length > 0 && leavesAtEnd(node.yes));
  const no = merged && !node.leaves ? [...node.no, ...rest] : node.no;
  state.divergence++;
  varyingChoice(state, node, condition, no);
  state.divergence--;
  return merged;
}

const leavesAtEnd = (nodes: readonly Node[]): boolean => nodes[nodes.length - 1].leaves;

function uniformChoice(state: State, node: Node, condition: Expr, rest: readonly Node[]): boolean {
  const merged = state.mask !== 'all' && node.yes.length > 0 && leavesAtEnd(node.yes);
  const no = merged && !node.leaves ? [...node.no, ...rest] : node.no;
  const before = state.slot();
  const arm = (nodes: readonly Node[]): Written =>
    written(state, state.mask, state.chain, () => guessed(state, nodes, statements));
  const ways = [arm(node.yes), arm(no)];
  state.out.push({ kind: 'if', condition, yes: ways[0].list, no: ways[1].list });
  oneOf(state, ways, before);
  return merged;
}

function varyingChoice(state: State, node: Node, condition: Lanes, no: readonly Node[]): void {
  const both = [...node.yes, ...no];
  if (state.mask === 'all' && both.some(isHeavy) && hasRoom(state, both)) threeCases(state, node, condition, no);
  else masked(state, node, condition, no);
}

/** Masks make it slower. */
const isHeavy = (n: Node): boolean => n.loads || n.stores || n.loops;

/** All lanes one way, all the other, or mixed: the first two need no masks. */
function threeCases(state: State, node: Node, condition: Lanes, no: readonly Node[]): void {
  const { yes } = node;
  const { lanes, ...test } = tests(state, condition);
  const before = state.slot();
  const { copy, chain } = state;
  const arm = (nodes: readonly Node[], kind: string): Written =>
    nodes.length === 0
      ? written(state, 'all', chain, () => undefined)
      : writtenFor(state, copy.child(nodes, kind), 'all', chain, () => guessed(state, nodes, statements));
  state.copies++;
  const yesWay = arm(yes, 'yes');
  const noWay = arm(no, 'no');
  const mixed = copy.child([node, ...no], 'mixed');
  const mixedWay = writtenFor(state, mixed, 'all', chain, () => masked(state, node, lanes, no));
  state.copies--;
  // Of the plain cases the one with something to do is asked for first.
  const isYesFirst = yes.length > 0 && yes[0].stmt.kind !== 'branch';
  const [first, second] = isYesFirst ? [yesWay, noWay] : [noWay, yesWay];
  const isFirst = isYesFirst ? test.all : not(test.any);
  const isMixed = isYesFirst ? test.any : not(test.all);
  const others: Draft = { kind: 'if', condition: isMixed, yes: mixedWay.list, no: second.list };
  state.out.push({ kind: 'if', condition: isFirst, yes: first.list, no: [others] });
  oneOf(state, [yesWay, noWay, mixedWay], before);
}

function tests(state: State, condition: Lanes): { all: Expr; any: Expr; lanes: Lanes } {
  const known = condition.kind === 'comparison' ? bounds(condition) : undefined;
  if (known) return { ...known, lanes: condition };
  const lanes = state.atom(state.pack(condition));
  return { all: all(lanes), any: any(lanes), lanes: packed(lanes) };
}

/** Both arms, each for its own lanes. */
function masked(state: State, node: Node, condition: Lanes, no: readonly Node[]): void {
  const { yes } = node;
  const { chain } = state;
  const both = [...yes, ...no];
  const isSmall = !both.some(isHeavy) && sizeOf(both) <= SMALL;
  const chosen = state.atom(state.pack(condition));
  const within = state.maskExpr();
  const lanesOf = (c: Expr): RunTimeMask => maskOf(state.atom(within ? and(within, c) : c));
  const before = state.slot();
  const arm = (nodes: readonly Node[], lanes: RunTimeMask, armChain: Reducer | undefined): Written => {
    const way = written(state, lanes, armChain, () => statements(state, nodes));
    if (isSmall) state.out.push(...way.list);
    else state.out.push({ kind: 'if', condition: any(lanes.expr()), yes: way.list, no: [] });
    return way;
  };
  const yesLanes = lanesOf(chosen);
  // Lanes of the other arm wait for its beginning.
  const yesWay = arm(yes, yesLanes, reduce(chain, no.length > 0 ? no[0].start : node.end, node.depth));
  if (no.length === 0 && yesWay.mask === yesLanes) return leave(state, yesWay.exits);
  const noLanes = lanesOf(not(chosen));
  let noChain = yesWay.mask === 'none' ? chain : reduce(chain, node.end, node.depth);
  for (const target of yesWay.exits) noChain = reduceFor(noChain, target);
  const noWay = arm(no, noLanes, noChain);
  const exits = new Set([...yesWay.exits, ...noWay.exits]);
  if (yesWay.mask === yesLanes && noWay.mask === noLanes) return leave(state, exits);
  const ways = [yesWay, noWay].filter((way) => way.mask !== 'none' && way.mask !== 'dead');
  // Lanes of an arm that nobody left are known here too.
  const [only] = ways;
  if (ways.length === 0) after(state, 'none', exits);
  else if (ways.length === 1 && (only.mask === yesLanes || only.mask === noLanes)) after(state, only.mask, exits);
  else after(state, meetOf(state, ways, before, true), exits);
}

/** The lanes that run here are noted in a variable. */
function collect(state: State, variable: Local | undefined): void {
  if (variable === undefined || state.mask === 'none' || state.mask === 'dead') return;
  state.out.push(set(variable, or(read(variable), exprOf(state.mask))));
}

function branch(state: State, { label }: Stmt & { kind: 'branch' }): void {
  const target = state.targets.get(label);
  if (target === undefined) throw new Error(`No block or loop ${label} is around.`);
  if (!target.isLoop) collect(state, target.arrived);
  if (target.chain === state.chain && target.again === undefined) {
    target.used = true;
    state.out.push({ kind: 'branch', label: target.label });
    state.mask = 'dead';
    return;
  }
  collect(state, target.again);
  state.exits.add(target);
  state.mask = 'none';
}

/** `lanes`: variables for lanes, where earlier tries have found out that they are needed. */
function makeTarget(state: State, node: Node, lanes: { readonly again?: boolean; readonly arrived: boolean }): Target {
  const { chain, mask, fresh } = state;
  const variable = (wanted: boolean | undefined, name: string): Local | undefined =>
    wanted ? state.variable(name, 'vec4b') : undefined;
  const again = variable(lanes.again, 'again');
  const arrived = variable(lanes.arrived, 'arrived');
  const isLoop = node.stmt.kind === 'loop';
  const { end: resume, depth } = node;
  return { label: fresh.label(), isLoop, chain, mask, resume, depth, again, arrived, used: false };
}

function block(state: State, node: Node, stmt: Stmt & { kind: 'block' }): void {
  const finding = state.copy.finding(node);
  const target = makeTarget(state, node, { arrived: finding.escapes });
  if (target.arrived) state.out.push(set(target.arrived, NO_LANES));
  state.targets.set(stmt.label, target);
  const way = written(state, state.mask, state.chain, () => {
    statements(state, node.body);
    collect(state, target.arrived);
  });
  state.out.push({ kind: 'block', label: target.label, body: way.list });
  if (way.mask === 'dead' && !target.used && !way.exits.has(target)) state.mask = 'dead';
  arrive(state, target, finding, way.exits);
}

/** Behind a block or loop: all lanes that came are there, but for those that left for somewhere further away. */
function arrive(state: State, target: Target, finding: Finding, exits: ReadonlySet<Target>): void {
  const others = new Set(exits);
  others.delete(target);
  if (others.size === 0) return;
  if (!finding.escapes) {
    finding.escapes = true;
    state.again = true;
  }
  after(state, target.arrived ? maskOf(read(target.arrived)) : state.mask, others);
}

function loop(state: State, node: Node, stmt: Stmt & { kind: 'loop' }): void {
  for (let site = state.site; site; site = site.around) {
    const { start, end } = site;
    const outlives = (local: Local): boolean => {
      const use = state.survey.use(local);
      return use.first < start || use.last > end;
    };
    if (node.stores || node.barrier || node.sets.some(outlives)) site.clean = false;
  }
  state.loops++;
  const finding = state.copy.finding(node);
  if (finding.varying) varyingLoop(state, node, stmt, finding);
  else plainLoop(state, node, stmt, finding);
  state.loops--;
}

/** All lanes that come in stay together until they leave. */
function plainLoop(state: State, node: Node, stmt: Stmt & { kind: 'loop' }, finding: Finding): void {
  const target = makeTarget(state, node, { arrived: false });
  state.targets.set(stmt.label, target);
  const way = written(state, state.mask, state.chain, () => statements(state, node.body));
  state.out.push({ kind: 'loop', label: target.label, body: way.list });
  if (way.mask === 'dead') state.mask = 'dead';
  if (way.exits.size === 0) return;
  finding.varying = true;
  state.again = true;
}

/** Goes on while any lane wants to. */
function varyingLoop(state: State, node: Node, stmt: Stmt & { kind: 'loop' }, finding: Finding): void {
  const again = state.variable('again', 'vec4b');
  const target: Target = { ...makeTarget(state, node, { arrived: finding.escapes }), again };
  if (target.arrived) state.out.push(set(target.arrived, NO_LANES));
  state.out.push(set(again, exprOf(state.mask)));
  state.targets.set(stmt.label, target);
  const way = written(state, state.mask, reduce(state.chain, node.end, node.depth), () => {
    state.mask = maskOf(state.temp(read(again), 'lanes'));
    state.out.push(set(again, NO_LANES));
    statements(state, node.body);
    collect(state, target.arrived);
    const once = { kind: 'branch', label: target.label } as const;
    state.out.push({ kind: 'if', condition: any(read(again)), yes: [once], no: [] });
  });
  state.out.push({ kind: 'loop', label: target.label, body: way.list });
  arrive(state, target, finding, way.exits);
}
