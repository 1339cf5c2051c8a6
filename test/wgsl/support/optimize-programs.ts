/** Random functions of the middle form in every type and either width. They always end, stay within their memories and set a local before it is read. */
import * as b from '../../../src/wgsl/build.js';
import type { BinaryOp, Expr, IrFunction, Local, Memory, Stmt, UnaryOp, ValueType } from '../../../src/wgsl/ir.js';

/** Words of each memory that are addressed; a power of two. */
export const WORDS = 64;
export const PARAMS = 6;
const BINDINGS = ['a', 'b', 'c', 'd'] as const;
const memory = (index: number): Memory => ({ kind: 'binding', index, name: BINDINGS[index] });
/** Only read. */
const INPUTS: readonly Memory[] = [memory(0), memory(1)];
const OWN: Memory = { kind: 'private', id: 0, name: 'own', words: WORDS + 8 };
const OUTPUTS: readonly Memory[] = [memory(2), memory(3), OWN];
/** A short array of an invocation: floats, and mostly known indices. */
const FEW: Memory = { kind: 'private', id: 1, name: 'few', words: 4 };

const SCALARS = ['f32', 'i32', 'u32', 'bool'] as const;
const PACKED = ['vec4f', 'vec4i', 'vec4u', 'vec4b'] as const;
const FLOAT_TWO: readonly BinaryOp[] = ['add', 'sub', 'mul', 'div', 'min', 'max'];
const INT_TWO: readonly BinaryOp[] = [
  'add',
  'sub',
  'mul',
  'div',
  'rem',
  'min',
  'max',
  'and',
  'or',
  'xor',
  'add',
  'mul',
];
const COMPARISONS: readonly BinaryOp[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];
const FLOAT_ONE: readonly UnaryOp[] = ['neg', 'abs', 'floor', 'trunc'];
const INT_ONE: readonly UnaryOp[] = ['not', 'countOneBits', 'countLeadingZeros'];
const NUMBERS = [0, 1, 2, 3, 4, 7, 8, 16, 255, 0x10000, 0xfffffffc, 0xffffffff];

export interface Shape {
  readonly width: 1 | 4;
  readonly workgroupSize: readonly [number, number, number];
  /** Statements, about. */
  readonly size: number;
}

export const program = (seed: number, shape: Shape): IrFunction => new Maker(seed, shape).function();

class Maker {
  private readonly fresh = new b.Fresh();
  private values: Local[] = [];
  private variables: Local[] = [];
  private exits: number[] = [];
  private left: number;
  private loops = 0;
  private state: number;

  constructor(
    seed: number,
    private readonly shape: Shape,
  ) {
    this.state = Math.imul(seed, 0x9e3779b1) + 1;
    this.left = shape.size;
  }

  function(): IrFunction {
    const end = this.fresh.label();
    this.exits.push(end);
    const body = [...this.begin(), ...this.list(3)];
    const { width, workgroupSize } = this.shape;
    const bindings = BINDINGS.map((name, index) => ({ name, index }));
    return { name: 'random', width, workgroupSize, bindings, paramWords: PARAMS, body: [b.block(end, body)] };
  }

  /** Sets all private memory: nothing else does. */
  private begin(): readonly Stmt[] {
    const [i, again] = [this.fresh.local('i', 'u32', true), this.fresh.label()];
    const zero = b.constant(this.shape.width === 4 ? 'vec4u' : 'u32', 0);
    return [
      b.set(i, b.u32(0)),
      b.loop(again, [
        b.store(OWN, b.read(i), zero, 1),
        b.set(i, b.add(b.read(i), b.u32(1))),
        ...b.when(b.lt(b.read(i), b.u32(WORDS + 8)), [b.branch(again)]),
      ]),
      ...[0, 1, 2, 3].map((index) => b.store(FEW, b.u32(index), b.constant(this.few(), index / 4), 1)),
    ];
  }

  private few(): 'f32' | 'vec4f' {
    return this.shape.width === 4 ? 'vec4f' : 'f32';
  }

  private fewIndex(): Expr {
    const known = this.known('u32');
    const counted = known.length > 0 && this.below(4) === 0;
    return counted ? b.and(b.read(this.pick(known)), b.u32(3)) : b.u32(this.below(4));
  }

  private list(depth: number, ...exits: number[]): Stmt[] {
    const before = [this.values, this.variables, this.exits] as const;
    [this.values, this.variables, this.exits] = [[...this.values], [...this.variables], [...this.exits, ...exits]];
    const body: Stmt[] = [];
    for (let count = 2 + this.below(6); count > 0 && this.left > 0; count--) {
      this.left--;
      body.push(...this.statement(depth));
    }
    [this.values, this.variables, this.exits] = before;
    return body;
  }

  private statement(depth: number): readonly Stmt[] {
    const kind = this.below(depth > 0 ? 17 : 11);
    if (kind < 4) {
      const mutable = kind === 3;
      const type = this.pick(this.below(3) === 0 ? PACKED : SCALARS);
      const value = this.expr(type, 3);
      const local = this.fresh.local(mutable ? 'v' : 'x', type, mutable);
      (mutable ? this.variables : this.values).push(local);
      return [b.set(local, value)];
    }
    if (kind < 7 && this.variables.length > 0) {
      const local = this.pick(this.variables);
      return [b.set(local, this.expr(local.type, 3))];
    }
    if (kind < 11) return [this.store()];
    if (kind < 13) {
      const arm = (): Stmt[] => {
        const body = this.list(depth - 1);
        if (this.below(5) === 0) body.push(b.branch(this.pick(this.exits)));
        return body;
      };
      return b.when(this.expr('bool', 2), arm(), this.below(2) === 0 ? arm() : []);
    }
    if (kind < 14) {
      const label = this.fresh.label();
      return [b.block(label, this.list(depth - 1, label))];
    }
    return this.loops < 3 ? this.loop(depth) : [this.store()];
  }

  private store(): Stmt {
    if (this.below(5) === 0) return b.store(FEW, this.fewIndex(), this.expr(this.few(), 3), 1);
    const to = this.pick(OUTPUTS);
    const packed = to.kind === 'private' ? this.shape.width === 4 : this.below(3) === 0;
    const value = this.expr(this.pick(packed ? PACKED.slice(0, 3) : SCALARS.slice(0, 3)), 3);
    if (!packed || this.below(3) > 0) return b.store(to, this.index('u32', packed), value, 1);
    const mask = this.below(2) === 0 ? undefined : this.expr('vec4b', 2);
    return { kind: 'scatter', memory: to, index: this.index('vec4u', false), value, mask, line: 1 };
  }

  /** Counted by a local that nothing else sets: at most 12 turns. Tested at its start or at its end. */
  private loop(depth: number): readonly Stmt[] {
    this.loops++;
    const i = this.fresh.local('i', 'u32', true);
    const end = this.fresh.local('end', 'u32');
    const copy = this.fresh.local('ii', 'u32');
    const [out, again, next] = [this.fresh.label(), this.fresh.label(), this.fresh.label()];
    const bound = this.below(2) === 0 ? b.u32(this.below(12)) : b.and(this.expr('u32', 1), b.u32(7));
    const first = this.below(4) === 0 ? b.and(this.expr('u32', 1), b.u32(3)) : b.u32(this.pick([0, 0, 1, 4]));
    this.values.push(end, copy);
    const body = [b.set(copy, b.read(i)), b.block(next, this.list(depth - 1, out, next))];
    this.values.splice(this.values.indexOf(copy), 1);
    const advance = b.set(i, b.add(b.read(i), b.u32(this.pick([1, 1, 2, 4]))));
    const goes = b.lt(b.read(i), b.read(end));
    const turn =
      this.below(4) === 0
        ? [...body, advance, ...b.when(goes, [b.branch(again)])]
        : [...b.when(b.not(goes), [b.branch(out)]), ...body, advance, b.branch(again)];
    this.loops--;
    return [b.set(end, bound), b.set(i, first), b.block(out, [b.loop(again, turn)])];
  }

  /** As kernels have it, a sum of products, sometimes in fours; or anything. `four`: with room for a four. */
  private index(type: 'u32' | 'vec4u', four: boolean): Expr {
    const mask = (four ? WORDS >> 1 : WORDS) - 1;
    const sum = this.below(3) === 0 ? this.expr(type, 3) : this.linear(type);
    if (this.below(4) > 0) return b.and(sum, b.constant(type, mask));
    return b.mul(b.and(sum, b.constant(type, mask >> 2)), b.constant(type, 4));
  }

  private linear(type: 'u32' | 'vec4u'): Expr {
    const number = (): Expr => b.constant(type, this.pick(NUMBERS));
    let sum = number();
    for (let terms = 1 + this.below(3); terms > 0; terms--) {
      const factor = this.below(2) === 0 ? this.expr(type, 1) : number();
      let term = b.binary(this.pick(['mul', 'add', 'sub']), this.expr(type, 1), factor);
      if (this.below(3) === 0) term = b.mul(b.div(term, b.constant(type, 4)), b.constant(type, 4));
      sum = b.binary(this.pick(['add', 'add', 'sub']), sum, term);
    }
    return sum;
  }

  private expr(type: ValueType, depth: number): Expr {
    const known = this.known(type);
    if (known.length > 0 && this.below(depth > 0 ? 3 : 2) === 0) return b.read(this.pick(known));
    if (depth === 0) return this.leaf(type);
    const scalar = b.scalarType(type);
    const packed = b.isPacked(type);
    const go = (t: ValueType): Expr => this.expr(t, depth - 1);
    const like = (t: ValueType): ValueType => b.typeLike(type, b.scalarType(t));
    switch (this.below(packed ? 12 : 8)) {
      case 0:
        return this.leaf(type);
      case 1:
        return b.select(go(packed && this.below(2) === 0 ? 'vec4b' : 'bool'), go(type), go(type));
      case 2:
        if (scalar === 'bool') return b.binary(this.pick(['and', 'or', 'xor']), go(type), go(type));
        return b.unary(this.pick(scalar === 'f32' ? FLOAT_ONE : INT_ONE), go(type));
      case 3:
        return scalar === 'bool' ? b.not(go(type)) : b.convert(type, go(like(this.pick(SCALARS))));
      case 4:
        if (scalar === 'f32') return b.abs(b.neg(go(type)));
        if (scalar === 'bool') return go(type);
        if (this.below(2) === 0) return b.bitcast(type, go(like(scalar === 'u32' ? 'i32' : 'u32')));
        return b.binary(this.pick(['shl', 'shr']), go(type), b.constant(like('u32'), this.below(5)));
      case 8:
        return b.splat(go(scalar));
      case 9:
        return b.compose([go(scalar), go(scalar), go(scalar), go(scalar)]);
      case 10:
        if (this.below(2) === 0) return b.insert(go(type), this.below(4), go(scalar));
        return b.shuffle(go(type), go(type), [this.below(8), this.below(8), this.below(8), this.below(8)]);
      case 11: {
        if (scalar === 'bool') return go(type);
        const mask = this.below(2) === 0 ? undefined : go('vec4b');
        return b.gather(this.pick([...INPUTS, OUTPUTS[0]]), this.index('vec4u', false), b.packedType(scalar), mask, 1);
      }
      default: {
        if (scalar === 'bool') {
          const of = like(this.pick(SCALARS.slice(0, 3)));
          return b.binary(this.pick(COMPARISONS), go(of), go(of));
        }
        if (!packed && this.below(4) === 0) {
          const four = go(b.packedType(scalar));
          return this.below(2) === 0 ? b.extract(four, this.below(4)) : b.extractAt(four, go('u32'));
        }
        return b.binary(this.pick(scalar === 'f32' ? FLOAT_TWO : INT_TWO), go(type), go(type));
      }
    }
  }

  private leaf(type: ValueType): Expr {
    const scalar = b.scalarType(type);
    const packed = b.isPacked(type);
    if (scalar === 'bool') return b.constant(type, this.below(2));
    const kind = this.below(6);
    if (type === this.few() && this.below(5) === 0) return b.load(FEW, this.fewIndex(), type, 1);
    if (kind < 3) {
      const from = this.pick(this.below(2) === 0 ? INPUTS : OUTPUTS);
      // With width 4 private memory holds fours only.
      if (from.kind !== 'private' || packed === (this.shape.width === 4)) {
        const simple = this.known('u32');
        const at = simple.length > 0 && this.below(2) === 0 ? b.read(this.pick(simple)) : this.builtin();
        const mask = (packed ? WORDS >> 1 : WORDS) - 1;
        return b.load(from, b.and(b.add(at, b.u32(this.below(8))), b.u32(mask)), type, 1);
      }
    }
    if (kind === 3) {
      const value = b.param(scalar, this.below(PARAMS));
      return packed ? b.splat(value) : value;
    }
    if (kind === 4 && scalar === 'u32') return packed ? b.splat(this.builtin()) : this.builtin();
    return b.constant(type, scalar === 'f32' ? this.below(64) / 4 - 8 : this.pick(NUMBERS));
  }

  private known(type: ValueType): Local[] {
    return [...this.values, ...this.variables].filter((l) => l.type === type);
  }

  private builtin(): Expr {
    return b.builtin(this.pick(['lid.x', 'lid.y', 'wid.x', 'wid.y', 'nwg.x', 'lindex']));
  }

  private pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }

  private below(n: number): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    let x = this.state ^ (this.state >>> 16);
    x = Math.imul(x, 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) % n;
  }
}
