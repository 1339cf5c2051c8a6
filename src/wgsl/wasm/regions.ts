/**
 * Kernels with barriers. Between two barriers each invocation of a workgroup runs in its turn ("loop fission"): runs of statements without a barrier
 * become regions, each with its own loop over the invocations. What contains a barrier, or a branch out of its region, is done once for the whole
 * workgroup; WGSL demands that all invocations agree on its conditions, so they are evaluated for the first. What an invocation has to remember from
 * one region to another gets a slot in its record.
 */
import { forEachExpr, forEachRoot } from '../build.js';
import type { Expr, Local, Stmt } from '../ir.js';
import type { Uniform } from './uniform.js';

export interface Region {
  readonly kind: 'region';
  readonly body: Stmt[];
  /** Locals that occur, and whether they may be read or kept from before (so that they have to be fetched). */
  readonly locals: Map<Local, boolean>;
  readonly sets: Set<Local>;
}

export type Step =
  | Region
  /** Of a uniform local. */
  | { readonly kind: 'set'; readonly local: Local; readonly value: Expr }
  | { readonly kind: 'barrier' }
  | { readonly kind: 'branch'; readonly label: number }
  | { readonly kind: 'if'; readonly condition: Expr; readonly yes: readonly Step[]; readonly no: readonly Step[] }
  | { readonly kind: 'block' | 'loop'; readonly label: number; readonly body: readonly Step[] };

export interface Plan {
  readonly steps: readonly Step[];
  /** Locals of several regions, or of a condition of the whole workgroup. */
  readonly shared: ReadonlySet<Local>;
}

export function hasBarrier(body: readonly Stmt[]): boolean {
  return body.some((s) => {
    if (s.kind === 'barrier') return true;
    if (s.kind === 'if') return hasBarrier(s.yes) || hasBarrier(s.no);
    return (s.kind === 'block' || s.kind === 'loop') && hasBarrier(s.body);
  });
}

export function branchesTo(s: Stmt, labels: ReadonlySet<number>): boolean {
  if (s.kind === 'branch') return labels.has(s.label);
  const inside = (body: readonly Stmt[]): boolean => body.some((inner) => branchesTo(inner, labels));
  if (s.kind === 'if') return inside(s.yes) || inside(s.no);
  return (s.kind === 'block' || s.kind === 'loop') && inside(s.body);
}

/** Done once for the workgroup. `owned`: labels of the workgroup's own structures around. */
export const isForWorkgroup = (s: Stmt, owned: ReadonlySet<number>): boolean =>
  s.kind === 'barrier' || hasBarrier([s]) || branchesTo(s, owned);

export function planRegions(body: readonly Stmt[], uniform: Uniform): Plan {
  const planner = new Planner(uniform);
  const steps = planner.list(body, new Set());
  return { steps, shared: planner.shared };
}

class Planner {
  readonly shared = new Set<Local>();
  private readonly homes = new Map<Local, Region>();

  constructor(private readonly uniform: Uniform) {}

  list(body: readonly Stmt[], owned: ReadonlySet<number>): Step[] {
    const steps: Step[] = [];
    let region: Region | undefined;
    for (const s of body) {
      if (s.kind === 'set' && this.uniform.sets.has(s)) {
        // In front of the region that is being made, unless that reads what was there before.
        if (region?.locals.has(s.local)) region = undefined;
        if (region) steps.splice(steps.length - 1, 0, s);
        else steps.push(s);
      } else if (!isForWorkgroup(s, owned)) {
        if (!region) steps.push((region = { kind: 'region', body: [], locals: new Map(), sets: new Set() }));
        region.body.push(s);
        this.enter(region, s, true);
      } else {
        region = undefined;
        steps.push(this.step(s, owned));
      }
    }
    return steps;
  }

  private step(s: Stmt, owned: ReadonlySet<number>): Step {
    switch (s.kind) {
      case 'barrier':
        return { kind: 'barrier' };
      case 'branch':
        return s;
      case 'if':
        forEachExpr(s.condition, (e) => {
          if (e.kind === 'local') this.share(e.local);
        });
        return { kind: 'if', condition: s.condition, yes: this.list(s.yes, owned), no: this.list(s.no, owned) };
      case 'block':
      case 'loop':
        return { kind: s.kind, label: s.label, body: this.list(s.body, new Set(owned).add(s.label)) };
      default:
        throw new Error(`a ${s.kind} has neither barriers nor branches`);
    }
  }

  /** `always`: the statement is reached by every invocation that enters the region. */
  private enter(region: Region, s: Stmt, always: boolean): void {
    forEachRoot(s, (root) =>
      forEachExpr(root, (e) => {
        if (e.kind === 'local') this.occurs(region, e.local, true);
      }),
    );
    if (s.kind === 'set') {
      this.occurs(region, s.local, !always);
      region.sets.add(s.local);
    } else if (s.kind === 'if') {
      for (const inner of s.yes) this.enter(region, inner, false);
      for (const inner of s.no) this.enter(region, inner, false);
    } else if (s.kind === 'block' || s.kind === 'loop') {
      for (const inner of s.body) this.enter(region, inner, false);
    }
  }

  private occurs(region: Region, local: Local, fetch: boolean): void {
    if (!region.locals.has(local)) region.locals.set(local, fetch);
    const home = this.homes.get(local);
    if (!home) this.homes.set(local, region);
    else if (home !== region) this.share(local);
  }

  private share(local: Local): void {
    if (!this.uniform.locals.has(local)) this.shared.add(local);
  }
}
