/**
 * What must be known of a function before it is vectorized: its statements in order, what is in them, and from where to where each local is used.
 */
import { forEachOperand, not } from '../build.js';
import type { Expr, Local, Stmt } from '../ir.js';

export interface Node {
  readonly stmt: Stmt;
  /** Positions in the text: everything inside of the statement lies in start … end − 1. */
  readonly start: number;
  readonly end: number;
  /** Loops around it. */
  readonly depth: number;
  /** Expressions and statements in it. */
  readonly size: number;
  readonly loads: boolean;
  readonly stores: boolean;
  readonly loops: boolean;
  readonly barrier: boolean;
  /** Control never goes on behind it. */
  readonly leaves: boolean;
  /** Of an `if`. Where only one arm leaves, that is `yes` (the condition is turned round). */
  readonly condition: Expr | undefined;
  readonly yes: readonly Node[];
  readonly no: readonly Node[];
  /** Of a block or loop. */
  readonly body: readonly Node[];
  /** Of a loop: the locals that change in it. */
  readonly sets: readonly Local[];
}

/** Where a local is used. */
export interface Use {
  first: number;
  last: number;
  /** Loops around the innermost list of statements that holds all its uses: it is set anew whenever that list runs. */
  depth: number;
  /** Set once, and before all uses in the text's nesting: a value, not a variable. */
  value: boolean;
  /** The lane's number or private memory has gone into it, by whatever way. */
  fromLane: boolean;
}

interface List {
  readonly parent: List | undefined;
  readonly nesting: number;
  readonly depth: number;
}

export interface Survey {
  readonly nodes: readonly Node[];
  use(local: Local): Use;
}

interface Entry extends Use {
  /** Locals that it went into. */
  readonly into: number[];
  list: List;
  readonly setIn: List | undefined;
}

type Part = 'loads' | 'stores' | 'loops' | 'barrier';

export function survey(body: readonly Stmt[]): Survey {
  const surveyor = new Surveyor();
  const nodes = surveyor.list(body, { parent: undefined, nesting: 0, depth: 0 });
  surveyor.close();
  return {
    nodes,
    use(local) {
      const entry = surveyor.uses[local.id];
      if (entry === undefined) throw new Error(`Local ${local.name} is not of this function.`);
      return entry;
    },
  };
}

class Surveyor {
  readonly uses: (Entry | undefined)[] = [];
  private position = 0;
  private size = 0;
  /** Locals read in the statement at hand, and whether it reads the lane's number or private memory. */
  private reads: number[] = [];
  private readsLane = false;

  list(body: readonly Stmt[], list: List): Node[] {
    return body.map((stmt) => this.node(stmt, list));
  }

  /** Now that all uses are known, so are their innermost lists. */
  close(): void {
    for (const entry of this.uses) {
      if (entry === undefined) continue;
      entry.depth = entry.list.depth;
      entry.value &&= entry.setIn === entry.list;
    }
    const pending = this.uses.filter((entry) => entry?.fromLane);
    for (let entry = pending.pop(); entry; entry = pending.pop()) {
      for (const id of entry.into) {
        const next = this.uses[id];
        if (next === undefined || next.fromLane) continue;
        next.fromLane = true;
        pending.push(next);
      }
    }
  }

  private node(stmt: Stmt, list: List): Node {
    const start = this.position++;
    const sizeBefore = this.size++;
    const inner = { parent: list, nesting: list.nesting + 1, depth: list.depth + (stmt.kind === 'loop' ? 1 : 0) };
    let condition: Expr | undefined;
    let loads = false;
    let [yes, no, body]: Node[][] = [[], [], []];
    switch (stmt.kind) {
      case 'set':
        this.reads = [];
        this.readsLane = false;
        loads = this.expression(stmt.value, list);
        this.note(stmt.local, list, start, true).fromLane ||= this.readsLane;
        for (const id of this.reads) this.uses[id]?.into.push(stmt.local.id);
        break;
      case 'store':
        loads = this.expression(stmt.index, list);
        loads = this.expression(stmt.value, list) || loads;
        break;
      case 'if':
        loads = this.expression(stmt.condition, list);
        condition = stmt.condition;
        if (leaves(stmt.no) && !leaves(stmt.yes)) {
          condition = not(condition);
          yes = this.list(stmt.no, inner);
          no = this.list(stmt.yes, { ...inner });
        } else {
          yes = this.list(stmt.yes, inner);
          no = this.list(stmt.no, { ...inner });
        }
        break;
      case 'block':
      case 'loop':
        body = this.list(stmt.body, inner);
        break;
      case 'scatter':
        throw new Error('A function is vectorized once.');
    }
    const parts = [...yes, ...no, ...body];
    const has = (part: Part): boolean => parts.some((p) => p[part]);
    return {
      stmt,
      start,
      end: this.position++,
      depth: list.depth,
      size: this.size - sizeBefore,
      loads: loads || has('loads'),
      stores: stmt.kind === 'store' || has('stores'),
      loops: stmt.kind === 'loop' || has('loops'),
      barrier: stmt.kind === 'barrier' || has('barrier'),
      leaves: leaves([stmt]),
      condition,
      yes,
      no,
      body,
      sets: stmt.kind === 'loop' ? setsIn(stmt.body) : [],
    };
  }

  /** Whether it loads. */
  private expression(e: Expr, list: List): boolean {
    this.size++;
    if (e.kind === 'local') {
      this.note(e.local, list, this.position, false);
      this.reads.push(e.local.id);
    } else if (isOfLane(e)) this.readsLane = true;
    let loads = e.kind === 'load';
    forEachOperand(e, (operand) => {
      loads = this.expression(operand, list) || loads;
    });
    return loads;
  }

  private note(local: Local, list: List, position: number, set: boolean): Entry {
    const entry = this.uses[local.id];
    if (entry === undefined) {
      const value = set && !local.mutable;
      const setIn = set ? list : undefined;
      const made = { first: position, last: position, depth: 0, value, fromLane: false, into: [], list, setIn };
      this.uses[local.id] = made;
      return made;
    }
    entry.last = position;
    if (set) entry.value = false;
    entry.list = common(entry.list, list);
    return entry;
  }
}

function isOfLane(e: Expr): boolean {
  if (e.kind === 'load') return e.memory.kind === 'private';
  return e.kind === 'builtin' ? e.name === 'lid.x' || e.name === 'lindex' : e.kind === 'subgroup';
}

function common(a: List, b: List): List {
  while (a !== b) {
    if (a.nesting >= b.nesting) a = a.parent ?? b;
    else b = b.parent ?? a;
  }
  return a;
}

function leaves(body: readonly Stmt[]): boolean {
  const last = body.at(-1);
  if (last?.kind === 'branch') return true;
  return last?.kind === 'if' && leaves(last.yes) && leaves(last.no);
}

function setsIn(body: readonly Stmt[], to: Local[] = []): Local[] {
  for (const s of body) {
    if (s.kind === 'set') to.push(s.local);
    else if (s.kind === 'if') setsIn(s.no, setsIn(s.yes, to));
    else if (s.kind === 'block' || s.kind === 'loop') setsIn(s.body, to);
  }
  return to;
}
