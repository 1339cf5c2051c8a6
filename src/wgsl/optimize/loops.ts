/** Shapes of loops. */
import { constant, forEachExpr, isConst, mapOperands } from '../build.js';
import type { Expr, Local, Stmt } from '../ir.js';
import type { LoopFacts, Survey } from './survey.js';

/** A loop that first of all may leave, then does its work, then starts again. */
export interface RoundLoop {
  readonly leave: Expr;
  readonly exit: readonly Stmt[];
  readonly body: readonly Stmt[];
  readonly again: Stmt;
}

export function roundLoop(s: Stmt & { kind: 'loop' }, survey: Survey): RoundLoop | undefined {
  const first = s.body.at(0);
  const last = s.body.at(-1);
  if (first?.kind !== 'if' || first.yes.length !== 1 || first.no.length > 0) return undefined;
  const [exit] = first.yes;
  if (exit.kind !== 'branch' || exit.label === s.label || last?.kind !== 'branch' || last.label !== s.label)
    return undefined;
  if (survey.branches.get(s.label) !== 1) return undefined;
  return { leave: first.condition, exit: [exit], body: s.body.slice(1, -1), again: last };
}

/** Loops of more turns stay loops, and so do those that would become larger than this. */
const MANY_TRIPS = 16;
const LARGE = 600;

/** How often the body runs, if that is known and little: its copies then take the loop's place. */
export function constantTrips(loop: RoundLoop, facts: LoopFacts, known: (local: Local) => Expr): number | undefined {
  const now = new Map<Local, Expr>();
  const value = (e: Expr): Expr => (e.kind === 'local' ? (now.get(e.local) ?? e) : mapOperands(e, value));
  // Of all locals in the condition: what they are now, and how they go on.
  forEachExpr(loop.leave, (e) => {
    if (e.kind !== 'local') return;
    const first = known(e.local);
    const steps = !facts.sets.has(e.local) || facts.sets.get(e.local) !== undefined;
    if (isConst(first) && steps) now.set(e.local, first);
  });
  for (const local of now.keys()) {
    if (facts.sets.has(local) && !loop.body.some((s) => s.kind === 'set' && s.local === local)) return undefined;
  }
  for (let trips = 0; trips <= MANY_TRIPS && (trips < 2 || trips * facts.size <= LARGE); trips++) {
    const leaves = value(loop.leave);
    if (!isConst(leaves)) return undefined;
    if (leaves.value) return trips;
    for (const [local, e] of now) {
      const step = facts.sets.get(local);
      if (step !== undefined && isConst(e)) now.set(local, constant(e.type, e.value + step));
    }
  }
  return undefined;
}
