/**
 * Values as a graph: equal expressions are one node. Made by the constructors of build.ts, so that every value is simplified as it comes in.
 * An operand always has a smaller number than what is made of it. A node has no place among the items yet, only an earliest one: the latest
 * of its operands' places.
 */
import { constant, forEachOperand, isInteger, mapOperands } from '../build.js';
import type { Expr, Local, ValueType } from '../ir.js';
import { after, type Place, type Region } from './region.js';

export class Node {
  /** It may stand nowhere else than at its earliest place: a load of memory that is written somewhere. */
  pinned = false;
  /** Of the WGSL variable that it was the value of. */
  name: string | undefined;
  /** How many low bits of it are always 0; undefined: not asked yet. */
  zeros: number | undefined;

  /** Stands for it everywhere (reduce.ts). */
  instead: Expr | undefined;

  // What place.ts finds out.
  live = false;
  /** How many values and items use it. */
  uses = 0;
  /** Places where it is needed. */
  readonly users: Place[] = [];
  /** Somewhere it is written as part of the one expression that uses it. */
  inline = false;
  /** What stands for it where it has been written. */
  written: Expr | undefined;

  constructor(
    readonly id: number,
    readonly expr: Expr,
    readonly early: Place,
    /** Where the text has it first. */
    readonly born: Place,
  ) {}
}

const KINDS = [
  'unary',
  'binary',
  'select',
  'convert',
  'bitcast',
  'splat',
  'compose',
  'extract',
  'extractAt',
  'insert',
  'insertAt',
  'shuffle',
] as const;
const KIND = new Map<string, number>(KINDS.map((kind, i) => [kind, i]));
const OPS = [
  ...['neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'nearest', 'not', 'countOneBits', 'countLeadingZeros'],
  ...['countTrailingZeros', 'any', 'all', 'add', 'sub', 'mul', 'div', 'rem', 'min', 'max', 'and', 'or', 'xor'],
  ...['shl', 'shr', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'],
];
const OP = new Map<string, number>(OPS.map((op, i) => [op, i]));
const TYPES: readonly ValueType[] = ['f32', 'i32', 'u32', 'bool', 'vec4f', 'vec4i', 'vec4u', 'vec4b'];
const NO_OP = 63;
export const TYPE = new Map<ValueType, number>(TYPES.map((type, i) => [type, i]));
/** Nodes are fewer than this. */
export const MANY = 2 ** 20;

export class Graph {
  readonly nodes: Node[] = [];
  /** Where new values are born. */
  here: Place;
  private readonly known = new Map<Expr, Node>();
  /** By operation and operands. */
  private readonly table = new Map<number, Expr>();
  private readonly pairs = new Map<number, number>();
  private readonly constants = new Map<string, Map<number, Expr>>();
  private readonly leaves = new Map<string, Expr>();
  private readonly start: Place;

  constructor(
    /** Where what is equal for a workgroup is known. */
    private readonly root: Region,
    /** Where an invocation begins. */
    private readonly body: Region,
    /** Further simplifications: the same expression, or a better one. */
    private readonly simplify: (e: Expr, graph: Graph) => Expr,
  ) {
    this.start = { region: root, index: 0 };
    this.here = this.start;
  }

  node(e: Expr): Node {
    const node = this.known.get(e);
    if (node === undefined) throw new Error(`a ${e.kind} that is not in the graph`);
    return node;
  }

  /** What stands for a value. */
  resolve(e: Expr): Expr {
    return this.node(e).instead ?? e;
  }

  /** The one expression that stands for all that are equal to `e`. Its operands may, but need not be in the graph. */
  intern(e: Expr): Expr {
    if (this.known.has(e)) return e;
    switch (e.kind) {
      case 'const':
        return this.const(e);
      case 'builtin':
        return this.leaf(e.name, e, e.name.startsWith('l') ? this.body : this.root);
      case 'param':
        return this.leaf(`${e.type} ${e.word}`, e, this.root);
      case 'length':
        return this.leaf(`length ${e.binding}`, e, this.root);
      case 'base':
        return this.leaf(
          `base ${e.memory.kind} ${e.memory.kind === 'binding' ? e.memory.index : e.memory.id}`,
          e,
          this.root,
        );
      case 'local':
      case 'load':
      case 'gather':
      case 'subgroup':
        throw new Error(`a ${e.kind} has a place, and comes in by it`);
      default:
        return this.operation(e);
    }
  }

  /** A value that is equal to no other one and known from `early` on. */
  add(e: Expr, early: Place): Node {
    const node = new Node(this.nodes.length, e, early, this.here);
    if (node.id >= MANY) throw new Error('too many values in one function');
    this.nodes.push(node);
    this.known.set(e, node);
    return node;
  }

  /** A number for two numbers. */
  pair(a: number, b: number): number {
    const key = a * MANY + b;
    if (Number.isNaN(key)) return key;
    const known = this.pairs.get(key);
    if (known !== undefined) return known;
    const made = this.pairs.size;
    this.pairs.set(key, made);
    return made;
  }

  /** The latest of the earliest places of operands. */
  early(e: Expr): Place {
    if (e.kind === 'binary') {
      const a = this.node(e.a).early;
      const b = this.node(e.b).early;
      return after(b, a) ? b : a;
    }
    let early = this.start;
    forEachOperand(e, (operand) => {
      const place = this.node(operand).early;
      if (after(place, early)) early = place;
    });
    return early;
  }

  private operation(e: Expr): Expr {
    let key = this.key(e);
    if (Number.isNaN(key)) {
      const mapped = mapOperands(e, (operand) => this.intern(operand));
      if (mapped !== e) return this.intern(mapped);
      key = this.key(e);
    }
    const known = this.table.get(key);
    if (known !== undefined) return known;
    const better = this.simplify(e, this);
    if (better === e) this.add(e, this.early(e));
    const result = better === e ? e : this.intern(better);
    this.table.set(key, result);
    return result;
  }

  /** NaN if an operand is not in the graph. */
  private key(e: Expr): number {
    switch (e.kind) {
      case 'unary':
        return this.join(e, OP.get(e.op), this.id(e.a), 0);
      case 'binary': {
        const a = this.id(e.a);
        const b = this.id(e.b);
        return a > b && commutes(e) ? this.join(e, OP.get(e.op), b, a) : this.join(e, OP.get(e.op), a, b);
      }
      case 'select':
        return this.join(e, NO_OP, this.id(e.condition), this.pair(this.id(e.yes), this.id(e.no)));
      case 'extract':
        return this.join(e, NO_OP, this.id(e.a), e.lane);
      case 'extractAt':
        return this.join(e, NO_OP, this.id(e.a), this.id(e.lane));
      case 'insert':
        return this.join(e, NO_OP, this.pair(this.id(e.a), this.id(e.value)), e.lane);
      case 'insertAt':
        return this.join(e, NO_OP, this.pair(this.id(e.a), this.id(e.value)), this.id(e.lane));
      case 'shuffle': {
        const [x, y, z, w] = e.lanes;
        return this.join(e, NO_OP, this.pair(this.id(e.a), this.id(e.b)), ((x * 8 + y) * 8 + z) * 8 + w);
      }
      case 'compose': {
        const [x, y, z, w] = e.parts;
        return this.join(e, NO_OP, this.pair(this.id(x), this.id(y)), this.pair(this.id(z), this.id(w)));
      }
      case 'convert':
      case 'bitcast':
      case 'splat':
        return this.join(e, NO_OP, this.id(e.a), TYPE.get(e.a.type) ?? 0);
      default:
        throw new Error(`a ${e.kind} is no operation`);
    }
  }

  private join(e: Expr, op: number | undefined, a: number, b: number): number {
    const code = ((KIND.get(e.kind) ?? 0) * 64 + (op ?? NO_OP)) * 8 + (TYPE.get(e.type) ?? 0);
    return (code * MANY + a) * MANY + b;
  }

  /** NaN if it is not in the graph. */
  private id(e: Expr): number {
    return this.known.get(e)?.id ?? NaN;
  }

  private const(e: Expr & { kind: 'const' }): Expr {
    let numbers = this.constants.get(e.type);
    if (numbers === undefined) this.constants.set(e.type, (numbers = new Map<number, Expr>()));
    // −0 is not 0, but a Map has them as one key.
    const key = Object.is(e.value, -0) ? -Number.MIN_VALUE : e.value;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const made = constant(e.type, e.value);
    numbers.set(key, made);
    this.add(made, this.start);
    return made;
  }

  private leaf(key: string, e: Expr, region: Region): Expr {
    const known = this.leaves.get(key);
    if (known !== undefined) return known;
    this.leaves.set(key, e);
    this.add(e, { region, index: 0 });
    return e;
  }
}

/** Bit for bit: min and max of f32 may tell −0 and 0 apart by their order. */
function commutes(e: Expr & { kind: 'binary' }): boolean {
  switch (e.op) {
    case 'add':
    case 'mul':
    case 'and':
    case 'or':
    case 'xor':
    case 'eq':
    case 'ne':
      return true;
    case 'min':
    case 'max':
      return isInteger(e.type);
    default:
      return false;
  }
}

/** Costs nothing where it is used: it is not worth a local. */
export const isFree = (e: Expr): boolean =>
  e.kind === 'const' ||
  e.kind === 'local' ||
  e.kind === 'builtin' ||
  e.kind === 'param' ||
  e.kind === 'base' ||
  e.kind === 'length' ||
  (e.kind === 'splat' && (e.a.kind === 'param' || e.a.kind === 'base'));

/** A value that a mutable local has where ways meet. */
export const version = (local: Local, id: number): Expr & { kind: 'local' } => {
  const { name, type } = local;
  return { kind: 'local', type, local: { id, name, type, mutable: false } };
};
