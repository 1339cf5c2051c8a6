/** A table of a model's layers, with output shapes and numbers of parameters. */
import { Tensor, noGrad, tensor } from '../tensor/index.js';
import { ModuleError } from './errors.js';
import { shapeText, type Module } from './module.js';

export interface LayerSummary {
  /** Path, as in state names; '' for the model itself where it is a single layer. */
  readonly name: string;
  readonly type: string;
  /** Undefined where the layer did not run. */
  readonly outputShape: readonly number[] | undefined;
  /** Trained numbers of this layer alone. */
  readonly trainable: number;
  /** Running statistics of this layer alone. */
  readonly running: number;
}

export class Summary {
  readonly trainable: number;
  readonly running: number;

  constructor(readonly layers: readonly LayerSummary[]) {
    this.trainable = layers.reduce((sum, layer) => sum + layer.trainable, 0);
    this.running = layers.reduce((sum, layer) => sum + layer.running, 0);
  }

  /** Trained numbers and running statistics together, as Keras counts. */
  get total(): number {
    return this.trainable + this.running;
  }

  /** The table as text. */
  toString(): string {
    const count = (n: number): string => n.toLocaleString('en-US');
    const rows = [
      ['Layer', 'Type', 'Output', 'Parameters'],
      ...this.layers.map(({ name, type, outputShape, trainable, running }) => [
        name === '' ? '(model)' : name,
        type,
        outputShape ? `(${outputShape.join(', ')})` : '-',
        count(trainable + running),
      ]),
    ];
    const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
    const line = (row: readonly string[]): string =>
      row.map((cell, c) => (c === 3 ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))).join('  ');
    const rule = widths.map((w) => '-'.repeat(w)).join('  ');
    return [
      line(rows[0]),
      rule,
      ...rows.slice(1).map(line),
      rule,
      `Trainable: ${count(this.trainable)}, running statistics: ${count(this.running)}, total: ${count(this.total)}`,
    ].join('\n');
  }
}

/** What `forward` takes: a tensor, or an object of tensors. */
export type ForwardArgument = Tensor | Readonly<Record<string, Tensor | undefined>>;

const describe = (argument: ForwardArgument): string =>
  argument instanceof Tensor
    ? shapeText(argument.shape)
    : `{ ${Object.entries(argument).flatMap(([name, x]) => (x ? [`${name}: ${shapeText(x.shape)}`] : []))} }`;

/**
 * Tells `see` the shape of what a layer gave. An object of several tensors (LSTM) has the shape of its `output`, until the model takes
 * another one out of it.
 */
function watch(result: unknown, see: (shape: readonly number[] | undefined) => void): unknown {
  if (result instanceof Tensor) {
    see(result.shape);
    return result;
  }
  if (typeof result !== 'object' || result === null) return result;
  see('output' in result && result.output instanceof Tensor ? result.output.shape : undefined);
  return new Proxy(result, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (value instanceof Tensor) see(value.shape);
      return value;
    },
  });
}

/**
 * Runs the model once on paper: shapes are known when ops are recorded, so nothing is computed and no device is needed.
 * Layers are listed in the order in which they ran, those that did not run last.
 * @param input shape of a float input, batch included, or the arguments that `forward` takes
 * @throws ModuleError if the model cannot take such an input (the cause says why)
 */
export function summary(model: Module, input: readonly number[] | readonly ForwardArgument[]): Summary {
  const inputs = isShape(input) ? [tensor(new Float32Array(input.reduce((a, b) => a * b, 1)), input)] : input;
  const modules = model.namedModules();
  const modes = modules.map(([, module]) => module.training);
  const shapes = new Map<Module, readonly number[] | undefined>();
  for (const [, module] of modules) {
    // Shadowed on the object for the one run; a layer that is used twice shows its last output.
    const forward = module.forward;
    module.forward = function (this: Module, ...args: never[]): unknown {
      return watch(forward.apply(module, args), (shape) => shapes.set(module, shape));
    };
  }
  try {
    model.eval();
    noGrad(() => model.forward(...(inputs as never[])));
  } catch (error) {
    const given = inputs.map(describe).join(', ');
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModuleError(`summary(): ${model.constructor.name} does not take an input of ${given}: ${reason}`, {
      cause: error,
    });
  } finally {
    modules.forEach(([, module], i) => {
      Reflect.deleteProperty(module, 'forward');
      module.training = modes[i];
    });
  }
  const order = [...shapes.keys()];
  const place = (module: Module): number => (shapes.has(module) ? order.indexOf(module) : order.length);
  // Containers have no numbers of their own and would only repeat their last layer.
  const shown = modules.filter(([, module]) => module.children.length === 0 || module.ownState().length > 0);
  shown.sort(([, a], [, b]) => place(a) - place(b));
  const layers = shown.map(([name, module]): LayerSummary => {
    const own = module.ownState().map(([, variable]) => variable);
    const size = (trainable: boolean): number =>
      own.filter((v) => v.trainable === trainable).reduce((sum, v) => sum + v.size, 0);
    return {
      name,
      type: module.constructor.name,
      outputShape: shapes.get(module),
      trainable: size(true),
      running: size(false),
    };
  });
  return new Summary(layers);
}

const isShape = (input: readonly number[] | readonly ForwardArgument[]): input is readonly number[] =>
  input.every((item) => typeof item === 'number');
