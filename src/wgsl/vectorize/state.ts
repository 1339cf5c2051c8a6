/** Where the vectorizer stands: the list that statements go to, the lanes that run, and what locals have become. */
import { Fresh, binary, constant, isInteger, packedType, read, select, set, splat } from '../build.js';
import type { Expr, Local, ValueType } from '../ir.js';
import { PACKED, classOf, join, type Class, type Copy } from './copy.js';
import { makeSlot, type Draft, type Slot } from './draft.js';
import { packed, spread, strided, uniform, type Home, type Lanes } from './lanes.js';
import { exprOf, type Mask, type Reducer, type Target } from './mask.js';
import type { Survey } from './survey.js';

/** Statements that are tried under guesses (guess.ts); all of them run again without where a guess fails. */
export interface Site {
  readonly start: number;
  readonly end: number;
  readonly slow: number;
  used: boolean;
  /** Nothing has happened in it yet that must not happen twice. */
  clean: boolean;
  readonly around: Site | undefined;
}

/** Things computed once and valid in the list at hand and those inside of it. */
export interface Known {
  readonly around: Known | undefined;
  readonly of: Map<string, Lanes>;
}

export class State {
  readonly fresh = new Fresh();
  out: Draft[] = [];
  mask: Mask = 'all';
  /** The mask may be empty: statements with effects stand behind a test. */
  maybeEmpty = false;
  chain: Reducer | undefined;
  exits = new Set<Target>();
  readonly targets = new Map<number, Target>();
  copy: Copy;
  site: Site | undefined;
  /** Guesses are allowed. */
  guessing = true;
  /** Four addresses of which nothing is known are tested for being neighbours. */
  testing = true;
  /** Loops around. */
  loops = 0;
  /** How often the statements at hand are written, here and elsewhere. */
  copies = 1;
  /** Conditions around that differ between lanes. */
  divergence = 0;
  known: Known = { around: undefined, of: new Map() };
  /** Something assumed turned out wrong: try again. */
  again = false;
  private readonly values: (Lanes | undefined)[] = [];

  constructor(
    readonly survey: Survey,
    root: Copy,
  ) {
    this.copy = root;
  }

  /** An expression that may be used twice: itself if it costs nothing and cannot change, else a new local. */
  atom(e: Expr): Expr {
    return isAtom(e) ? e : this.temp(e);
  }

  temp(e: Expr, name = 'v'): Expr {
    const local = this.fresh.local(name, e.type);
    this.out.push(set(local, e));
    return read(local);
  }

  variable(name: string, type: ValueType): Local {
    return this.fresh.local(name, type, true);
  }

  slot(): Slot {
    const slot = makeSlot();
    this.out.push(slot);
    return slot;
  }

  /** All lanes of a value. Of a value in a local they are computed once in each copy that wants them. */
  pack(l: Lanes): Expr {
    if (l.kind === 'packed') return l.value;
    if (l.home === undefined) return this.widen(l);
    const { copy: homeCopy, slot } = l.home;
    for (let copy: Copy | undefined = this.copy; copy; copy = copy === homeCopy ? undefined : copy.parent) {
      const made = copy.packs.get(l);
      if (made) return made;
    }
    const target = this.copy === homeCopy ? slot : this.copy.prologue;
    const before = this.out;
    this.out = target.items;
    const value = this.temp(this.widen(l));
    this.out = before;
    this.copy.packs.set(l, value);
    return value;
  }

  private widen(l: Exclude<Lanes, { kind: 'packed' }>): Expr {
    if (l.kind === 'uniform') return splat(l.value);
    return l.kind === 'strided' ? spread(l) : binary(l.op, this.pack(l.a), this.pack(l.b));
  }

  /** A value gets its name. */
  bind(local: Local, l: Lanes): void {
    const { name } = local;
    const home = (): Home => ({ copy: this.copy, slot: this.slot() });
    this.values[local.id] = l;
    switch (l.kind) {
      case 'uniform':
        if (isAtom(l.value)) return;
        this.values[local.id] = { ...l, value: this.temp(l.value, name), home: home() };
        return;
      case 'strided': {
        if (l.home !== undefined) return;
        const first = isAtom(l.first) ? l.first : this.temp(l.first, name);
        this.values[local.id] = { ...l, first, step: this.atom(l.step), home: home() };
        return;
      }
      case 'comparison':
        if (l.home === undefined) this.values[local.id] = { ...l, home: home() };
        return;
      case 'packed':
        if (!isAtom(l.value)) this.values[local.id] = packed(this.temp(l.value, name));
    }
  }

  value(local: Local): Lanes {
    if (!this.survey.use(local).value) return this.variableLanes(local);
    const l = this.values[local.id];
    if (l === undefined) throw new Error(`Local ${local.name} is used before it is set.`);
    return l;
  }

  private variableLanes(local: Local): Lanes {
    const owner = this.owner(local);
    let type = owner.classes.get(local.id);
    if (type === undefined) owner.classes.set(local.id, (type = PACKED));
    const value = read(this.variableOf(owner, local, type));
    if (type.kind === 'uniform') return uniform(value);
    if (type.kind === 'packed') return packed(value);
    return strided(value, constant(local.type, type.step), 1);
  }

  /** `masked`: some lanes that will look at the variable again must keep what they have. */
  assign(local: Local, l: Lanes, masked: boolean): void {
    const owner = this.owner(local);
    const before = owner.classes.get(local.id) ?? this.expected(local);
    const type = masked ? PACKED : join(before, classOf(l));
    if (before?.kind !== type.kind) {
      owner.classes.set(local.id, type);
      if (before !== undefined) {
        this.again = true;
        owner.variables.delete(local.id);
      }
    }
    const target = this.variableOf(owner, local, type);
    if (type.kind === 'packed') {
      const value = this.pack(l);
      this.out.push(set(target, masked ? this.keep(value, read(target)) : value));
    } else if (l.kind === 'uniform') this.out.push(set(target, l.value));
    else if (l.kind === 'strided') this.out.push(set(target, l.first));
  }

  /** A sum over what lanes have starts as a constant: that it will not stay equal for all can be told at once. */
  private expected(local: Local): Class | undefined {
    return !isInteger(local.type) && this.survey.use(local).fromLane ? PACKED : undefined;
  }

  /** `value` in the lanes that run, `old` in the others. */
  private keep(value: Expr, old: Expr): Expr {
    const mask = this.maskExpr();
    return mask ? select(mask, value, old) : value;
  }

  /** The lanes that run as vec4b; undefined: all. */
  maskExpr(): Expr | undefined {
    if (this.mask === 'all') return undefined;
    return exprOf(this.mask);
  }

  owner(local: Local): Copy {
    const { first, last } = this.survey.use(local);
    let copy = this.copy;
    while (copy.parent && (first < copy.start || last > copy.end)) copy = copy.parent;
    return copy;
  }

  private variableOf(owner: Copy, local: Local, type: Class): Local {
    let made = owner.variables.get(local.id);
    if (!made) {
      made = this.variable(local.name, type.kind === 'packed' ? packedType(local.type) : local.type);
      owner.variables.set(local.id, made);
    }
    return made;
  }

  recall(key: string): Lanes | undefined {
    for (let known: Known | undefined = this.known; known; known = known.around) {
      const l = known.of.get(key);
      if (l) return l;
    }
    return undefined;
  }
}

/** Costs nothing, and is the same for ever. */
export function isAtom(e: Expr): boolean {
  switch (e.kind) {
    case 'const':
    case 'param':
    case 'builtin':
    case 'length':
      return true;
    case 'local':
      return !e.local.mutable;
    default:
      return false;
  }
}

/** Names an atom. */
export function atomKey(e: Expr): string {
  switch (e.kind) {
    case 'const':
      return `${e.type}${e.value}`;
    case 'param':
      return `p${e.word}`;
    case 'builtin':
      return e.name;
    case 'length':
      return `n${e.binding}`;
    case 'local':
      return `v${e.local.id}`;
    default:
      throw new Error('Not an atom.');
  }
}
