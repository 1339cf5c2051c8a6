/**
 * Softmax cross-entropy with integer labels and label smoothing ε (Szegedy and others, "Rethinking the Inception architecture", 2016), as
 * PyTorch defines it: with p = softmax(logits), loss = (1 − ε)·(−log p[y]) + ε/C·Σⱼ(−log p[j]).
 *
 * `crossEntropy`: logits (R, C), labels (R) i32, scalar input 2 = ε → loss (R).
 * `crossEntropyGrad`: logits, labels, dLoss (R), scalar input 3 = ε → (R, C): dLoss·(p[j] − (1 − ε)·[j = y] − ε/C).
 * A label of −1 marks a row that is left out (padding): loss and gradient are 0. So are those of any other label outside of 0 … C − 1, which
 * the host refuses where it can see the labels.
 *
 * An invocation walks one row: maximum, then sums. Classes are few here, and softmax and loss in one pass save storing the probabilities.
 */
import {
  defineLaunch,
  f32,
  flatIndex,
  gridFor,
  input,
  numel,
  output,
  u32,
  type Kernel,
  type LaunchPlan,
} from './launch.js';
import { wgslMath } from './math.js';

const WORKGROUP = 64;

type Attrs = Readonly<Record<string, never>>;

const rowStart = `
  let row = ${flatIndex(WORKGROUP)};
  if (row >= p.rows) { return; }
  let label = labels[row];
  let first = row * p.columns;
  let counts = label >= 0 && label < i32(p.columns);`;

const rowSum = `
  var peak = logits[first];
  for (var c = 1u; c < p.columns; c++) { peak = max(peak, logits[first + c]); }
  var sum = 0.0;
  for (var c = 0u; c < p.columns; c++) { sum += exp_(logits[first + c] - peak); }`;

export const crossEntropy: Kernel<Attrs> = {
  name: 'crossEntropy',
  fusesEpilogue: false,
  variants: () => ['rows'],
  choose: () => 'rows',
  launch(problem): LaunchPlan {
    const [rows, columns] = problem.inputs[0].shape;
    if (rows * columns === 0) return { launches: [] };
    return {
      launches: [
        defineLaunch({
          name: 'crossEntropy.rows',
          bindings: [
            { name: 'logits', type: 'f32', ref: input(0) },
            { name: 'labels', type: 'i32', ref: input(1) },
            { name: 'loss', type: 'f32', ref: output(0) },
          ],
          params: [u32('rows', rows), u32('columns', columns), f32('smoothing', { scalarInput: 2 })],
          workgroupSize: [WORKGROUP, 1, 1],
          declarations: wgslMath('exp_', 'log_'),
          body: `${rowStart}
  if (!counts) {
    loss[row] = 0.0;
    return;
  }
${rowSum}
  // −log p[j] = log Σ − (x[j] − peak).
  let log_sum = log_(sum);
  let picked = log_sum - (logits[first + u32(label)] - peak);
  var spread = 0.0;
  for (var c = 0u; c < p.columns; c++) { spread += log_sum - (logits[first + c] - peak); }
  loss[row] = (1.0 - p.smoothing) * picked + p.smoothing * (spread / f32(p.columns));`,
          grid: gridFor(rows, WORKGROUP),
        }),
      ],
    };
  },
  cost(problem) {
    const n = numel(problem.inputs[0].shape);
    return { flops: 18 * n, bytes: 4 * n + 8 * problem.inputs[0].shape[0] };
  },
};

export const crossEntropyGrad: Kernel<Attrs> = {
  name: 'crossEntropyGrad',
  fusesEpilogue: false,
  variants: () => ['rows'],
  choose: () => 'rows',
  launch(problem): LaunchPlan {
    const [rows, columns] = problem.inputs[0].shape;
    if (rows * columns === 0) return { launches: [] };
    return {
      launches: [
        defineLaunch({
          name: 'crossEntropyGrad.rows',
          bindings: [
            { name: 'logits', type: 'f32', ref: input(0) },
            { name: 'labels', type: 'i32', ref: input(1) },
            { name: 'd_loss', type: 'f32', ref: input(2) },
            { name: 'result', type: 'f32', ref: output(0) },
          ],
          params: [u32('rows', rows), u32('columns', columns), f32('smoothing', { scalarInput: 3 })],
          workgroupSize: [WORKGROUP, 1, 1],
          declarations: wgslMath('exp_'),
          body: `${rowStart}
  if (!counts) {
    for (var c = 0u; c < p.columns; c++) { result[first + c] = 0.0; }
    return;
  }
${rowSum}
  let scale = d_loss[row];
  let share = p.smoothing / f32(p.columns);
  for (var c = 0u; c < p.columns; c++) {
    let truth = share + select(0.0, 1.0 - p.smoothing, c == u32(label));
    result[first + c] = scale * (exp_(logits[first + c] - peak) / sum - truth);
  }`,
          grid: gridFor(rows, WORKGROUP),
        }),
      ],
    };
  },
  cost(problem) {
    const n = numel(problem.inputs[0].shape);
    return { flops: 25 * n, bytes: 8 * n + 8 * problem.inputs[0].shape[0] };
  },
};
