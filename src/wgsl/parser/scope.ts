import { fail } from '../check/fault.js';
import type { Place } from '../error.js';
import type { Entity } from './entity.js';

interface Local {
  readonly name: string;
  readonly entity: Entity;
  readonly at: Place;
  readonly level: number;
  /** Counts the declarations of a function. */
  readonly number: number;
  /** What the name stood for outside. */
  readonly outer: Local | undefined;
}

/** Names inside of a function. */
export class Scope {
  private readonly names = new Map<string, Local | undefined>();
  private readonly declared: Local[] = [];
  private readonly marks: number[] = [];
  private readonly hidden: { readonly from: number; readonly to: number }[] = [];
  /** Declarations so far. */
  count = 0;

  find(name: string, at: Place): Entity | undefined {
    const local = this.names.get(name);
    if (
      local &&
      this.hidden.length > 0 &&
      this.hidden.some(({ from, to }) => local.number >= from && local.number < to)
    ) {
      fail(`a 'continue' goes past the declaration of '${name}' in line ${local.at.line}`, at);
    }
    return local?.entity;
  }

  has(name: string): boolean {
    return this.names.get(name) !== undefined;
  }

  /** The declarations from number `from` on, as far as they are made now, are not to be used: a `continue` can go past them. */
  hide(from: number): void {
    this.hidden.push({ from, to: this.count });
  }

  unhide(): void {
    this.hidden.pop();
  }

  enter(): void {
    this.marks.push(this.declared.length);
  }

  leave(): void {
    const mark = this.marks.pop() ?? 0;
    while (this.declared.length > mark) {
      const local = this.declared.pop();
      if (local) this.names.set(local.name, local.outer);
    }
  }

  declare(name: string, entity: Entity, at: Place): void {
    const outer = this.names.get(name);
    const level = this.marks.length;
    if (outer?.level === level) fail(`'${name}' is declared twice: first in line ${outer.at.line}`, at);
    const local = { name, entity, at, level, number: this.count++, outer };
    this.names.set(name, local);
    this.declared.push(local);
  }
}
