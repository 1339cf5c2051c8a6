/**
 * Early ends of single invocations in kernels with barriers. After the last barrier inside a block, WGSL lets some invocations leave it and others go on
 * (`if (lid.x > 0) { return; }`). Here such a branch is turned into one that stays within its region; where more follows before the block's end, a flag
 * tells who has left. A branch with a barrier still ahead needs nothing: there all invocations go the same way.
 */
import { block, branch, FALSE, Fresh, mapBodies, not, or, read, set, TRUE, when } from '../build.js';
import type { Expr, IrFunction, Local, Stmt } from '../ir.js';
import { branchesTo, hasBarrier } from './regions.js';

/** Labels of blocks that end without another barrier, and their flags; undefined: nothing at all follows. */
type Exits = ReadonlyMap<number, Local | undefined>;
const NONE: Exits = new Map();

export function settleExits(ir: IrFunction): readonly Stmt[] {
  const fresh = Fresh.after({ ...ir, body: [...(ir.prologue ?? []), ...ir.body] });
  return new Settler(fresh).list(ir.body, NONE);
}

class Settler {
  /** Flags that are set somewhere. */
  private readonly used = new Set<Local>();

  constructor(private readonly fresh: Fresh) {}

  list(body: readonly Stmt[], exits: Exits): readonly Stmt[] {
    let last = body.length - 1;
    while (last >= 0 && !hasBarrier([body[last]])) last--;
    if (last < 0) return this.suffix(body, exits);
    const before = body.slice(0, last).map((s) => this.inside(s, NONE));
    const after = body.slice(last + 1);
    if (after.length === 0) return [...before, this.inside(body[last], exits)];
    const own: Local[] = [];
    const flags = new Map<number, Local>();
    for (const [label, given] of exits) {
      const flag = given ?? this.fresh.local('left', 'bool', true);
      if (!given) own.push(flag);
      flags.set(label, flag);
    }
    const middle = this.inside(body[last], flags);
    const left = [...flags.values()].filter((flag) => this.used.has(flag)).map(read);
    const rest = this.suffix(after, exits);
    const cleared = own.filter((flag) => this.used.has(flag)).map((flag) => set(flag, FALSE));
    return [...cleared, ...before, middle, ...(left.length > 0 ? when(not(anyOf(left)), rest) : rest)];
  }

  /** A statement with a barrier in it, or one before such a statement. */
  private inside(s: Stmt, exits: Exits): Stmt {
    if (!hasBarrier([s])) return s;
    if (s.kind === 'block') return mapBodies(s, (body) => this.list(body, new Map(exits).set(s.label, undefined)));
    // A loop comes back to its barrier.
    return mapBodies(s, (body) => this.list(body, s.kind === 'loop' ? NONE : exits));
  }

  /** Statements after the last barrier: branches to exits go to the end of a block around them instead. */
  private suffix(body: readonly Stmt[], exits: Exits): readonly Stmt[] {
    const labels = new Set(exits.keys());
    if (!body.some((s) => branchesTo(s, labels))) return body;
    const end = this.fresh.label();
    const settle = (inner: readonly Stmt[]): readonly Stmt[] =>
      inner.flatMap((s) => {
        if (s.kind !== 'branch' || !labels.has(s.label)) return [mapBodies(s, settle)];
        const flag = exits.get(s.label);
        if (!flag) return [branch(end)];
        this.used.add(flag);
        return [set(flag, TRUE), branch(end)];
      });
    return [block(end, settle(body))];
  }
}

const anyOf = (flags: readonly Expr[]): Expr => flags.reduce((a, b) => or(a, b));
