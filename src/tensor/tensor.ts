/**
 * The tensor that users hold: a handle on a value of the graph. The methods (`add`, `matmul`, `sum`, `data`, `backward`, …)
 * are attached in methods.ts, so that ops can be written with them without import cycles.
 */
import { numel, type DType } from '../kernels/launch.js';
import { Storage, type HostArray } from './storage.js';
import type { Node, Value } from './graph.js';
import { ShapeError } from './errors.js';
import { inputLeaf, scalarLeaf, stateLeaf } from './leaf.js';
import { generation } from './generation.js';

export class Tensor {
  /** Gradient accumulated by `backward()`; only leaves that require one have it. */
  grad: Tensor | null = null;

  constructor(private readonly ownValue: Value) {}

  get value(): Value {
    return this.ownValue;
  }
  get shape(): readonly number[] {
    return this.value.node.outputs[this.value.index].shape;
  }
  get dtype(): DType {
    return this.value.node.outputs[this.value.index].dtype;
  }
  get rank(): number {
    return this.shape.length;
  }
  /** Number of elements. */
  get size(): number {
    return numel(this.shape);
  }
  get requiresGrad(): boolean {
    return this.value.node.requiresGrad;
  }
}

const leafOwners = new WeakMap<Node, Variable>();

/**
 * State that lives on the device from step to step: parameters, running statistics, moments, counters. Assigning to it
 * (`assign`) takes effect when the step is committed; ops recorded before see the old value, ops recorded after the new one.
 */
export class Variable extends Tensor {
  readonly storage: Storage;
  readonly trainable: boolean;
  private readonly variableShape: readonly number[];
  private current: Value | undefined;
  private currentGeneration = -1;
  private leafValue: Value | undefined;

  constructor(storage: Storage, shape: readonly number[], options: { trainable: boolean }) {
    super({ node: undefined as never, index: 0 });
    if (numel(shape) !== storage.elements) {
      throw new ShapeError(
        `Shape (${shape.join(', ')}) has ${numel(shape)} elements; the data has ${storage.elements}.`,
      );
    }
    this.storage = storage;
    this.variableShape = shape;
    this.trainable = options.trainable;
  }

  /** The stored value, as ops that were recorded before any assignment of this step see it. */
  get leaf(): Value {
    if (!this.leafValue) {
      this.leafValue = stateLeaf(this.storage, this.variableShape, this.trainable);
      leafOwners.set(this.leafValue.node, this);
    }
    return this.leafValue;
  }

  /** The variable that a leaf of the graph stands for. */
  static ofLeaf(node: Node): Variable | undefined {
    return leafOwners.get(node);
  }

  override get value(): Value {
    return this.current && this.currentGeneration === generation() ? this.current : this.leaf;
  }
  override get shape(): readonly number[] {
    return this.variableShape;
  }
  override get dtype(): DType {
    return this.storage.dtype;
  }
  override get requiresGrad(): boolean {
    return this.trainable;
  }

  /** What later ops of this step read; called by `assign`. */
  setPending(value: Value): void {
    this.current = value;
    this.currentGeneration = generation();
  }

  /** Overwrites the stored value from the host, at once and outside of any step. */
  set(data: HostArray): void {
    this.current = undefined;
    this.storage.write(data);
  }

  /** Gives the device memory back; the variable cannot be used afterwards. */
  override [Symbol.dispose](): void {
    this.storage.dispose();
  }
}

/** A trainable variable, as `nn` modules hold them. */
export class Parameter extends Variable {
  constructor(storage: Storage, shape: readonly number[]) {
    super(storage, shape, { trainable: true });
  }
}

type Nested = number | readonly Nested[];

function flatten(data: Nested, shape: number[], depth: number, out: number[]): void {
  if (typeof data === 'number') {
    if (depth !== shape.length) throw new ShapeError('Nested arrays must all have the same depth and lengths.');
    out.push(data);
    return;
  }
  if (depth === shape.length) {
    if (out.length > 0) throw new ShapeError('Nested arrays must all have the same depth and lengths.');
    shape.push(data.length);
  } else if (shape[depth] !== data.length) {
    throw new ShapeError(`Nested arrays are ragged: a length of ${data.length} where ${shape[depth]} was expected.`);
  }
  for (const item of data) flatten(item, shape, depth + 1, out);
}

const arrayOf = (values: readonly number[], dtype: DType): HostArray =>
  dtype === 'f32' ? Float32Array.from(values) : dtype === 'u32' ? Uint32Array.from(values) : Int32Array.from(values);

const dtypeOf = (data: HostArray): DType =>
  data instanceof Float32Array ? 'f32' : data instanceof Uint32Array ? 'u32' : 'i32';

/**
 * A tensor from host data: a typed array with its shape, or nested arrays. The data is uploaded with every program that reads it;
 * for data that many steps share (a dataset), use `variable`.
 * @throws ShapeError where shape and data do not fit.
 */
export function tensor(data: HostArray | Nested, shape?: readonly number[], dtype?: DType): Tensor {
  if (ArrayBuffer.isView(data)) {
    const array = data as HostArray;
    const wanted = shape ?? [array.length];
    if (numel(wanted) !== array.length) {
      throw new ShapeError(
        `tensor(): shape (${wanted.join(', ')}) has ${numel(wanted)} elements, but ${array.length} were given.`,
      );
    }
    return new Tensor(inputLeaf(array, wanted, dtypeOf(array)));
  }
  const found: number[] = [];
  const values: number[] = [];
  flatten(data, found, 0, values);
  const wanted = shape ?? found;
  if (numel(wanted) !== values.length) {
    throw new ShapeError(
      `tensor(): shape (${wanted.join(', ')}) has ${numel(wanted)} elements, but ${values.length} were given.`,
    );
  }
  return new Tensor(inputLeaf(arrayOf(values, dtype ?? 'f32'), wanted, dtype ?? 'f32'));
}

/** A JavaScript number as a 0-d tensor. Its value is an input of the program, not part of its structure. */
export const scalar = (value: number, dtype: DType = 'f32'): Tensor => new Tensor(scalarLeaf(value, dtype));

/**
 * Host data moved to the device once, for all the steps that read it: a dataset, a table, a running statistic. The array must not change
 * before the first use. Release it with `using` or `[Symbol.dispose]()`.
 * @param options.trainable whether `backward()` gives it a gradient (default no); `label` is shown in errors
 */
export function variable(
  data: HostArray,
  shape?: readonly number[],
  options: { trainable?: boolean; label?: string } = {},
): Variable {
  const storage = Storage.fromHost(data, dtypeOf(data), options.label ?? 'variable');
  return new Variable(storage, shape ?? [data.length], { trainable: options.trainable ?? false });
}

/** A trainable parameter from host data. */
export const parameter = (data: Float32Array, shape: readonly number[], label = 'parameter'): Parameter =>
  new Parameter(Storage.fromHost(data, 'f32', label), shape);
