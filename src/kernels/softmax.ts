/**
 * Softmax and log-softmax over the last axis: x (R, C) → (R, C), each row shifted by its maximum first, so that nothing overflows.
 *
 * `rows`: an invocation walks one row three times (maximum, sum, result). Right for few columns and for software drivers: no barriers.
 * `workgroup`: 64 invocations share a row; each takes every 64th column, maximum and sum are folded in a tree in workgroup memory
 * (Harris, "Optimizing parallel reduction in CUDA", 2007). Right for long rows on real hardware.
 */
import { defineLaunch, flatIndex, gridFor, input, numel, output, u32, type Kernel, type LaunchPlan } from './launch.js';
import { wgslMath } from './math.js';

const WORKGROUP = 64;

export type SoftmaxAttrs = Readonly<Record<string, never>>;

const LONG_ROW = 256;

const rowsBody = (result: string): string => `
  let row = ${flatIndex(WORKGROUP)};
  if (row >= p.rows) { return; }
  let first = row * p.columns;
  var peak = x[first];
  for (var c = 1u; c < p.columns; c++) { peak = max(peak, x[first + c]); }
  var sum = 0.0;
  for (var c = 0u; c < p.columns; c++) { sum += exp_(x[first + c] - peak); }
  for (var c = 0u; c < p.columns; c++) {
    let shifted = x[first + c] - peak;
    result[first + c] = ${result};
  }`;

const workgroupBody = (result: string): string => `
  let row = wid.y * nwg.x + wid.x;
  let inside = row < p.rows;
  let first = min(row, p.rows - 1u) * p.columns;
  var peak = x[first];
  for (var c = lindex; c < p.columns; c += ${WORKGROUP}u) { peak = max(peak, x[first + c]); }
  shared_values[lindex] = peak;
  for (var half = ${WORKGROUP / 2}u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lindex < half) { shared_values[lindex] = max(shared_values[lindex], shared_values[lindex + half]); }
  }
  workgroupBarrier();
  peak = shared_values[0];
  workgroupBarrier();
  var part = 0.0;
  for (var c = lindex; c < p.columns; c += ${WORKGROUP}u) { part += exp_(x[first + c] - peak); }
  shared_values[lindex] = part;
  for (var half = ${WORKGROUP / 2}u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lindex < half) { shared_values[lindex] += shared_values[lindex + half]; }
  }
  workgroupBarrier();
  let sum = shared_values[0];
  if (!inside) { return; }
  for (var c = lindex; c < p.columns; c += ${WORKGROUP}u) {
    let shifted = x[first + c] - peak;
    result[first + c] = ${result};
  }`;

function rowKernel(name: string, result: string, functions: readonly string[]): Kernel<SoftmaxAttrs> {
  return {
    name,
    fusesEpilogue: false,
    variants: () => ['rows', 'workgroup'],
    choose: ({ device, inputs }) =>
      device.kind === 'hardware' && inputs[0].shape[1] >= LONG_ROW ? 'workgroup' : 'rows',
    launch(problem): LaunchPlan {
      const [rows, columns] = problem.inputs[0].shape;
      if (rows * columns === 0) return { launches: [] };
      const byWorkgroup = (problem.variant ?? this.choose(problem)) === 'workgroup';
      return {
        launches: [
          defineLaunch({
            name: `${name}.${byWorkgroup ? 'workgroup' : 'rows'}`,
            bindings: [
              { name: 'x', type: 'f32', ref: input(0) },
              { name: 'result', type: 'f32', ref: output(0) },
            ],
            params: [u32('rows', rows), u32('columns', columns)],
            workgroupSize: [WORKGROUP, 1, 1],
            declarations:
              (byWorkgroup ? `var<workgroup> shared_values: array<f32, ${WORKGROUP}>;\n` : '') + wgslMath(...functions),
            body: byWorkgroup ? workgroupBody(result) : rowsBody(result),
            grid: gridFor(rows, byWorkgroup ? 1 : WORKGROUP),
          }),
        ],
      };
    },
    cost(problem) {
      const n = numel(problem.inputs[0].shape);
      return { flops: 25 * n, bytes: 8 * n };
    },
  };
}

export const softmax = rowKernel('softmax', 'exp_(shifted) / sum', ['exp_']);
export const logSoftmax = rowKernel('logSoftmax', 'shifted - log_(sum)', ['exp_', 'log_']);
