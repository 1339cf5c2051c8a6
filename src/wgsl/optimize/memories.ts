/** Loads: which of them give the same, and from where on they may run. */
import { compose, isPacked, scalarType } from '../build.js';
import type { Expr, Memory, ValueType } from '../ir.js';
import { addressOf, type Address } from './address.js';
import { MANY, TYPE, type Graph } from './graph.js';
import { Sums, trailingZeros, type Sum } from './linear.js';
import { after, type Place, type Region } from './region.js';
import type { Content, State } from './state.js';
import { memoryKey, type LoopFacts } from './survey.js';

type LoadExpr = Expr & { kind: 'load' | 'gather' };

/** Where a load stands. */
export interface Here {
  readonly place: Place;
  /** From there on it is certain that it runs. */
  readonly since: Place;
}

export class Memories {
  private readonly sums: Sums;
  /** Loads in force, by what they read; and in which order they came to be. */
  private readonly loads = new Map<number, Expr>();
  private readonly order: number[] = [];
  /** Positions in `State.contents`. */
  private readonly positions = new Map<string, number>();
  private readonly memories: readonly Memory[];
  private readonly unwritten = new Map<string, Content>();
  private contents = 0;

  constructor(
    private readonly graph: Graph,
    written: ReadonlyMap<string, Memory>,
    /** Where a workgroup begins, and where an invocation does: what others have written must not be read before that. */
    private readonly start: Place,
    private readonly body: Place,
  ) {
    // To part what a workgroup has in common from the rest costs more than it saves: a value is mostly needed as a whole, too.
    this.sums = new Sums(graph, body.region.loops);
    this.memories = [...written.values()];
    [...written.keys()].forEach((key, i) => this.positions.set(key, i));
  }

  first(): Content[] {
    return this.memories.map(() => this.content(this.body));
  }

  address(memory: Memory, index: Expr, bytes: boolean): Address {
    return bytes
      ? { index, bytes }
      : addressOf(this.graph, this.sums, memory, this.sums.of(index), isPacked(index.type));
  }

  /** Of the memory that `e` reads, at `index`. */
  load(state: State, e: LoadExpr, index: Expr, mask: Expr | undefined, here: Here): Expr {
    if (e.kind === 'gather' && !mask && !e.bytes && e.memory.kind !== 'private' && e.type !== 'vec4b') {
      return this.lanes(state, e, this.sums.of(index), here);
    }
    return this.read(state, e, this.address(e.memory, index, e.bytes === true), mask, here);
  }

  /** Four loads, so that the addresses of their lanes go their own ways; or one, where the lanes lie side by side. */
  private lanes(state: State, e: LoadExpr, sum: Sum, here: Here): Expr {
    const { memory, line } = e;
    const sums = LANES.map((lane) => this.sums.lane(sum, lane));
    const one = (type: ValueType, words: Sum): Expr =>
      this.read(
        state,
        { kind: 'load', type, memory, index: e.index, line },
        this.scalar(memory, words),
        undefined,
        here,
      );
    if (sums.every((words, lane) => this.distance(words, sums[0]) === lane)) return one(e.type, sums[0]);
    const [x, y, z, w] = sums.map((words) => one(scalarType(e.type), words));
    return this.graph.intern(compose([x, y, z, w]));
  }

  /** Of a scatter of all lanes: one address if the lanes lie side by side; four if they lie in known distances; else none. */
  addresses(memory: Memory, index: Expr): readonly Address[] {
    const sum = this.sums.of(index);
    const sums = LANES.map((lane) => this.sums.lane(sum, lane));
    const distances = sums.map((words) => this.distance(words, sums[0]));
    if (distances.every((distance, lane) => distance === lane)) return [this.scalar(memory, sums[0])];
    return distances.includes(undefined) ? [] : sums.map((words) => this.scalar(memory, words));
  }

  private scalar(memory: Memory, words: Sum): Address {
    return addressOf(this.graph, this.sums, memory, words, false);
  }

  /** a − b in words, if that is known. */
  private distance(a: Sum, b: Sum): number | undefined {
    const { terms, plus } = this.sums.minus(a, b);
    return terms.length === 0 ? plus : undefined;
  }

  private read(state: State, e: LoadExpr, { index, bytes }: Address, mask: Expr | undefined, here: Here): Expr {
    const position = this.positions.get(memoryKey(e.memory));
    const content = position === undefined ? this.always(e.memory) : state.contents[position];
    const key = this.key(e.kind, e.type, content, index, mask);
    const known = this.loads.get(key);
    if (known !== undefined) return known;
    const { kind, type, memory, line } = e;
    const read = { memory, index, line, ...(bytes ? { bytes: true as const } : {}) };
    const made: Expr = kind === 'load' ? { kind, ...read, type } : { kind, ...read, type: e.type, mask };
    const operands = this.graph.early(made);
    let early = after(operands, here.since) ? operands : here.since;
    if (after(content.since, early)) early = content.since;
    const node = this.graph.add(made, position === undefined ? early : outOfLoops(here.place, early));
    node.pinned = position !== undefined;
    this.note(key, made);
    return made;
  }

  /** `kept`: what is there afterwards, if it is one value. */
  write(state: State, memory: Memory, region: Region, kept: { index: Expr; value: Expr } | undefined): void {
    const position = this.positions.get(memoryKey(memory));
    if (position === undefined) throw new Error(`a store to ${memory.name} that was not surveyed`);
    const content = this.content(afterNext(region));
    state.contents[position] = content;
    if (kept) this.note(this.key('load', kept.value.type, content, kept.index, undefined), kept.value);
  }

  /** Others may have written what is not an invocation's own. */
  barrier(state: State, region: Region): void {
    this.memories.forEach((memory, i) => {
      if (memory.kind !== 'private') state.contents[i] = this.content(afterNext(region));
    });
  }

  /** At the start of a loop nothing is known of what it writes. */
  loop(state: State, { writes, barrier }: LoopFacts, since: Place): void {
    this.memories.forEach((memory, i) => {
      if (writes.has(memoryKey(memory)) || (barrier && memory.kind !== 'private'))
        state.contents[i] = this.content(since);
    });
  }

  meet(state: State, others: readonly State[], region: Region): void {
    const place = { region, index: region.items.length };
    for (let i = 0; i < state.contents.length; i++) {
      const content = state.contents[i];
      const agreed = others.every((o) => o.contents[i].id === content.id);
      if (!agreed || content.since.region.depth > region.depth) state.contents[i] = this.content(place);
    }
  }

  /** A value that begins as `first` and grows by `step`. */
  counter(first: Expr, step: number, value: Expr): void {
    if (first.type !== 'u32' && first.type !== 'i32') return;
    this.graph.node(value).zeros = Math.min(this.sums.zeros(first), trailingZeros(step));
  }

  mark(): number {
    return this.order.length;
  }

  /** Loads since the mark are not certain to have run. */
  forget(mark: number): void {
    for (const key of this.order.splice(mark)) this.loads.delete(key);
  }

  private note(key: number, e: Expr): void {
    this.loads.set(key, e);
    this.order.push(key);
  }

  private key(
    kind: 'load' | 'gather',
    type: Expr['type'],
    content: Content,
    index: Expr,
    mask: Expr | undefined,
  ): number {
    const id = (e: Expr): number => this.graph.node(e).id;
    const code = (kind === 'load' ? 0 : 8) + (TYPE.get(type) ?? 0);
    return (code * MANY + this.graph.pair(content.id, id(index))) * MANY + (mask === undefined ? 0 : id(mask) + 1);
  }

  private content(since: Place): Content {
    return { id: this.contents++, since };
  }

  private always(memory: Memory): Content {
    const key = memoryKey(memory);
    let content = this.unwritten.get(key);
    if (content === undefined) this.unwritten.set(key, (content = this.content(this.start)));
    return content;
  }
}

const LANES = [0, 1, 2, 3] as const;

const afterNext = (region: Region): Place => ({ region, index: region.items.length + 1 });

/** Of the places from `early` to `here` the last of those with the fewest loops around. */
function outOfLoops(here: Place, early: Place): Place {
  let place = here;
  let best = here;
  while (place.region !== early.region && place.region.parent !== undefined) {
    place = { region: place.region.parent, index: place.region.at };
    if (place.region.loops < best.region.loops) best = place;
  }
  return best;
}
