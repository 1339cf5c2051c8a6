/**
 * The skeleton of a function while it is optimized: lists of what must happen, in order. Values stand in a graph beside it (graph.ts) and
 * have no place yet, except for what they wait for.
 */
import type { Expr, Local, Memory } from '../ir.js';

/** A list of items. Every region but the outermost belongs to an item of another. */
export class Region {
  readonly items: Item[] = [];
  /** How many regions are around it. */
  readonly depth: number;
  /** Whoever begins comes to the items before this index. */
  certain = Infinity;

  constructor(
    readonly parent: Region | undefined,
    /** The index in `parent.items` of the item that it belongs to. */
    readonly at: number,
    /** How many loops are around its items. */
    readonly loops: number,
    /** Of an `if`. */
    readonly arm = false,
  ) {
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }
}

/** Just before an item of a region. */
export interface Place {
  readonly region: Region;
  readonly index: number;
}

/** The value that a mutable local has from here on. */
export type Change = readonly [local: Local, value: Expr];

export interface SetItem {
  readonly kind: 'set';
  readonly local: Local;
  readonly value: Expr;
  readonly line: number | undefined;
  readonly region: Region;
  /** What goes on with it. */
  readonly then: SetItem[];
}

export type Item =
  | SetItem
  | {
      readonly kind: 'store' | 'scatter';
      readonly memory: Memory;
      readonly index: Expr;
      readonly value: Expr;
      readonly mask: Expr | undefined;
      readonly line: number;
      readonly bytes: boolean;
    }
  /** `changes` here and below: what differs after the item from before it. */
  | {
      readonly kind: 'if';
      readonly condition: Expr;
      readonly yes: Region;
      readonly no: Region;
      changes: readonly Change[];
    }
  | { readonly kind: 'block'; readonly label: number; readonly body: Region; changes: readonly Change[] }
  | {
      readonly kind: 'loop';
      readonly label: number;
      readonly body: Region;
      changes: readonly Change[];
      /** Set just before it. */
      readonly first: SetItem[];
    }
  | { readonly kind: 'branch'; readonly label: number }
  | { readonly kind: 'barrier'; readonly line: number; readonly storage: boolean | undefined }
  /** Ways meet: from here on these mutable locals hold values that only running can tell. */
  | { readonly kind: 'join'; readonly changes: Change[] };

/** The innermost place from which both `a` and `b` follow. */
export function common(a: Place, b: Place): Place {
  if (a.region === b.region) return a.index <= b.index ? a : b;
  let { region: x, index: i } = a;
  let { region: y, index: k } = b;
  while (x !== y) {
    if (x.depth >= y.depth && x.parent !== undefined) {
      i = x.at;
      x = x.parent;
    } else if (y.parent !== undefined) {
      k = y.at;
      y = y.parent;
    }
  }
  return { region: x, index: Math.min(i, k) };
}

/** Of two places that both lie on the way to a third: is `a` after `b`? */
export const after = (a: Place, b: Place): boolean =>
  a.region.depth > b.region.depth || (a.region === b.region && a.index > b.index);

/** Does whoever comes to `b` come to `a` first (or is it the same place)? */
export function dominates(a: Place, b: Place): boolean {
  const { region, index } = within(b, a.region.depth);
  return region === a.region && a.index <= index;
}

/** The place, or the item around it that belongs to a region of that depth. */
export function within({ region, index }: Place, depth: number): Place {
  while (region.depth > depth && region.parent !== undefined) {
    index = region.at;
    region = region.parent;
  }
  return { region, index };
}
