/** Shapes of loops. */
import { constant, forEachExpr, isConst, mapOperands } from '../build.js';
import type { Expr, Local, Stmt } from '../ir.js';
import type { LoopFacts, Survey } from './survey.js';

/** A loop that begins by leaving or not, then does its work, then starts again. */
export interface RoundLoop {
  readonly leave: Expr;
  readonly exit: readonly Stmt[];
  readonly body: readonly Stmt[];
  readonly again: Stmt;
}

export function roundLoop(s: Stmt & { kind: 'loop' }, survey: Survey): RoundLoop | undefined {
  // Immutable locals before the test are written into it, and set once more in the body.
  const begins = s.body.findIndex((inner) => inner.kind !== 'set' || survey.mutable.has(inner.local));
  const test = s.body.at(begins);
  const again = s.body.at(-1);
  if (begins < 0 || test?.kind !== 'if' || test.yes.length !== 1 || test.no.length > 0) return undefined;
  const [exit] = test.yes;
  if (exit.kind !== 'branch' || exit.label === s.label || again?.kind !== 'branch' || again.label !== s.label)
    return undefined;
  if (survey.branches.get(s.label) !== 1) return undefined;
  const before = s.body.slice(0, begins);
  const leave = before.length === 0 ? test.condition : inserted(test.condition, before);
  return leave && { leave, exit: [exit], body: [...before, ...s.body.slice(begins + 1, -1)], again };
}

/** The expression with the values of locals in place of them; undefined if that loads something. */
function inserted(e: Expr, sets: readonly Stmt[]): Expr | undefined {
  const values = new Map<Local, Expr | undefined>();
  let fails = false;
  const insert = (inner: Expr): Expr => {
    if (inner.kind === 'load' || inner.kind === 'gather' || inner.kind === 'subgroup') fails = true;
    if (inner.kind !== 'local' || !values.has(inner.local)) return mapOperands(inner, insert);
    const value = values.get(inner.local);
    if (value === undefined) fails = true;
    return value ?? inner;
  };
  const whole = (inner: Expr): Expr | undefined => {
    fails = false;
    const result = insert(inner);
    return fails ? undefined : result;
  };
  for (const s of sets) if (s.kind === 'set') values.set(s.local, whole(s.value));
  return whole(e);
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
