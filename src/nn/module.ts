/**
 * What every layer and model is: a class whose properties are its parameters (`Parameter`), its running statistics (`Variable`) and its
 * children (`Module`, or arrays of modules). Names of the state follow the properties, as in PyTorch: `conv1.weight`, `blocks.0.bias`.
 */
import { numel } from '../kernels/launch.js';
import { Parameter, Tensor, Variable, readAll } from '../tensor/index.js';
import { sameShape } from '../tensor/shape.js';
import { ModuleError, StateDictError } from './errors.js';
import { disposeVariable } from './optim/arena.js';

export interface StateEntry {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Copies of all parameters and running statistics by name. */
export type StateDict = Record<string, StateEntry>;

/** What can be loaded: any numeric array with its shape (as `formant/io` reads them from .npz and safetensors). */
export type LoadableState = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number | bigint> }>
>;

export interface LoadOptions {
  /** Whether names that are missing or unknown throw (default) or are passed over. Wrong shapes always throw. */
  readonly strict?: boolean;
}

/** A module that makes one tensor of one tensor: what `Sequential` chains. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

export const shapeText = (shape: readonly number[]): string => `(${shape.join(', ')})`;

export abstract class Module {
  /** True in training: dropout drops, batch norm uses the batch. Set by `train()` and `eval()`. */
  training = true;

  abstract forward(...args: never[]): unknown;

  /** Own children by property name; a property that is an array of modules gives `name.0`, `name.1`, … */
  namedChildren(): [name: string, module: Module][] {
    const found: [string, Module][] = [];
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Module) found.push([name, value]);
      else if (Array.isArray(value)) {
        value.forEach((item: unknown, i) => {
          if (item instanceof Module) found.push([`${name}.${i}`, item]);
        });
      }
    }
    return found;
  }

  get children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module (named '') and all below it, each once, parents first. */
  namedModules(): [name: string, module: Module][] {
    const seen = new Set<Module>();
    const found: [string, Module][] = [];
    const visit = (name: string, module: Module): void => {
      if (seen.has(module)) return;
      seen.add(module);
      found.push([name, module]);
      for (const [key, child] of module.namedChildren()) visit(name === '' ? key : `${name}.${key}`, child);
    };
    visit('', this);
    return found;
  }

  /** Parameters and running statistics of this module alone, by property name. */
  ownState(): [name: string, variable: Variable][] {
    return Object.entries(this).filter((entry): entry is [string, Variable] => entry[1] instanceof Variable);
  }

  /** All parameters and running statistics by path; shared ones once, under their first name. */
  namedState(): [name: string, variable: Variable][] {
    const seen = new Set<Variable>();
    const found: [string, Variable][] = [];
    for (const [path, module] of this.namedModules()) {
      for (const [key, variable] of module.ownState()) {
        if (seen.has(variable)) continue;
        seen.add(variable);
        found.push([path === '' ? key : `${path}.${key}`, variable]);
      }
    }
    return found;
  }

  namedParameters(): [name: string, parameter: Parameter][] {
    return this.namedState().filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** State that is not trained: running statistics. */
  namedBuffers(): [name: string, buffer: Variable][] {
    return this.namedState().filter(([, variable]) => !(variable instanceof Parameter));
  }

  buffers(): Variable[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  /** Puts this module and all below it into training mode (or, with `false`, evaluation mode). */
  train(mode = true): this {
    for (const [, module] of this.namedModules()) module.training = mode;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** Drops the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** Copies of all parameters and running statistics as the last commit left them, in this library's layouts; one read-back. */
  async stateDict(): Promise<StateDict> {
    const named = this.namedState();
    const arrays = await readAll(named.map(([, variable]) => new Tensor(variable.leaf)));
    return Object.fromEntries(
      named.map(([name, variable], i) => {
        const data = arrays[i];
        if (!(data instanceof Float32Array)) {
          throw new StateDictError(`stateDict(): "${name}" holds ${variable.dtype}; only f32 state can be saved.`);
        }
        return [name, { shape: [...variable.shape], data: data.slice() }];
      }),
    );
  }

  /**
   * Overwrites parameters and running statistics with what `stateDict()` gave. Nothing is written unless everything fits.
   * @throws StateDictError that lists all missing names, unknown names and wrong shapes
   */
  loadStateDict(state: LoadableState, { strict = true }: LoadOptions = {}): void {
    const named = new Map(this.namedState());
    const problems: string[] = [];
    if (strict) {
      const missing = [...named.keys()].filter((name) => !Object.hasOwn(state, name));
      const unexpected = Object.keys(state).filter((name) => !named.has(name));
      if (missing.length > 0) problems.push(`missing: ${missing.join(', ')}`);
      if (unexpected.length > 0) problems.push(`unexpected: ${unexpected.join(', ')}`);
    }
    const writes: [Variable, Float32Array][] = [];
    for (const [name, variable] of named) {
      if (!Object.hasOwn(state, name)) continue;
      const { shape, data } = state[name];
      if (!sameShape(shape, variable.shape) || data.length !== numel(variable.shape)) {
        problems.push(
          `"${name}" has shape ${shapeText(shape)} with ${data.length} values, expected ${shapeText(variable.shape)}`,
        );
      } else writes.push([variable, Float32Array.from<number | bigint>(data, Number)]);
    }
    if (problems.length > 0) {
      throw new StateDictError(
        `The state does not fit ${this.constructor.name}: ${problems.join('; ')}. ` +
          'Build the model as it was when the state was saved, or pass { strict: false } to skip missing and unexpected names.',
      );
    }
    for (const [variable, data] of writes) variable.set(data);
  }

  /**
   * This module's own state (no children) from this library's names and layouts to PyTorch's. The default only changes names
   * (`runningMean` → `running_mean`); layers whose layout differs override it. See torch-weights.ts.
   */
  toTorch(own: StateDict): StateDict {
    return Object.fromEntries(Object.entries(own).map(([name, entry]) => [snakeCase(name), entry]));
  }

  /** The reverse of `toTorch`; keeps names that it does not know, so that strict loading can report them. */
  fromTorch(own: StateDict): StateDict {
    return Object.fromEntries(Object.entries(own).map(([name, entry]) => [camelCase(name), entry]));
  }

  /** Gives the device memory of all parameters and running statistics back. */
  [Symbol.dispose](): void {
    for (const [, variable] of this.namedState()) disposeVariable(variable);
  }
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** @throws ModuleError unless `value` is a whole number from `least` up. */
export function checkSize(layer: string, name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least) {
    throw new ModuleError(`${layer}: ${name} must be a whole number from ${least} up; got ${value}.`);
  }
}
