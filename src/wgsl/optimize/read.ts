/**
 * Reads a function into a graph of values and a skeleton of items. Immutable locals vanish into the graph. A mutable local is followed: between two sets its
 * value is known, and where ways meet it gets a new value that only running can tell (a "version"). Constant conditions, loops that run once or a few times,
 * and blocks that nobody leaves early vanish on the way; other loops are turned round, so that they test at their end.
 */
import { bool, constant, extract, Fresh, isConst, mapOperands, not, u32 } from '../build.js';
import type { Expr, IrFunction, Local, Stmt } from '../ir.js';
import type { Address } from './address.js';
import { Facts } from './facts.js';
import { Graph, version } from './graph.js';
import { constantTrips, roundLoop } from './loops.js';
import { Memories } from './memories.js';
import { Region, type Change, type Item, type Place, type SetItem } from './region.js';
import { counterOf, type Counter } from './reduce.js';
import { simplify } from './simplify.js';
import { copy, Index, type Source, type State } from './state.js';
import { Survey, type LoopFacts } from './survey.js';

export interface Skeleton {
  readonly ir: IrFunction;
  readonly graph: Graph;
  readonly root: Region;
  readonly index: Index;
  readonly fresh: Fresh;
  /** By the version's id. */
  readonly versions: Map<number, Version>;
  /** By the version at the start of a loop. */
  readonly counters: ReadonlyMap<Expr, Counter>;
}

/** What a mutable local holds from where ways meet. */
export interface Version {
  readonly local: Local;
  /** Whence each way has its value. */
  readonly sources: Set<Source>;
}

type Write = Stmt & { kind: 'store' | 'scatter' };

export const read = (ir: IrFunction): Skeleton => new Reader(ir).function();

class Reader {
  private readonly survey: Survey;
  private readonly fresh: Fresh;
  private readonly root = new Region(undefined, 0, 0);
  private readonly body: Region;
  private readonly graph: Graph;
  private readonly memories: Memories;
  private readonly facts: Facts;
  private readonly index = new Index();
  private readonly versions = new Map<number, Version>();
  private readonly counters = new Map<Expr, Counter>();
  /** Of immutable locals, by id. */
  private readonly values = new Map<number, Expr>();
  /** States from which branches to a label come. */
  private readonly arrivals = new Map<number, State[]>();
  /** New labels, by the text's: unrolled loops have a label several times. */
  private readonly labels = new Map<number, number>();
  private region: Region;
  /** Undefined: this point is never reached. */
  private state: State | undefined;
  /** Whoever is here has passed there, and whoever is there comes here. */
  private since: Place;

  constructor(private readonly ir: IrFunction) {
    this.survey = new Survey(ir.body);
    this.fresh = Fresh.after(ir);
    const [x, y, z] = ir.workgroupSize;
    this.body = new Region(this.root, 0, x * y * z > ir.width ? 1 : 0);
    this.graph = new Graph(this.root, this.body, simplify);
    this.facts = new Facts(this.graph);
    this.region = this.body;
    this.since = { region: this.root, index: 0 };
    this.memories = new Memories(this.graph, this.survey.written, this.since, this.here());
  }

  function(): Skeleton {
    const { ir, graph, root, index, fresh, versions, counters } = this;
    this.root.items.push({ kind: 'block', label: -1, body: this.body, changes: [] });
    for (const local of this.survey.mutable) this.index.add(local);
    this.state = { values: [], sources: [], contents: this.memories.first() };
    this.join(this.index.locals.keys(), this.state, this.region, []);
    this.list(ir.body);
    return { ir, graph, root, index, fresh, versions, counters };
  }

  private list(body: readonly Stmt[]): void {
    for (const s of body) {
      if (this.state === undefined) return;
      this.statement(s, this.state);
      if (this.survey.leaving.has(s)) this.mayHaveLeft();
    }
  }

  private statement(s: Stmt, state: State): void {
    this.graph.here = this.here();
    switch (s.kind) {
      case 'set':
        this.set(s, state);
        return;
      case 'store':
        this.store(s, this.value(s.value, state), undefined, state);
        return;
      case 'scatter':
        this.scatter(s, state);
        return;
      case 'if':
        this.if(s, state);
        return;
      case 'block':
        this.block(s, state);
        return;
      case 'loop':
        this.loop(s, state);
        return;
      case 'branch':
        this.branch(s.label, state);
        return;
      case 'barrier':
        this.memories.barrier(state, this.region);
        this.region.items.push({ kind: 'barrier', line: s.line, storage: s.storage });
        return;
    }
  }

  private set({ local, value, line }: Stmt & { kind: 'set' }, state: State): void {
    const e = this.value(value, state);
    const node = this.graph.node(e);
    node.name ??= local.name;
    const at = this.index.local(local);
    if (at === undefined) {
      this.values.set(local.id, e);
      return;
    }
    if (state.values[at] === e) return;
    const { region } = this;
    const item: SetItem = { kind: 'set', local: this.index.locals[at], value: e, line, region, then: [] };
    region.items.push(item);
    state.values[at] = e;
    state.sources[at] = [item];
  }

  private store(s: Write, value: Expr, mask: Expr | undefined, state: State): void {
    const at = this.memories.address(s.memory, this.value(s.index, state), s.bytes === true);
    this.write(s, at, value, mask, state);
  }

  private scatter(s: Stmt & { kind: 'scatter' }, state: State): void {
    const value = this.value(s.value, state);
    const mask = this.mask(s.mask, state);
    if (mask && isConst(mask)) return;
    const open = mask === undefined && !s.bytes && s.memory.kind !== 'private' && value.type !== 'vec4b';
    const lanes = open ? this.memories.addresses(s.memory, this.value(s.index, state)) : [];
    if (lanes.length === 1) this.write({ ...s, kind: 'store' }, lanes[0], value, undefined, state);
    else if (lanes.length === 0) this.store(s, value, mask, state);
    else {
      lanes.forEach((at, lane) => {
        this.write({ ...s, kind: 'store' }, at, this.graph.intern(extract(value, lane)), undefined, state);
      });
    }
  }

  private write(
    s: Pick<Write, 'kind' | 'memory' | 'line'>,
    at: Address,
    value: Expr,
    mask: Expr | undefined,
    state: State,
  ): void {
    const { kind, memory, line } = s;
    this.memories.write(state, memory, this.region, kind === 'store' ? { index: at.index, value } : undefined);
    this.region.items.push({ kind, memory, index: at.index, value, mask, line, bytes: at.bytes });
  }

  private if(s: Stmt & { kind: 'if' }, state: State): void {
    const condition = this.value(s.condition, state);
    if (isConst(condition)) {
      this.list(condition.value ? s.yes : s.no);
      return;
    }
    if (!endsInBranch(s.yes) && endsInBranch(s.no)) {
      this.if({ ...s, condition: not(s.condition), yes: s.no, no: s.yes }, state);
      return;
    }
    const yes = new Region(this.region, this.region.items.length, this.region.loops, true);
    const no = new Region(this.region, this.region.items.length, this.region.loops, true);
    const item: Item = { kind: 'if', condition, yes, no, changes: [] };
    const end = this.within(yes, copy(state), s.yes, { region: yes, index: 0 }, [condition, true]);
    if (end === undefined) {
      // What remains is the other arm: it need not be one.
      this.region.items.push(item);
      this.state = state;
      this.mayHaveLeft();
      this.facts.learn(condition, false);
      this.list(s.no);
      return;
    }
    const other = this.within(no, copy(state), s.no, { region: no, index: 0 }, [condition, false]);
    this.region.items.push(item);
    item.changes = this.meet(state, other === undefined ? [end] : [end, other]);
  }

  private block(s: Stmt & { kind: 'block' }, state: State): void {
    const last = s.body.at(-1);
    const falls = last?.kind === 'branch' && last.label === s.label;
    const body = falls ? s.body.slice(0, -1) : s.body;
    if ((this.survey.branches.get(s.label) ?? 0) === (falls ? 1 : 0)) {
      this.list(body);
      return;
    }
    const region = new Region(this.region, this.region.items.length, this.region.loops);
    const label = this.enter(s.label);
    const end = this.within(region, copy(state), body, this.since);
    const item: Item = { kind: 'block', label, body: region, changes: [] };
    this.region.items.push(item);
    const arrivals = this.arrivals.get(label) ?? [];
    item.changes = this.meet(state, end === undefined ? arrivals : [...arrivals, end]);
  }

  private loop(s: Stmt & { kind: 'loop' }, state: State): void {
    const facts = this.survey.loops.get(s);
    if (facts === undefined) throw new Error('a loop that was not surveyed');
    if (!this.survey.branches.has(s.label)) {
      this.list(s.body);
      return;
    }
    const round = roundLoop(s, this.survey);
    if (round === undefined) {
      this.loopBody(s.label, s.body, facts, state);
      return;
    }
    const trips = constantTrips(round, facts, (local) => this.known(local, state));
    if (trips !== undefined) {
      for (let trip = 0; trip < trips; trip++) this.list(round.body);
      this.list(round.exit);
      return;
    }
    const items = this.region.items.length;
    this.list([{ kind: 'if', condition: round.leave, yes: round.exit, no: [] }]);
    if (this.state === undefined) return;
    if (this.region.items.length > items) this.mayHaveLeft();
    const again: Stmt = { kind: 'if', condition: not(round.leave), yes: [round.again], no: [] };
    this.loopBody(s.label, [...round.body, again], facts, this.state);
    this.list(round.exit);
  }

  private loopBody(label: number, body: readonly Stmt[], facts: LoopFacts, state: State): void {
    const region = new Region(this.region, this.region.items.length, this.region.loops + 1);
    const inside = copy(state);
    this.memories.loop(inside, facts, { region, index: 0 });
    const sets = [...facts.sets.keys()].flatMap((local) => this.index.local(local) ?? []);
    this.join(sets, inside, region, [state]);
    const versions = sets.map((at) => inside.values[at]);
    for (const [local, step] of facts.sets) {
      const at = this.index.local(local);
      if (at !== undefined && step !== undefined) this.memories.counter(state.values[at], step, inside.values[at]);
    }
    const item: Item = { kind: 'loop', label: this.enter(label), body: region, changes: [], first: [] };
    const end = this.within(region, inside, body, this.since);
    this.region.items.push(item);
    const again = this.arrivals.get(item.label) ?? [];
    sets.forEach((at, i) => {
      this.addSources(versions[i], at, again);
      const counter = counterOf(this.graph, versions[i], at, again, region);
      if (counter) this.counters.set(versions[i], { ...counter, first: state.values[at], loop: item });
    });
    item.changes = this.meet(state, end === undefined ? [] : [end]);
  }

  private branch(label: number, state: State): void {
    const target = this.labels.get(label);
    const arrivals = target === undefined ? undefined : this.arrivals.get(target);
    if (target === undefined || arrivals === undefined)
      throw new Error(`a branch to label ${label}, which is not around it`);
    arrivals.push(state);
    this.region.items.push({ kind: 'branch', label: target });
    this.state = undefined;
  }

  private enter(label: number): number {
    const target = this.fresh.label();
    this.labels.set(label, target);
    this.arrivals.set(target, []);
    return target;
  }

  /** Reads into a region of its own. What it gives is the state at its end, if that is reached. */
  private within(
    region: Region,
    state: State,
    body: readonly Stmt[],
    since: Place,
    fact?: readonly [condition: Expr, holds: boolean],
  ): State | undefined {
    const { region: outer, since: before } = this;
    const mark = this.memories.mark();
    const facts = this.facts.mark();
    if (fact) this.facts.learn(...fact);
    this.region = region;
    this.since = since;
    this.state = state;
    this.list(body);
    this.memories.forget(mark);
    this.facts.forget(facts);
    this.region = outer;
    this.since = before;
    const end = this.state;
    this.state = undefined;
    return end;
  }

  /** Goes on after an item from where ways from inside of it meet. Returns what differs from before it. */
  private meet(before: State, states: readonly State[]): readonly Change[] {
    if (states.length === 0) {
      this.state = undefined;
      return [];
    }
    const [first, ...others] = states;
    const state = copy(first);
    this.state = state;
    const changes: Change[] = [];
    const joined: number[] = [];
    for (let i = 0; i < state.values.length; i++) {
      const value = state.values[i];
      const agreed = others.every((o) => o.values[i] === value);
      // A value from inside of what has ended is known to the local only.
      if (!agreed || this.graph.node(value).early.region.depth > this.region.depth) joined.push(i);
      else {
        if (value !== before.values[i]) changes.push([this.index.locals[i], value]);
        if (others.some((o) => o.sources[i] !== state.sources[i]))
          state.sources[i] = [...new Set(states.flatMap((o) => o.sources[i]))];
      }
    }
    this.join(joined, state, this.region, states);
    this.memories.meet(state, others, this.region);
    return changes;
  }

  /** From here on these locals have new versions, which come from `states`. */
  private join(which: Iterable<number>, state: State, region: Region, states: readonly State[]): void {
    const changes: Change[] = [];
    const place: Place = { region, index: region.items.length + 1 };
    for (const at of which) {
      const local = this.index.locals[at];
      const e = version(local, this.fresh.local(local.name, local.type).id);
      this.graph.add(e, place);
      this.versions.set(e.local.id, { local, sources: new Set() });
      this.addSources(e, at, states);
      state.values[at] = e;
      state.sources[at] = [e];
      changes.push([local, e]);
    }
    if (changes.length > 0) region.items.push({ kind: 'join', changes });
  }

  private addSources(e: Expr, at: number, states: readonly State[]): void {
    const sources = e.kind === 'local' ? this.versions.get(e.local.id)?.sources : undefined;
    if (sources) for (const state of states) for (const source of state.sources[at]) sources.add(source);
  }

  /** The value of an expression of the text. */
  private value(e: Expr, state: State): Expr {
    switch (e.kind) {
      case 'local':
        return this.known(e.local, state);
      case 'load':
      case 'gather': {
        const index = this.value(e.index, state);
        const mask = e.kind === 'gather' ? this.mask(e.mask, state) : undefined;
        if (mask && isConst(mask)) return this.graph.intern(constant(e.type, 0));
        return this.memories.load(state, e, index, mask, { place: this.here(), since: this.since });
      }
      case 'builtin':
        return this.graph.intern(this.builtin(e));
      case 'subgroup': {
        const node = this.graph.add(
          mapOperands(e, (operand) => this.value(operand, state)),
          this.here(),
        );
        node.pinned = true;
        return node.expr;
      }
      default: {
        const value = this.graph.intern(mapOperands(e, (operand) => this.value(operand, state)));
        const holds = value.type === 'bool' ? this.facts.of(value) : undefined;
        return holds === undefined ? value : this.graph.intern(bool(holds));
      }
    }
  }

  /** Undefined: all lanes. A constant: none. */
  private mask(e: Expr | undefined, state: State): Expr | undefined {
    const mask = e && this.value(e, state);
    return mask && isConst(mask) && mask.value ? undefined : mask;
  }

  private known(local: Local, state: State): Expr {
    const at = this.index.local(local);
    const value = at === undefined ? this.values.get(local.id) : state.values[at];
    if (value === undefined) throw new Error(`local ${local.name} is read before it is set`);
    return value;
  }

  /** Those that are always 0, and `lindex` where it is `lid.x`. */
  private builtin(e: Expr & { kind: 'builtin' }): Expr {
    const [x, y, z] = this.ir.workgroupSize;
    const zero = u32(0);
    switch (e.name) {
      case 'lid.x':
        return x === this.ir.width ? zero : e;
      case 'lid.y':
        return y === 1 ? zero : e;
      case 'lid.z':
        return z === 1 ? zero : e;
      case 'lindex':
        return y === 1 && z === 1 ? this.builtin({ ...e, name: 'lid.x' }) : e;
      default:
        return e;
    }
  }

  /** It is not certain that who came to the last item comes to the next. */
  private mayHaveLeft(): void {
    this.since = this.here();
    this.region.certain = Math.min(this.region.certain, this.since.index);
  }

  /** Before the next item. */
  private here(): Place {
    return { region: this.region, index: this.region.items.length };
  }
}

function endsInBranch(body: readonly Stmt[]): boolean {
  const last = body.at(-1);
  return last?.kind === 'branch' || (last?.kind === 'if' && endsInBranch(last.yes) && endsInBranch(last.no));
}
