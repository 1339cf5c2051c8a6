/** From graph and skeleton back to the middle form. */
import { mapOperands, not, set, when } from '../build.js';
import type { Expr, IrFunction, Local, Stmt } from '../ir.js';
import { isFree, type Node } from './graph.js';
import type { Plan } from './place.js';
import type { Skeleton } from './read.js';
import type { Change, Item, Region } from './region.js';
import { tidy } from './tidy.js';

export const write = (skeleton: Skeleton, plan: Plan): IrFunction => new Writer(skeleton, plan).function();

/** Where a copy of a version may still have to go in. */
interface Slot {
  readonly body: Stmt[];
  readonly index: number;
  copy: Local | undefined;
}

class Writer {
  /** By mutable local: the value that it has here. */
  private now = new Map<Local, Expr>();
  /** By version: where it begins. */
  private readonly slots = new Map<Expr, Slot>();
  /** Nodes with a local that stands for them here. */
  private readonly written: Node[] = [];
  private readonly copies: { slot: Slot; statement: Stmt }[] = [];

  constructor(
    private readonly skeleton: Skeleton,
    private readonly plan: Plan,
  ) {}

  function(): IrFunction {
    const { ir, root } = this.skeleton;
    const prologue: Stmt[] = [];
    this.values(root, 0, prologue);
    const [item] = root.items;
    const body: Stmt[] = [];
    if (item.kind === 'block') this.items(item.body, body);
    // From the back, so that indices stay right.
    for (const { slot, statement } of this.copies.sort((a, b) => b.slot.index - a.slot.index)) {
      slot.body.splice(slot.index, 0, statement);
    }
    return { ...ir, ...(prologue.length > 0 ? { prologue } : {}), body: tidy(body) };
  }

  private region(region: Region): Stmt[] {
    const before = new Map(this.now);
    const written = this.written.length;
    const body: Stmt[] = [];
    this.items(region, body);
    this.now = before;
    // Whoever comes to what follows need not have been here.
    for (const node of this.written.splice(written)) node.written = undefined;
    return body;
  }

  private items(region: Region, body: Stmt[]): void {
    region.items.forEach((item, index) => {
      this.values(region, index, body);
      if (item.kind === 'join') this.join(item.changes, body);
      if (item.kind === 'loop') this.kept(item.first, body);
      this.kept([item], body);
      if (item.kind === 'set') this.kept(item.then, body);
    });
  }

  private kept(items: readonly Item[], body: Stmt[]): void {
    for (const item of items) if (this.plan.kept.has(item)) this.item(item, body);
  }

  private values(region: Region, index: number, body: Stmt[]): void {
    for (const node of this.plan.values.get(region)?.get(index) ?? []) {
      const value = this.tree(node.expr);
      const local = this.skeleton.fresh.local(node.name ?? 't', value.type);
      body.push(set(local, value));
      node.written = { kind: 'local', type: local.type, local };
      this.written.push(node);
    }
  }

  private join(changes: readonly Change[], body: Stmt[]): void {
    for (const [local, e] of changes) {
      this.now.set(local, e);
      this.slots.set(e, { body, index: body.length, copy: undefined });
    }
  }

  private item(item: Item, body: Stmt[]): void {
    switch (item.kind) {
      case 'set': {
        const value = this.value(item.value);
        this.now.set(item.local, item.value);
        if (value.kind === 'local' && value.local === item.local) return;
        body.push({ kind: 'set', local: item.local, value, ...(item.line === undefined ? {} : { line: item.line }) });
        return;
      }
      case 'store':
      case 'scatter': {
        const { kind, memory, line } = item;
        const index = this.value(item.index);
        const value = this.value(item.value);
        const bytes = item.bytes ? { bytes: true as const } : {};
        if (kind === 'store') body.push({ kind, memory, index, value, line, ...bytes });
        else body.push({ kind, memory, index, value, mask: item.mask && this.value(item.mask), line, ...bytes });
        return;
      }
      case 'if': {
        const condition = this.value(item.condition);
        const yes = this.region(item.yes);
        const no = this.region(item.no);
        body.push(...(yes.length > 0 ? when(condition, yes, no) : when(not(condition), no)));
        break;
      }
      case 'block': {
        const inner = this.region(item.body);
        body.push({ kind: 'block', label: item.label, body: inner });
        break;
      }
      case 'loop':
        body.push({ kind: 'loop', label: item.label, body: this.region(item.body) });
        break;
      case 'branch':
        body.push({ kind: 'branch', label: item.label });
        return;
      case 'barrier':
        body.push({
          kind: 'barrier',
          line: item.line,
          ...(item.storage === undefined ? {} : { storage: item.storage }),
        });
        return;
      case 'join':
        return;
    }
    // A version that came back by a set inside: that set may be gone, since nothing met it.
    for (const [local, e] of item.changes) {
      if (e.kind === 'local') this.now.delete(local);
      else this.now.set(local, e);
    }
  }

  private readonly value = (used: Expr): Expr => {
    const e = this.skeleton.graph.resolve(used);
    if (e.kind === 'local') return this.version(e);
    const node = this.skeleton.graph.node(e);
    return node.written ?? (node.inline || isFree(e) ? this.tree(e) : missing(node));
  };

  private tree(e: Expr): Expr {
    return mapOperands(e, this.value);
  }

  /** The mutable local, as long as it holds this; else a copy that is made where the version begins. */
  private version(e: Expr & { kind: 'local' }): Expr {
    const local = this.skeleton.versions.get(e.local.id)?.local;
    const slot = this.slots.get(e);
    if (local === undefined || slot === undefined) throw new Error(`version ${e.local.name} is used before it begins`);
    if (this.now.get(local) === e) return { kind: 'local', type: local.type, local };
    if (slot.copy === undefined) {
      slot.copy = e.local;
      this.copies.push({ slot, statement: set(e.local, { kind: 'local', type: local.type, local }) });
    }
    return { kind: 'local', type: e.type, local: slot.copy };
  }
}

function missing(node: Node): never {
  throw new Error(`a ${node.expr.kind} is used before it is computed`);
}
