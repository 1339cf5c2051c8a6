/** What there is to know about a function before it is read in: where branches go, what loops change, how large they are. */
import { forEachExpr, forEachRoot } from '../build.js';
import type { Expr, Local, Memory, Stmt } from '../ir.js';

export interface LoopFacts {
  /** Mutable locals that it sets; the number, if all that ever happens to one is that this number is added. */
  readonly sets: Map<Local, number | undefined>;
  readonly writes: Set<string>;
  barrier: boolean;
  /** Nodes and statements in it. */
  size: number;
}

export const memoryKey = (memory: Memory): string =>
  `${memory.kind} ${memory.kind === 'binding' ? memory.index : memory.id}`;

export class Survey {
  readonly loops = new Map<Stmt, LoopFacts>();
  /** By label: how many branches go there. */
  readonly branches = new Map<number, number>();
  /** Statements after which it is not certain that the next one runs: something in them branches out of them. */
  readonly leaving = new Set<Stmt>();
  /** Memories that are written somewhere. */
  readonly written = new Map<string, Memory>();
  /** Locals that must be kept as mutable ones: those that are, and those that are set in an inner list and read in an outer one. */
  readonly mutable = new Set<Local>();

  private readonly around: LoopFacts[] = [];
  /** For each local the list that sets it. */
  private readonly homes = new Map<Local, readonly Stmt[]>();
  private readonly open = new Set<readonly Stmt[]>();
  /** How deep each label is. */
  private readonly depths = new Map<number, number>();
  private size = 0;
  private readonly visit = (e: Expr): void => {
    this.size++;
    if (e.kind !== 'local') return;
    const home = this.homes.get(e.local);
    if (e.local.mutable || home === undefined || !this.open.has(home)) this.mutable.add(e.local);
  };
  private readonly root = (e: Expr): void => {
    forEachExpr(e, this.visit);
  };

  constructor(body: readonly Stmt[]) {
    this.list(body, 0);
  }

  /** The depth of the outermost label that is branched to. */
  private list(body: readonly Stmt[], depth: number): number {
    this.open.add(body);
    let outermost = Infinity;
    for (const s of body) {
      const goes = this.statement(s, depth, body);
      // A label at `depth` is this statement's own.
      if (goes < depth) this.leaving.add(s);
      outermost = Math.min(outermost, goes);
    }
    this.open.delete(body);
    return outermost;
  }

  private statement(s: Stmt, depth: number, home: readonly Stmt[]): number {
    this.size++;
    forEachRoot(s, this.root);
    switch (s.kind) {
      case 'set':
        this.homes.set(s.local, home);
        if (s.local.mutable) this.mutable.add(s.local);
        for (const loop of this.around) loop.sets.set(s.local, loop.sets.has(s.local) ? undefined : stepOf(s));
        return Infinity;
      case 'store':
      case 'scatter': {
        const key = memoryKey(s.memory);
        this.written.set(key, s.memory);
        for (const loop of this.around) loop.writes.add(key);
        return Infinity;
      }
      case 'if':
        return Math.min(this.list(s.yes, depth), this.list(s.no, depth));
      case 'block':
        this.depths.set(s.label, depth);
        return this.list(s.body, depth + 1);
      case 'loop': {
        this.depths.set(s.label, depth);
        const facts: LoopFacts = { sets: new Map(), writes: new Set(), barrier: false, size: this.size };
        this.loops.set(s, facts);
        this.around.push(facts);
        const goes = this.list(s.body, depth + 1);
        this.around.pop();
        facts.size = this.size - facts.size;
        return goes;
      }
      case 'branch':
        this.branches.set(s.label, (this.branches.get(s.label) ?? 0) + 1);
        return this.depths.get(s.label) ?? 0;
      case 'barrier':
        for (const loop of this.around) loop.barrier = true;
        return Infinity;
    }
  }
}

/** x = x + number. */
function stepOf({ local, value }: Stmt & { kind: 'set' }): number | undefined {
  if (value.kind !== 'binary' || value.op !== 'add' || value.b.kind !== 'const') return undefined;
  return value.a.kind === 'local' && value.a.local === local ? value.b.value : undefined;
}
