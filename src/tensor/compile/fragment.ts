/**
 * Writes fused pieces of the graph as WGSL. A fragment is one or more functions over the element index, with the memory they load from and
 * the uniform words they read. Shapes become uniform words, so that one pipeline serves every shape of the same structure.
 */
import type { Binding, Param } from '../../kernels/launch.js';
import type { Fragment } from '../../kernels/tasks.js';
import { wgslMath } from '../../kernels/math.js';
import type { ViewIndex } from '../view-index.js';
import { sameShape, stridesOf } from '../shape.js';
import { isScalarRef, refKey, specOfRef, type PlanNode, type Ref } from './plan-graph.js';

/** Where the builder finds a value: in memory, or computed on the spot. */
export interface Resolver {
  /** The stored value that `ref` is (views that keep the order looked through), or undefined where it must be computed. */
  stored(ref: Ref): Ref | undefined;
}

export class FragmentBuilder {
  /** What the bindings and scalar words of all fragments built so far mean, by their index. */
  readonly loads: Ref[] = [];
  readonly scalars: PlanNode[] = [];
  private bindings: Binding[] = [];
  private params: Param[] = [];
  private functions: string[] = [];
  private math = new Set<string>();
  private declarations = new Set<string>();
  private lines: string[] = [];
  private names = new Map<string, string>();
  private values = new Map<string, string>();
  private substitutes = new Map<number, string>();
  /** The stored value that the kernel's own output overwrites, read as `out[index]`. */
  private inPlace: { ref: Ref; linear: string } | undefined;

  /** @param prefix keeps names apart where two builders' code meets in one module */
  constructor(
    private readonly resolver: Resolver,
    private readonly prefix: string,
  ) {}

  /** `fn name(index: u32) -> type` that gives element `index` of `root`, which is computed even where it is stored. */
  elementFunction(name: string, root: Ref, inPlace?: Ref): void {
    this.begin();
    if (inPlace) this.inPlace = { ref: inPlace, linear: 'index' };
    const { shape, dtype } = specOfRef(root);
    const value = isScalarRef(root) ? this.scalar(root) : this.compute(root, new LinearIndex(this, shape, 'index'));
    this.end(`fn ${name}(index: u32) -> ${dtype}`, value);
  }

  /** `fn epilogue(value: f32, index: u32) -> f32`: element `index` of `root`, given that of `anchor` with the same order. */
  epilogueFunction(root: Ref, anchor: Ref): void {
    this.begin();
    this.substitutes.set(refKey(anchor), 'value');
    const value =
      refKey(root) === refKey(anchor)
        ? 'value'
        : this.compute(root, new LinearIndex(this, specOfRef(root).shape, 'index'));
    this.end('fn epilogue(value: f32, index: u32) -> f32', value);
    this.substitutes.clear();
  }

  /** `fn operand(o: u32, r: u32) -> f32`: operand `r` of output `o` of a reduction of `input` over `axes`. */
  operandFunction(input: Ref, axes: readonly number[]): void {
    this.begin();
    const value = this.value(input, new ReduceIndex(this, specOfRef(input).shape, axes));
    this.end('fn operand(o: u32, r: u32) -> f32', value);
  }

  /** The functions written since the last call, as one fragment. */
  build(): Fragment {
    const own = this.functions.join('\n');
    const fragment = {
      code: [wgslMath(...this.math), ...this.declarations, own].filter((s) => s !== '').join('\n'),
      own,
      helpers: { math: [...this.math], texts: [...this.declarations] },
      bindings: this.bindings,
      params: this.params,
    };
    this.bindings = [];
    this.params = [];
    this.functions = [];
    this.math = new Set();
    this.declarations = new Set();
    return fragment;
  }

  private begin(): void {
    this.lines = [];
    this.names = new Map();
    this.values = new Map();
    this.inPlace = undefined;
  }

  private end(signature: string, value: string): void {
    this.functions.push(`${signature} {\n${this.lines.map((l) => `  ${l}\n`).join('')}  return ${value};\n}`);
  }

  /** Names `expression`, once. */
  let(expression: string): string {
    if (/^\w+$/.test(expression)) return expression;
    let name = this.names.get(expression);
    if (!name) {
      name = `${this.prefix}v${this.names.size}`;
      this.names.set(expression, name);
      this.lines.push(`let ${name} = ${expression};`);
    }
    return name;
  }

  int(value: number): string {
    if (value === 0 || value === 1) return `${value}u`;
    return this.param('u32', value);
  }

  float(value: number): string {
    return this.param('f32', value);
  }

  private param(type: 'u32' | 'f32', value: number): string {
    const known = this.params.find((q) => q.type === type && q.value === value);
    if (known) return `p.${known.name}`;
    const name = `${this.prefix}${type[0]}${this.params.length}`;
    this.params.push({ name, type, value });
    return `p.${name}`;
  }

  private scalar(ref: Ref): string {
    let slot = this.scalars.indexOf(ref.node);
    if (slot < 0) slot = this.scalars.push(ref.node) - 1;
    const name = `${this.prefix}s${slot}`;
    if (!this.params.some((q) => q.name === name)) {
      this.params.push({ name, type: specOfRef(ref).dtype, value: { epilogueScalar: slot } });
    }
    return `p.${name}`;
  }

  private load(ref: Ref, linear: string): string {
    if (this.inPlace && refKey(this.inPlace.ref) === refKey(ref) && this.inPlace.linear === linear)
      return `out[${linear}]`;
    let slot = this.loads.findIndex((r) => refKey(r) === refKey(ref));
    if (slot < 0) slot = this.loads.push(ref) - 1;
    const name = `${this.prefix}b${slot}`;
    if (!this.bindings.some((b) => b.name === name)) {
      this.bindings.push({ name, type: specOfRef(ref).dtype, ref: { kind: 'epilogue', index: slot } });
    }
    return this.let(`${name}[${linear}]`);
  }

  /** The element of `ref` at `index`: loaded where it is stored, else computed here. */
  private value(ref: Ref, index: ViewIndex): string {
    if (isScalarRef(ref)) return this.scalar(ref);
    const substitute = this.substitutes.get(refKey(ref));
    if (substitute) return substitute;
    const stored = this.resolver.stored(ref);
    return stored ? this.load(stored, index.linear()) : this.compute(ref, index);
  }

  private compute(ref: Ref, index: ViewIndex): string {
    const { node } = ref;
    const memo = `${refKey(ref)}@${index instanceof CoordIndex ? index.key() : index.linear()}`;
    let name = this.values.get(memo);
    if (!name) {
      name = this.let(this.expression(node, index));
      this.values.set(memo, name);
    }
    return name;
  }

  private expression(node: PlanNode, index: ViewIndex): string {
    const { op, attrs } = node;
    const output = node.outputs[0];
    switch (op.kind) {
      case 'elementwise': {
        for (const f of op.functions ?? []) this.math.add(f);
        const args = node.inputs.map((input) => this.value(input, this.trailing(input, output.shape, index)));
        return op.expression(args, attrs);
      }
      case 'source':
        for (const f of op.functions ?? []) this.math.add(f);
        for (const text of op.declarations ?? []) this.declarations.add(text);
        return op.expression(
          index,
          node.inputs.map((input) => this.scalar(input)),
          output,
          attrs,
        );
      case 'view':
        return op.map({
          index,
          inputs: node.inputs.map(specOfRef),
          output,
          attrs,
          int: (value) => this.int(value),
          float: (value) => this.float(value),
          let: (expression) => this.let(expression),
          read: (input, at) => {
            const { shape } = specOfRef(node.inputs[input]);
            return this.value(
              node.inputs[input],
              'linear' in at ? new LinearIndex(this, shape, at.linear) : new CoordIndex(this, shape, at),
            );
          },
        });
      default:
        throw new Error(`${op.name} cannot be computed elementwise`);
    }
  }

  /** An input of lower rank than the output is indexed by the last coordinates. */
  private trailing(input: Ref, shape: readonly number[], index: ViewIndex): ViewIndex {
    const own = specOfRef(input).shape;
    if (isScalarRef(input) || sameShape(own, shape)) return index;
    return new CoordIndex(
      this,
      own,
      own.map((_, d) => index.coord(shape.length - own.length + d)),
    );
  }
}

/** Splits a row-major position into coordinates, as they are asked for. */
function coordinate(builder: FragmentBuilder, shape: readonly number[], linear: string, dim: number): string {
  if (shape[dim] === 1) return '0u';
  const inner = shape.slice(dim + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, dim).reduce((a, b) => a * b, 1);
  const divided = inner === 1 ? linear : builder.let(`${linear} / ${builder.int(inner)}`);
  return outer === 1 ? divided : builder.let(`${divided} % ${builder.int(shape[dim])}`);
}

class LinearIndex implements ViewIndex {
  constructor(
    private readonly builder: FragmentBuilder,
    readonly shape: readonly number[],
    private readonly position: string,
  ) {}
  coord(dim: number): string {
    return coordinate(this.builder, this.shape, this.position, dim);
  }
  linear(): string {
    return this.position;
  }
}

class CoordIndex implements ViewIndex {
  constructor(
    private readonly builder: FragmentBuilder,
    readonly shape: readonly number[],
    private readonly coords: readonly string[],
  ) {}
  coord(dim: number): string {
    return this.coords[dim];
  }
  key(): string {
    return this.coords.join('|');
  }
  linear(): string {
    const strides = stridesOf(this.shape);
    const terms = this.coords
      .map((c, d) => (c === '0u' ? '' : strides[d] === 1 ? c : `${c} * ${this.builder.int(strides[d])}`))
      .filter((t) => t !== '');
    return terms.length === 0 ? '0u' : this.builder.let(terms.join(' + '));
  }
}

/** Index of operand `r` of output `o`: kept dimensions from `o`, reduced ones from `r`. */
class ReduceIndex implements ViewIndex {
  private readonly kept: readonly number[];
  constructor(
    private readonly builder: FragmentBuilder,
    readonly shape: readonly number[],
    private readonly axes: readonly number[],
  ) {
    this.kept = shape.map((_, d) => d).filter((d) => !axes.includes(d));
  }
  coord(dim: number): string {
    const [dims, linear] = this.axes.includes(dim) ? [this.axes, 'r'] : [this.kept, 'o'];
    return coordinate(
      this.builder,
      dims.map((d) => this.shape[d]),
      linear,
      dims.indexOf(dim),
    );
  }
  linear(): string {
    const count = (dims: readonly number[]): number => dims.reduce((n, d) => n * this.shape[d], 1);
    const order = [...this.kept, ...this.axes];
    if (order.every((d, i) => d === i)) return this.builder.let(`o * ${this.builder.int(count(this.axes))} + r`);
    if ([...this.axes, ...this.kept].every((d, i) => d === i)) {
      return this.builder.let(`r * ${this.builder.int(count(this.kept))} + o`);
    }
    return new CoordIndex(
      this.builder,
      this.shape,
      this.shape.map((_, d) => this.coord(d)),
    ).linear();
  }
}
