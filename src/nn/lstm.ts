/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997), one direction or both (Schuster and Paliwal, "Bidirectional recurrent neural
 * networks", 1997).
 */
import { ShapeError, concat, lstm, parameter, stack, type Parameter, type Tensor } from '../tensor/index.js';
import { StateDictError } from './errors.js';
import { fanInUniform } from './init.js';
import { lastStepMask, lengthsTensor, type Lengths } from './mask.js';
import { Module, checkSize, type StateDict, type StateEntry } from './module.js';

export interface LSTMOptions {
  /** Features F of a time step. */
  readonly inputSize: number;
  /** Units H of each direction. */
  readonly hiddenSize: number;
  /** Whether a second direction reads each sequence from its end. Default false. */
  readonly bidirectional?: boolean;
}

export interface LSTMForwardOptions {
  /** Valid steps of each row, (N) u32 or numbers. Outputs behind them are 0. */
  readonly lengths?: Lengths;
  /** State to begin with, (D, N, H); both or neither. */
  readonly h0?: Tensor;
  readonly c0?: Tensor;
}

/** What an LSTM layer gives. */
export class LSTMResult {
  constructor(
    /** Hidden states of all steps, (N, T, D·H), both directions side by side. */
    readonly output: Tensor,
    private readonly cells: Tensor,
    private readonly lengths: Tensor | undefined,
  ) {}

  /** The last state of each direction, (N, D·H): the forward one at step len − 1, the reverse one at step 0. */
  get last(): Tensor {
    const parts = this.finals(this.output.reshape(this.cells.shape));
    return concat(parts, 1);
  }

  /** As `last`, PyTorch's layout (D, N, H): what `h0` of a following call takes. */
  get h(): Tensor {
    return stack(this.finals(this.output.reshape(this.cells.shape)), 0);
  }

  /** Cells of the last states, (D, N, H), without gradient: what `c0` of a following call takes. */
  get c(): Tensor {
    return stack(this.finals(this.cells.detach()), 0);
  }

  /** (N, T, D, H) → each direction's last step, (N, H). */
  private finals(states: Tensor): Tensor[] {
    const [n, t, d, h] = states.shape;
    return Array.from({ length: d }, (_, direction) => {
      const own = states.slice(2, direction, direction + 1).reshape([n, t, h]);
      if (direction === 1) return own.slice(1, 0, 1).reshape([n, h]);
      // A masked sum picks one step a row and, unlike an index, has a gradient that stays cheap.
      if (this.lengths) return own.mul(lastStepMask(this.lengths, t).reshape([n, t, 1])).sum(1);
      return own.slice(1, t - 1, t).reshape([n, h]);
    });
  }
}

/**
 * One LSTM layer, gates i, f, g, o. Parameters: weightIh (F, D·H·4), weightHh (D, H, H, 4) by direction, from unit, to unit and gate, and one
 * bias (D·H·4), where PyTorch has two that are added (they fold into one at import). All begin as U(±1/√H), PyTorch's default.
 */
export class LSTM extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly directions: 1 | 2;
  readonly weightIh: Parameter;
  readonly weightHh: Parameter;
  readonly bias: Parameter;

  constructor({ inputSize, hiddenSize, bidirectional = false }: LSTMOptions) {
    super();
    checkSize('LSTM', 'inputSize', inputSize);
    checkSize('LSTM', 'hiddenSize', hiddenSize);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.directions = bidirectional ? 2 : 1;
    const make = (shape: number[], name: string): Parameter =>
      parameter(fanInUniform(shape, hiddenSize), shape, `LSTM.${name}`);
    const gates = this.directions * hiddenSize * 4;
    this.weightIh = make([inputSize, gates], 'weightIh');
    this.weightHh = make([this.directions, hiddenSize, hiddenSize, 4], 'weightHh');
    this.bias = make([gates], 'bias');
  }

  /** @throws ShapeError unless x is (N, T, inputSize), states are (D, N, H) and lengths fit */
  override forward(x: Tensor, options: LSTMForwardOptions = {}): LSTMResult {
    if (x.rank !== 3 || x.shape[2] !== this.inputSize || x.shape[1] === 0) {
      throw new ShapeError(
        `LSTM: expects x (N, T, ${this.inputSize}) with one step or more; got (${x.shape.join(', ')}).`,
      );
    }
    const [n, t] = x.shape;
    for (const [name, state] of [
      ['h0', options.h0],
      ['c0', options.c0],
    ] as const) {
      if (state && state.shape.join() !== [this.directions, n, this.hiddenSize].join()) {
        throw new ShapeError(
          `LSTM: ${name} must be (${this.directions}, ${n}, ${this.hiddenSize}); got (${state.shape.join(', ')}).`,
        );
      }
    }
    const lengths = options.lengths ? lengthsTensor(options.lengths, n, t, 'LSTM') : undefined;
    const { output, cells } = lstm(x, this.weightIh, this.weightHh, this.bias, {
      h0: options.h0,
      c0: options.c0,
      lengths,
    });
    return new LSTMResult(output, cells, lengths);
  }

  /** PyTorch: weight_ih_l0 (4H, F), weight_hh_l0 (4H, H), bias_ih_l0 and bias_hh_l0 (4H), rows gate by gate; `_reverse` behind. */
  override toTorch(own: StateDict): StateDict {
    const h = this.hiddenSize;
    const out: StateDict = {};
    for (let d = 0; d < this.directions; d++) {
      const suffix = d === 0 ? '_l0' : '_l0_reverse';
      const matrix = (columns: number, from: (row: { unit: number; gate: number }, column: number) => number) =>
        torchRows(h, columns, from);
      const { weightIh, weightHh, bias } = own;
      const gates = this.directions * h * 4;
      const place = (unit: number, gate: number): number => (d * h + unit) * 4 + gate;
      out[`weight_ih${suffix}`] = matrix(
        this.inputSize,
        ({ unit, gate }, f) => weightIh.data[f * gates + place(unit, gate)],
      );
      out[`weight_hh${suffix}`] = matrix(h, ({ unit, gate }, k) => weightHh.data[((d * h + k) * h + unit) * 4 + gate]);
      const biases = matrix(1, ({ unit, gate }) => bias.data[place(unit, gate)]);
      out[`bias_ih${suffix}`] = { shape: [4 * h], data: biases.data };
      out[`bias_hh${suffix}`] = { shape: [4 * h], data: new Float32Array(4 * h) };
    }
    return out;
  }

  override fromTorch(own: StateDict): StateDict {
    const h = this.hiddenSize;
    const gates = this.directions * h * 4;
    const rest = { ...own };
    const take = (name: string, shape: number[]): Float32Array => {
      const entry = rest[name];
      if (!entry)
        throw new StateDictError(`LSTM: PyTorch's "${name}" is missing; found: ${Object.keys(own).join(', ')}.`);
      if (entry.shape.join() !== shape.join()) {
        throw new StateDictError(
          `LSTM: PyTorch's "${name}" should be (${shape.join(', ')}); it is (${entry.shape.join(', ')}).`,
        );
      }
      delete rest[name];
      return entry.data;
    };
    const weightIh = new Float32Array(this.inputSize * gates);
    const weightHh = new Float32Array(this.directions * h * h * 4);
    const bias = new Float32Array(gates);
    for (let d = 0; d < this.directions; d++) {
      const suffix = d === 0 ? '_l0' : '_l0_reverse';
      const ih = take(`weight_ih${suffix}`, [4 * h, this.inputSize]);
      const hh = take(`weight_hh${suffix}`, [4 * h, h]);
      const hasBias = `bias_ih${suffix}` in rest || `bias_hh${suffix}` in rest;
      const bi = hasBias ? take(`bias_ih${suffix}`, [4 * h]) : undefined;
      const bh = hasBias ? take(`bias_hh${suffix}`, [4 * h]) : undefined;
      for (let gate = 0; gate < 4; gate++) {
        for (let unit = 0; unit < h; unit++) {
          const row = gate * h + unit;
          const column = (d * h + unit) * 4 + gate;
          for (let f = 0; f < this.inputSize; f++) weightIh[f * gates + column] = ih[row * this.inputSize + f];
          for (let k = 0; k < h; k++) weightHh[((d * h + k) * h + unit) * 4 + gate] = hh[row * h + k];
          bias[column] = (bi?.[row] ?? 0) + (bh?.[row] ?? 0);
        }
      }
    }
    return {
      ...rest,
      weightIh: { shape: [this.inputSize, gates], data: weightIh },
      weightHh: { shape: [this.directions, h, h, 4], data: weightHh },
      bias: { shape: [gates], data: bias },
    };
  }
}

/** A matrix of 4H rows, gate by gate, filled element by element. */
function torchRows(
  hidden: number,
  columns: number,
  from: (row: { unit: number; gate: number }, column: number) => number,
): StateEntry {
  const data = new Float32Array(4 * hidden * columns);
  for (let row = 0; row < 4 * hidden; row++) {
    const at = { unit: row % hidden, gate: Math.floor(row / hidden) };
    for (let c = 0; c < columns; c++) data[row * columns + c] = from(at, c);
  }
  return { shape: [4 * hidden, columns], data };
}
