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

  // What place.ts finds out.
  live = false;
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
export const TYPE = new Map<ValueType, number>(TYPES.map((type, i) => [type, i]));
/** Nodes are fewer than this. */
export const MANY = 2 ** 20;

export class Graph {
  readonly nodes: Node[] = [];
  private readonly known = new Map<Expr, Node>();
  /** By operation and operands. */
  private readonly table = new Map<number, Expr>();
  private readonly pairs = new Map<number, number>();
  private readonly constants = new Map<string, Map<number, Expr>>();
  private readonly leaves = new Map<string, Expr>();

  constructor(
    /** Where what is equal for a workgroup is known. */
    private readonly root: Region,
    /** Where an invocation begins. */
    private readonly body: Region,
    /** Further simplifications: the same expression, or a better one. */
    private readonly simplify: (e: Expr, graph: Graph) => Expr,
  ) {}

  node(e: Expr): Node {
    const node = this.known.get(e);
    if (node === undefined) throw new Error(`a ${e.kind} that is not in the graph`);
    return node;
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
    const node = new Node(this.nodes.length, e, early);
    if (node.id >= MANY) throw new Error('too many values in one function');
    this.nodes.push(node);
    this.known.set(e, node);
    return node;
  }

  /** A number for two numbers. */
  pair(a: number, b: number): number {
    const key = a * MANY + b;
    const known = this.pairs.get(key);
    if (known !== undefined) return known;
    const made = this.pairs.size;
    this.pairs.set(key, made);
    return made;
  }

  /** The latest of the earliest places of operands. */
  early(e: Expr): Place {
    let early: Place = { region: this.root, index: 0 };
    forEachOperand(e, (operand) => {
      const place = this.node(operand).early;
      if (after(place, early)) early = place;
    });
    return early;
  }

  private operation(e: Expr): Expr {
    const mapped = mapOperands(e, (operand) => this.intern(operand));
    if (mapped !== e) return this.intern(mapped);
    const better = this.simplify(e, this);
    if (better !== e) return this.intern(better);
    const key = this.key(e);
    const known = this.table.get(key);
    if (known !== undefined) return known;
    this.add(e, this.early(e));
    this.table.set(key, e);
    return e;
  }

  private key(e: Expr): number {
    const id = (operand: Expr): number => this.node(operand).id;
    const code = (op: string): number =>
      ((KIND.get(e.kind) ?? 0) * 64 + (OP.get(op) ?? 63)) * 8 + (TYPE.get(e.type) ?? 0);
    const key = (op: string, a: number, b = 0): number => (code(op) * MANY + a) * MANY + b;
    switch (e.kind) {
      case 'unary':
        return key(e.op, id(e.a));
      case 'binary': {
        const [a, b] = [id(e.a), id(e.b)];
        return a > b && commutes(e) ? key(e.op, b, a) : key(e.op, a, b);
      }
      case 'select':
        return key('', id(e.condition), this.pair(id(e.yes), id(e.no)));
      case 'extract':
        return key('', id(e.a), e.lane);
      case 'extractAt':
        return key('', id(e.a), id(e.lane));
      case 'insert':
        return key('', this.pair(id(e.a), id(e.value)), e.lane);
      case 'insertAt':
        return key('', this.pair(id(e.a), id(e.value)), id(e.lane));
      case 'shuffle': {
        const [x, y, z, w] = e.lanes;
        return key('', this.pair(id(e.a), id(e.b)), ((x * 8 + y) * 8 + z) * 8 + w);
      }
      case 'compose': {
        const [x, y, z, w] = e.parts;
        return key('', this.pair(id(x), id(y)), this.pair(id(z), id(w)));
      }
      case 'convert':
      case 'bitcast':
      case 'splat':
        return key(e.a.type, id(e.a), TYPE.get(e.a.type));
      default:
        throw new Error(`a ${e.kind} is no operation`);
    }
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
    this.add(made, { region: this.root, index: 0 });
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
