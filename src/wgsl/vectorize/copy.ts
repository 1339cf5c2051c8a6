/** Copies of statements, and what was found out of the variables and loops in them. */
import { isConst } from '../build.js';
import type { Expr, Local } from '../ir.js';
import { makeSlot } from './draft.js';
import type { Lanes } from './lanes.js';
import type { Node } from './survey.js';

/** What is true of a variable at all times, found by trying: it starts as its first `set` has it and becomes `packed` if another contradicts. */
export type Class =
  { readonly kind: 'uniform' } | { readonly kind: 'packed' } | { readonly kind: 'strided'; readonly step: number };

/** What was found out of a loop or block in earlier tries. */
export interface Finding {
  /** Of a loop: lanes leave it at different times. */
  varying: boolean;
  /** Lanes leave for a place behind its end while others go on. */
  escapes: boolean;
}

/** A list of statements may be written several times, for different masks or guesses; each copy has variables of its own. Copies outlive a try, what they found out stays. */
export class Copy {
  readonly classes = new Map<number, Class>();
  readonly findings = new Map<Node, Finding>();
  private readonly children = new Map<Node, Map<string, Copy>>();
  variables = new Map<number, Local>();
  /** Packed forms of values from around this copy. */
  packs = new Map<Lanes, Expr>();
  prologue = makeSlot();

  constructor(
    readonly parent: Copy | undefined,
    readonly start: number,
    readonly end: number,
  ) {}

  child(nodes: readonly Node[], kind: string): Copy {
    let kinds = this.children.get(nodes[0]);
    if (!kinds) this.children.set(nodes[0], (kinds = new Map()));
    let copy = kinds.get(kind);
    if (!copy) kinds.set(kind, (copy = new Copy(this, nodes[0].start, nodes[nodes.length - 1].end)));
    return copy;
  }

  /** Forgets what belongs to one try. */
  begin(): void {
    this.variables = new Map();
    this.packs = new Map();
    this.prologue = makeSlot();
  }

  finding(node: Node): Finding {
    let finding = this.findings.get(node);
    if (!finding) this.findings.set(node, (finding = { varying: false, escapes: false }));
    return finding;
  }
}

export const PACKED: Class = { kind: 'packed' };

export function classOf(l: Lanes): Class {
  if (l.kind === 'uniform') return { kind: 'uniform' };
  if (l.kind === 'strided' && isConst(l.step)) return { kind: 'strided', step: l.step.value };
  return PACKED;
}

export function join(a: Class | undefined, b: Class): Class {
  if (a === undefined) return b;
  if (a.kind !== b.kind) return PACKED;
  return a.kind === 'strided' && b.kind === 'strided' && a.step !== b.step ? PACKED : a;
}
