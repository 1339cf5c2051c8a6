/** Blocks, loops, and the branches that leave or repeat them. */
import { any, or, read, set } from '../build.js';
import type { Local, Stmt } from '../ir.js';
import type { Finding } from './copy.js';
import { NO_LANES, exprOf, maskOf, reduce, type Target } from './mask.js';
import type { State } from './state.js';
import type { Node } from './survey.js';
import { after, written, type Write } from './ways.js';

/** The lanes that run here are noted in a variable. */
function collect(state: State, variable: Local | undefined): void {
  if (variable === undefined || state.mask === 'none' || state.mask === 'dead') return;
  state.out.push(set(variable, or(read(variable), exprOf(state.mask))));
}

export function branch(state: State, { label }: Stmt & { kind: 'branch' }): void {
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

export function block(state: State, node: Node, stmt: Stmt & { kind: 'block' }, write: Write): void {
  const finding = state.copy.finding(node);
  const target = makeTarget(state, node, { arrived: finding.escapes });
  if (target.arrived) state.out.push(set(target.arrived, NO_LANES));
  state.targets.set(stmt.label, target);
  const way = written(state, state.mask, state.chain, () => {
    write(state, node.body);
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

export function loop(state: State, node: Node, stmt: Stmt & { kind: 'loop' }, write: Write): void {
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
  if (finding.varying) varyingLoop(state, node, stmt, finding, write);
  else plainLoop(state, node, stmt, finding, write);
  state.loops--;
}

/** All lanes that come in stay together until they leave. */
function plainLoop(state: State, node: Node, stmt: Stmt & { kind: 'loop' }, finding: Finding, write: Write): void {
  const target = makeTarget(state, node, { arrived: false });
  state.targets.set(stmt.label, target);
  const way = written(state, state.mask, state.chain, () => write(state, node.body));
  state.out.push({ kind: 'loop', label: target.label, body: way.list });
  if (way.mask === 'dead') state.mask = 'dead';
  if (way.exits.size === 0) return;
  finding.varying = true;
  state.again = true;
}

/** Goes on while any lane wants to. */
function varyingLoop(state: State, node: Node, stmt: Stmt & { kind: 'loop' }, finding: Finding, write: Write): void {
  const again = state.variable('again', 'vec4b');
  const target: Target = { ...makeTarget(state, node, { arrived: finding.escapes }), again };
  if (target.arrived) state.out.push(set(target.arrived, NO_LANES));
  state.out.push(set(again, exprOf(state.mask)));
  state.targets.set(stmt.label, target);
  const way = written(state, state.mask, reduce(state.chain, node.end, node.depth), () => {
    state.mask = maskOf(state.temp(read(again), 'lanes'));
    state.out.push(set(again, NO_LANES));
    write(state, node.body);
    collect(state, target.arrived);
    const once = { kind: 'branch', label: target.label } as const;
    state.out.push({ kind: 'if', condition: any(read(again)), yes: [once], no: [] });
  });
  state.out.push({ kind: 'loop', label: target.label, body: way.list });
  arrive(state, target, finding, way.exits);
}
