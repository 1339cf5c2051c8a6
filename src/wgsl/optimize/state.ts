/** What is known at one point of a function: the value of each mutable local, and how often each memory has been written. */
import type { Expr, Local } from '../ir.js';
import type { Place, SetItem } from './region.js';

/** What a memory holds from `since` on. Two loads of one content give the same. */
export interface Content {
  readonly id: number;
  readonly since: Place;
}

/** Who gave a mutable local its value: sets, or the join where a version began. */
export type Source = SetItem | (Expr & { kind: 'local' });

export interface State {
  readonly values: Expr[];
  readonly sources: (readonly Source[])[];
  /** Of the memories that the function writes. */
  readonly contents: Content[];
}

export const copy = ({ values, sources, contents }: State): State => ({
  values: values.slice(),
  sources: sources.slice(),
  contents: contents.slice(),
});

/** Positions of mutable locals in a State. */
export class Index {
  readonly locals: Local[] = [];
  private readonly positions = new Map<number, number>();

  /** Kept as a mutable one. */
  add(local: Local): void {
    this.positions.set(local.id, this.locals.length);
    this.locals.push(local.mutable ? local : { ...local, mutable: true });
  }

  local(local: Local): number | undefined {
    return this.positions.get(local.id);
  }
}
