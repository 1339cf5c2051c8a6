/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997), one direction or both, with PyTorch's gates i, f, g, o:
 *   c_t = f ⊙ c_{t−1} + i ⊙ g,   h_t = o ⊙ tanh(c_t).
 * The projection of all time steps is one matmul in front; the recurrence is one kernel, and its weight gradient one matmul behind.
 */
import { lstm as kernel, type LstmAttrs } from '../../kernels/lstm.js';
import { lstmGrad as gradKernel } from '../../kernels/lstm-grad.js';
import type { KernelOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { recordAll } from '../record.js';
import { DTypeError, GradientError, ShapeError } from '../errors.js';
import { concat } from './views.js';
import { where } from './comparison.js';
import { iota } from './sources.js';

/** Inputs gatesX (N, T, D, H, 4), whh (D, H, H, 4), [h0, c0 (D, N, H)], [lengths (N) u32]; outputs out, c, gates. */
export const lstmOp: KernelOp<LstmAttrs> = {
  kind: 'kernel',
  name: 'lstm',
  kernel,
  shape: ([gatesX, whh]) => {
    const [n, t, d, h] = gatesX.shape;
    if (gatesX.shape.length !== 5 || whh.shape.length !== 4 || whh.shape[0] !== d || whh.shape[1] !== h) {
      throw new ShapeError(
        `lstm: expects gates (N, T, D, H, 4) and weights (D, H, H, 4); got (${gatesX.shape.join(', ')}) and (${whh.shape.join(', ')}).`,
      );
    }
    return [
      { shape: [n, t, d * h], dtype: 'f32' },
      { shape: [n, t, d, h], dtype: 'f32' },
      { shape: [n, t, d, h, 4], dtype: 'f32' },
    ];
  },
  gradient: ({ inputs, outputs: [out, c, gates], attrs, grads, needs }) => {
    if (grads[1] || grads[2])
      throw new GradientError('lstm: only the hidden states have a gradient, not cells and gates.');
    if (!grads[0]) return inputs.map(() => null);
    const [gatesX, whh] = inputs;
    const h0 = attrs.hasState ? inputs[2] : undefined;
    const lengths = attrs.hasLengths ? inputs[inputs.length - 1] : undefined;
    const [n, t, d, h] = gatesX.shape;
    const results = recordAll(
      lstmGradOp,
      [
        grads[0],
        whh.permute([0, 2, 1, 3]),
        c,
        gates,
        ...(attrs.hasState ? [inputs[3]] : []),
        ...(lengths ? [lengths] : []),
      ],
      attrs,
    );
    const dGates = results[0];
    // dWhh[d][k][j][gate] = Σ_{n, t} h_{before t}[k] · dGates[t][j, gate]: a matmul over all steps.
    const dWhh = () => {
      const before = hiddenBefore(out.reshape([n, t, d, h]), h0, lengths);
      return before
        .permute([2, 0, 1, 3])
        .reshape([d, n * t, h])
        .matmul(dGates.permute([2, 0, 1, 3, 4]).reshape([d, n * t, h * 4]), { transposeA: true })
        .reshape([d, h, h, 4]);
    };
    return [
      dGates,
      needs[1] ? dWhh() : null,
      ...(attrs.hasState ? [results[1], results[2]] : []),
      ...(lengths ? [null] : []),
    ];
  },
};

/** h of the step before, for each position: (N, T, D, H). */
function hiddenBefore(out: Tensor, h0: Tensor | undefined, lengths: Tensor | undefined): Tensor {
  const [n, t, d, h] = out.shape;
  return concat(
    Array.from({ length: d }, (_, dir) => {
      const own = out.slice(2, dir, dir + 1);
      const start = h0
        ? h0
            .slice(0, dir, dir + 1)
            .permute([1, 0, 2])
            .reshape([n, 1, 1, h])
        : undefined;
      if (dir === 0) {
        return start ? concat([start, own.slice(1, 0, t - 1)], 1) : own.slice(1, 0, t - 1).pad(1, 1, 0);
      }
      // In reverse the step before is position t + 1; the first step of a row is its last valid position.
      const later = start ? concat([own.slice(1, 1), start], 1) : own.slice(1, 1).pad(1, 0, 1);
      if (!lengths || !start) return later;
      const last = lengths.cast('f32').sub(1).reshape([n, 1, 1, 1]);
      return where(iota([n, t, 1, 1], 1).eq(last), start, later);
    }),
    2,
  );
}

/** Inputs dOut, whh with its units swapped, c, gates, [c0], [lengths]; outputs dGates, [dh0, dc0]. */
export const lstmGradOp: KernelOp<LstmAttrs> = {
  kind: 'kernel',
  name: 'lstmGrad',
  kernel: gradKernel,
  shape: ([, , c, gates], attrs) => {
    const [n, , d, h] = c.shape;
    const state = { shape: [d, n, h], dtype: 'f32' } as const;
    return [{ shape: gates.shape, dtype: 'f32' }, ...(attrs.hasState ? [state, state] : [])];
  },
  gradient: () => {
    throw new GradientError('lstm has no second derivative.');
  },
};

export interface LstmOptions {
  /** (D, N, H); both or neither. */
  readonly h0?: Tensor;
  readonly c0?: Tensor;
  /** Valid steps of each row, (N) u32; outputs behind them are 0, and the reverse direction begins at the last valid one. */
  readonly lengths?: Tensor;
}

/**
 * @param x (N, T, F) @param wih (F, D·H·4) @param whh (D, H, H, 4), from unit, to unit, gate @param bias (D·H·4)
 * @returns hidden states (N, T, D·H) and cells (N, T, D, H)
 */
export function lstm(
  x: Tensor,
  wih: Tensor,
  whh: Tensor,
  bias: Tensor,
  options: LstmOptions = {},
): { output: Tensor; cells: Tensor } {
  const { h0, c0, lengths } = options;
  if (x.rank !== 3) throw new ShapeError(`lstm: expects x (N, T, F), got (${x.shape.join(', ')}).`);
  if (!h0 !== !c0) throw new ShapeError('lstm: give both h0 and c0, or neither.');
  const [n, t] = x.shape;
  const [d, h] = whh.shape;
  if (lengths && (lengths.dtype !== 'u32' || lengths.rank !== 1 || lengths.shape[0] !== n)) {
    throw new DTypeError(
      `lstm: lengths must be u32 of shape (${n},); got ${lengths.dtype} (${lengths.shape.join(', ')}).`,
    );
  }
  const gatesX = x.matmul(wih).add(bias).reshape([n, t, d, h, 4]);
  const inputs = [gatesX, whh, ...(h0 && c0 ? [h0, c0] : []), ...(lengths ? [lengths] : [])];
  const [output, cells] = recordAll(lstmOp, inputs, { hasLengths: !!lengths, hasState: !!h0 });
  return { output, cells };
}
