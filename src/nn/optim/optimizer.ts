/**
 * What all optimizers share. Parameters, gradients and moments lie in flat arenas of one layout (arena.ts); a step packs the gradients,
 * updates everything in one dispatch, and commits.
 */
import {
  Parameter,
  StaleTensorError,
  Tensor,
  commit,
  div,
  iota,
  noGrad,
  readAll,
  type Variable,
} from '../../tensor/index.js';
import type { EffectOp } from '../../tensor/op.js';
import { pack } from '../../tensor/ops/pack.js';
import { recordEffect } from '../../tensor/record.js';
import { scalarLeaf } from '../../tensor/leaf.js';
import { OptimizerError, StateDictError } from '../errors.js';
import type { LoadableState, StateDict } from '../module.js';
import { Arena } from './arena.js';

/** Parameters, with or without their names (`module.parameters()`, `module.namedParameters()`). */
export type ParameterList = Iterable<Parameter | readonly [name: string, parameter: Parameter]>;

export interface OptimizerOptions {
  /** Learning rate. */
  readonly lr?: number;
  /** Where given, gradients are scaled so that their joint Euclidean norm is at most this (Pascanu, Mikolov and Bengio, 2013). */
  readonly clipGradNorm?: number;
}

/** All that a step depends on besides parameters and options; `arrays` are named `<moment>.<parameter>`. */
export interface OptimizerState {
  readonly optimizer: string;
  readonly steps: number;
  readonly lr: number;
  /** β₁ or momentum, which schedulers may change. */
  readonly momentum: number;
  readonly arrays: StateDict;
}

export interface LoadableOptimizerState extends Omit<OptimizerState, 'arrays'> {
  readonly arrays: LoadableState;
}

/** One step as an op: see ops/optimizers.ts. Scalars come in the order of the kernel's inputs. */
export interface Update<A = unknown> {
  readonly op: EffectOp<A>;
  readonly attrs: A;
  readonly scalars: readonly (() => number)[];
}

export abstract class Optimizer {
  /** Learning rate of the next step; schedulers set it. */
  lr: number;
  /** β₁ of Adam, momentum of the others; 0 where there is none. */
  momentum = 0;
  readonly parameters: readonly Parameter[];
  readonly clipGradNorm: number | undefined;
  private readonly names: readonly string[];
  private readonly arena: Arena;
  private readonly gradients: Variable;
  private readonly moments: ReadonlyMap<string, Variable>;
  private taken = 0;
  /** Scalars whose value of the running step was asked for; see `replayed`. */
  private readonly asked = new Set<number>();

  /** @throws OptimizerError if there are no parameters or an option is out of range */
  protected constructor(list: ParameterList, lr: number, options: OptimizerOptions, momentNames: readonly string[]) {
    const named = new Map<Parameter, string>();
    let index = 0;
    for (const item of list) {
      const [name, parameter] = item instanceof Parameter ? [String(index), item] : item;
      if (!(parameter instanceof Parameter)) {
        throw new OptimizerError(`${this.constructor.name}: expects parameters, as module.parameters() gives them.`);
      }
      if (!named.has(parameter)) named.set(parameter, name);
      index++;
    }
    if (named.size === 0) throw new OptimizerError(`${this.constructor.name}: there are no parameters to train.`);
    checkPositive(this.constructor.name, 'lr', lr);
    if (options.clipGradNorm !== undefined && !(options.clipGradNorm > 0)) {
      throw new OptimizerError(`${this.constructor.name}: clipGradNorm must be above 0; got ${options.clipGradNorm}.`);
    }
    this.parameters = [...named.keys()];
    this.names = [...named.values()];
    this.lr = lr;
    this.clipGradNorm = options.clipGradNorm;
    this.arena = new Arena(this.parameters);
    this.gradients = this.arena.slot('gradients');
    this.moments = new Map(momentNames.map((name) => [name, this.arena.slot(name)]));
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.taken;
  }

  /** The update of step number `steps`, with one moment an entry of the constructor's `momentNames`. */
  protected abstract update(hasScale: boolean): Update;

  /**
   * Updates all parameters by their gradients and commits: everything assigned in this step takes effect, and intermediates lose their
   * values (see `keep()`). A parameter without a gradient counts as having a gradient of 0.
   * @throws OptimizerError if no parameter has a gradient, StaleTensorError if a gradient was used up by an earlier step
   */
  step(): void {
    const found = this.parameters.filter((p) => p.grad !== null);
    if (found.length === 0) {
      throw new OptimizerError(
        `${this.constructor.name}.step(): none of the ${this.parameters.length} parameters has a gradient. Call loss.backward() before ` +
          'step(), and make sure that the loss depends on the parameters this optimizer was given.',
      );
    }
    for (const { grad } of found) void grad?.value;
    this.arena.gather();
    noGrad(() => this.record());
    commit();
    for (const parameter of found) {
      // What keep() saved can be read on; the rest has no value any more.
      if (parameter.grad && !isSaved(parameter.grad)) parameter.grad = new SpentGradient(parameter.grad);
    }
  }

  private record(): void {
    const grads = this.parameters.map((p) => p.grad ?? iota([p.size]).mul(0));
    const packed = pack(grads, { storage: this.gradients.storage, offsets: this.arena.offsets });
    const scale = this.clipGradNorm === undefined ? [] : [clipScale(packed, this.clipGradNorm)];
    this.taken++;
    const { op, attrs, scalars } = this.update(scale.length > 0);
    const values = scalars.map((compute, i) => {
      this.asked.add(i);
      return new Tensor(scalarLeaf(compute(), 'f32', () => this.replayed(i, compute)));
    });
    const state = [this.arena.values, packed, ...this.moments.values(), ...values, ...scale];
    recordEffect(op, state, attrs);
  }

  /**
   * A compiled function replays a step without calling `step()`: it asks each scalar for its next value. The first one to be asked a second
   * time begins a new step.
   */
  private replayed(scalar: number, compute: () => number): number {
    if (this.asked.has(scalar)) {
      this.asked.clear();
      this.taken++;
    }
    this.asked.add(scalar);
    return compute();
  }

  /** Drops all gradients; call it before each `backward()`. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.grad = null;
  }

  /** Copies of moments and counters as the last step left them; one read-back. */
  async stateDict(): Promise<OptimizerState> {
    const arrays: StateDict = {};
    const flats = await readAll([...this.moments.values()].map((moment) => new Tensor(moment.leaf)));
    [...this.moments.keys()].forEach((moment, k) => {
      this.arena.split(flats[k] as Float32Array).forEach((data, i) => {
        arrays[`${moment}.${this.names[i]}`] = { shape: [...this.parameters[i].shape], data };
      });
    });
    return { optimizer: this.constructor.name, steps: this.taken, lr: this.lr, momentum: this.momentum, arrays };
  }

  /**
   * Goes on where `stateDict()` was taken.
   * @throws StateDictError if it is of another optimizer or of other parameters
   */
  loadStateDict(state: LoadableOptimizerState): void {
    const problems: string[] = [];
    if (state.optimizer !== this.constructor.name) {
      throw new StateDictError(`The state is of ${state.optimizer}; this optimizer is ${this.constructor.name}.`);
    }
    const wanted = new Set<string>();
    const flats = [...this.moments].map(([moment, variable]) => {
      const parts = this.parameters.map((parameter, i) => {
        const name = `${moment}.${this.names[i]}`;
        wanted.add(name);
        const entry = Object.hasOwn(state.arrays, name) ? state.arrays[name] : undefined;
        if (entry?.data.length !== parameter.size) {
          problems.push(
            entry ? `"${name}" has ${entry.data.length} values, expected ${parameter.size}` : `"${name}" is missing`,
          );
          return [];
        }
        return Float32Array.from<number | bigint>(entry.data, Number);
      });
      return [variable, parts] as const;
    });
    const unexpected = Object.keys(state.arrays).filter((name) => !wanted.has(name));
    if (unexpected.length > 0) problems.push(`unexpected: ${unexpected.join(', ')}`);
    if (problems.length > 0) {
      throw new StateDictError(
        `The state does not fit ${this.constructor.name}: ${problems.join('; ')}. Give the optimizer the parameters, in the order, that it had.`,
      );
    }
    for (const [variable, parts] of flats) variable.set(this.arena.join(parts));
    this.taken = state.steps;
    this.lr = state.lr;
    this.momentum = state.momentum;
  }

  /** Gives the memory of moments and gradients back; the parameters stay usable. */
  [Symbol.dispose](): void {
    this.gradients[Symbol.dispose]();
    for (const moment of this.moments.values()) moment[Symbol.dispose]();
    this.arena.abandon();
  }
}

/** min(1, maxNorm / (‖g‖ + 1e-6)), PyTorch's `clip_grad_norm_`, of shape (1). The gaps of the arena are 0 and do not count. */
const clipScale = (packed: Tensor, maxNorm: number): Tensor =>
  div(maxNorm, packed.square().sum().sqrt().add(1e-6)).minimum(1).reshape([1]);

const isSaved = (gradient: Tensor): boolean => {
  const { node, index } = gradient.value;
  return node.isLeaf || (node.results?.some((result) => result.index === index) ?? false);
};

/** Stands where a gradient was that a step has used, so that forgetting `zeroGrad()` is told in words. */
class SpentGradient extends Tensor {
  private readonly oldShape: readonly number[];

  constructor(used: Tensor) {
    // Nothing of the old graph is held on to.
    super(undefined as never);
    this.oldShape = used.shape;
  }

  override get value(): never {
    throw new StaleTensorError(
      `The gradient of shape (${this.oldShape.join(', ')}) was used up by optimizer.step(). Call optimizer.zeroGrad() and then ` +
        'loss.backward() before the next step; to read gradients after a step, call keep() on them before it.',
    );
  }

  override get shape(): readonly number[] {
    return this.oldShape;
  }
}

/** @throws OptimizerError unless the value is a finite number from 0 up */
export function checkPositive(optimizer: string, name: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value))) {
    throw new OptimizerError(`${optimizer}: ${name} must be a number from 0 up; got ${value}.`);
  }
}

/** @throws OptimizerError unless 0 ≤ value < 1 */
export function checkDecay(optimizer: string, name: string, value: number): void {
  if (!(value >= 0 && value < 1)) {
    throw new OptimizerError(`${optimizer}: ${name} must be from 0 to below 1; got ${value}.`);
  }
}
