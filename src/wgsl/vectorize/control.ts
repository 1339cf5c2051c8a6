/** Statements. Where lanes part, each way runs under the mask of its own lanes (the way of ispc: Pharr and Mark 2012). */
import { all, and, any, not } from '../build.js';
import { WgslError } from '../error.js';
import type { Expr, Stmt } from '../ir.js';
import type { Draft } from './draft.js';
import { bounds } from './guess.js';
import { block, branch, loop } from './jumps.js';
import { packed, type Lanes } from './lanes.js';
import { exprOf, isAwaited, maskOf, reduce, reduceFor, type Mask, type Reducer, type RunTimeMask } from './mask.js';
import { storeLanes } from './memory.js';
import type { Node } from './survey.js';
import { guessed, hasRoom, sizeOf } from './site.js';
import type { State } from './state.js';
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
      block(state, node, stmt, statements);
      return false;
    case 'loop':
      loop(state, node, stmt, statements);
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
