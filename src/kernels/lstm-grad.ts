/**
 * Backward pass of `lstm` through time (Graves, "Supervised sequence labelling with recurrent neural networks", 2012, §4.6).
 *
 * Inputs: dOut (N, T, D·H), whhT (D, H, H, 4) indexed [d][to][from][gate], c (N, T, D, H), gates (N, T, D, H, 4) as `lstm` gave them, with `hasState`
 * c0 (D, N, H), with `hasLengths` lengths (N) u32. Outputs: dGates (N, T, D, H, 4), the gradient at the gates before σ and tanh, which is
 * the gradient of gatesX too, and with `hasState` dh0 (D, N, H), dc0 (D, N, H). The gradients of the weights are matmuls over dGates
 * elsewhere. A temporary (D, N, H) holds the cell's gradient on its way back. Padding gets zeros; a row of length 0 has dh0 = dc0 = 0.
 *
 *   dh = dOut[t] + dGates[t+1]·Whhᵀ        dc = dc[t+1]·f[t+1] + dh·o·(1 − tanh²c)
 *   di = dc·g·i(1−i)    df = dc·c[t−1]·f(1−f)    dg = dc·i·(1−g²)    do = dh·tanh(c)·o(1−o)
 *
 * Work is cut as in lstm.ts. `step`: a dispatch a time step, last step first; an invocation owns one unit and a block of batch rows, sums
 * over the units j that it feeds (one vec4 of weights against the rows' dGates, uniform over the workgroup), then does the cell.
 * `persistent`: one dispatch; a workgroup owns a direction and four rows for all T and reads back its own dGates of the step before, past a
 * storageBarrier. With `hasState` a last small dispatch carries the gradient over to h0 and c0.
 */
import {
  defineLaunch,
  input,
  output,
  temp,
  u32,
  type Binding,
  type Kernel,
  type LaunchPlan,
  type Problem,
} from './launch.js';
import {
  eachRow,
  eachStep,
  lstmSizes,
  PERSISTENT_ROWS,
  PERSISTENT_WORKGROUP,
  rowsPerInvocation,
  sequenceFunctions,
  sizeParams,
  STEP_WORKGROUP,
  type LstmAttrs,
  type LstmSizes,
} from './lstm.js';
import { wgslMath } from './math.js';

const sizesOf = (problem: Problem<LstmAttrs>): LstmSizes => lstmSizes(problem.inputs[3].shape);

function bindingsOf({ hasState, hasLengths }: LstmAttrs): Binding[] {
  const bindings: Binding[] = [
    { name: 'd_out', type: 'f32', ref: input(0) },
    { name: 'whh_t', type: 'vec4<f32>', ref: input(1) },
    { name: 'c', type: 'f32', ref: input(2) },
    { name: 'gates', type: 'vec4<f32>', ref: input(3) },
  ];
  if (hasState) bindings.push({ name: 'c0', type: 'f32', ref: input(4) });
  if (hasLengths) bindings.push({ name: 'lengths', type: 'u32', ref: input(hasState ? 5 : 4) });
  bindings.push({ name: 'd_gates', type: 'vec4<f32>', ref: output(0) }, { name: 'carry', type: 'f32', ref: temp(0) });
  return bindings;
}

const cellFunction = (hasState: boolean): string => `
/** The gradients at one unit's gates, given the sum that came back through the weights; keeps dc·f for the step before. */
fn cell_gradient(n: u32, d: u32, j: u32, step: u32, sum: f32) {
  let len = length_of(n);
  let at = base_of(n, len, step, d) + j;
  if (step >= len) {
    d_gates[at] = vec4<f32>(0.0);
    return;
  }
  let state = (d * p.rows + n) * p.hidden + j;
  var before = 0.0;
  if (step > 0u) { before = c[base_of(n, len, step - 1u, d) + j]; }${hasState ? '\n  else { before = c0[state]; }' : ''}
  var dc = 0.0;
  if (step + 1u < len) { dc = carry[state]; }
  let g = gates[at];
  let t = tanh_(c[at]);
  let dh = d_out[at] + sum;
  dc += dh * g.w * (1.0 - t * t);
  d_gates[at] = vec4<f32>(
    dc * g.z * (g.x * (1.0 - g.x)),
    dc * before * (g.y * (1.0 - g.y)),
    dc * g.x * (1.0 - g.z * g.z),
    dh * t * (g.w * (1.0 - g.w)));
  carry[state] = dc * g.y;
}`;

/** WGSL that adds up what comes back from the step at `from`_r through the weights, into `sum`_r. */
const accumulate = (block: number, indent: string): string =>
  `var w = d * p.hidden * p.hidden + j;
for (var k = 0u; k < p.hidden; k++) {
  let weight = whh_t[w];
${eachRow(block, (r) => `  sum${r} += dot(weight, d_gates[from${r} + k]);`)}
  w += p.hidden;
}`.replace(/^/gm, indent);

const list = (block: number): string => Array.from({ length: block }, (_, r) => `sum${r}`).join(', ');

function stepPlan(problem: Problem<LstmAttrs>): LaunchPlan['launches'] {
  const { attrs } = problem;
  const sizes = sizesOf(problem);
  const block = rowsPerInvocation(sizes.rows);
  const launch = defineLaunch({
    name: `lstmGrad.step${block}`,
    bindings: bindingsOf(attrs),
    params: [...sizeParams(sizes), u32('step', 0)],
    workgroupSize: [STEP_WORKGROUP, 1, 1],
    declarations: [wgslMath('tanh_'), sequenceFunctions(attrs.hasLengths), cellFunction(attrs.hasState)].join('\n'),
    body: `
  let j = gid.x;
  let d = wid.z;
  let row = wid.y * ${block}u;
  if (j >= p.hidden) { return; }
${eachRow(block, (r) => `  var sum${r} = 0.0;`)}
  if (p.step + 1u < p.steps) {
    // Past a row's end the step after is padding, whose dGates are zero already.
${eachRow(
  block,
  (r) =>
    `    let n${r} = min(row + ${r}u, p.rows - 1u); let from${r} = base_of(n${r}, length_of(n${r}), p.step + 1u, d);`,
)}
${accumulate(block, '    ')}
  }
  var sums = array<f32, ${block}>(${list(block)});
  for (var r = 0u; r < min(${block}u, p.rows - row); r++) { cell_gradient(row + r, d, j, p.step, sums[r]); }`,
    grid: [Math.ceil(sizes.hidden / STEP_WORKGROUP), Math.ceil(sizes.rows / block), sizes.directions],
  });
  return eachStep(
    launch,
    Array.from({ length: sizes.steps }, (_, s) => sizes.steps - 1 - s),
  );
}

function persistentPlan(problem: Problem<LstmAttrs>): LaunchPlan['launches'] {
  const { attrs } = problem;
  const sizes = sizesOf(problem);
  const block = PERSISTENT_ROWS;
  return [
    defineLaunch({
      name: 'lstmGrad.persistent',
      bindings: bindingsOf(attrs),
      params: sizeParams(sizes),
      workgroupSize: [PERSISTENT_WORKGROUP, 1, 1],
      declarations: [wgslMath('tanh_'), sequenceFunctions(attrs.hasLengths), cellFunction(attrs.hasState)].join('\n'),
      body: `
  let d = wid.y;
  let row = wid.x * ${block}u;
${eachRow(block, (r) => `  let n${r} = min(row + ${r}u, p.rows - 1u); let len${r} = length_of(n${r});`)}
  for (var left = p.steps; left > 0u; left--) {
    let step = left - 1u;
    for (var j = lindex; j < p.hidden; j += ${PERSISTENT_WORKGROUP}u) {
${eachRow(block, (r) => `      var sum${r} = 0.0;`)}
      if (left < p.steps) {
${eachRow(block, (r) => `        let from${r} = base_of(n${r}, len${r}, left, d);`)}
${accumulate(block, '        ')}
      }
      var sums = array<f32, ${block}>(${list(block)});
      for (var r = 0u; r < min(${block}u, p.rows - row); r++) { cell_gradient(row + r, d, j, step, sums[r]); }
    }
    storageBarrier();
  }`,
      grid: [Math.ceil(sizes.rows / block), sizes.directions, 1],
    }),
  ];
}

/** From the first step's dGates and the kept dc·f to the gradients of h0 and c0. */
function initialLaunch(problem: Problem<LstmAttrs>): LaunchPlan['launches'] {
  const { attrs } = problem;
  const sizes = sizesOf(problem);
  return [
    defineLaunch({
      name: 'lstmGrad.initial',
      bindings: [
        { name: 'whh_t', type: 'vec4<f32>', ref: input(1) },
        ...(attrs.hasLengths ? [{ name: 'lengths', type: 'u32', ref: input(5) }] : []),
        { name: 'd_gates', type: 'vec4<f32>', ref: output(0) },
        { name: 'carry', type: 'f32', ref: temp(0) },
        { name: 'dh0', type: 'f32', ref: output(1) },
        { name: 'dc0', type: 'f32', ref: output(2) },
      ],
      params: sizeParams(sizes),
      workgroupSize: [STEP_WORKGROUP, 1, 1],
      declarations: sequenceFunctions(attrs.hasLengths),
      body: `
  let j = gid.x;
  let d = wid.z;
  if (j >= p.hidden) { return; }
  let n = wid.y;
  let len = length_of(n);
  let state = (d * p.rows + n) * p.hidden + j;
  var sum0 = 0.0;
  var dc = 0.0;
  if (len > 0u) {
    dc = carry[state];
    let from0 = base_of(n, len, 0u, d);
${accumulate(1, '    ')}
  }
  dh0[state] = sum0;
  dc0[state] = dc;`,
      grid: [Math.ceil(sizes.hidden / STEP_WORKGROUP), sizes.rows, sizes.directions],
    }),
  ];
}

export const lstmGrad: Kernel<LstmAttrs> = {
  name: 'lstmGrad',
  fusesEpilogue: false,
  variants: () => ['step', 'persistent'],
  choose: ({ device }) => (device.kind === 'hardware' ? 'persistent' : 'step'),
  launch(problem): LaunchPlan {
    const { rows, steps, directions, hidden } = sizesOf(problem);
    if (rows * hidden === 0) return { launches: [] };
    const through =
      steps === 0
        ? []
        : (problem.variant ?? lstmGrad.choose(problem)) === 'persistent'
          ? persistentPlan(problem)
          : stepPlan(problem);
    return {
      launches: problem.attrs.hasState ? [...through, ...initialLaunch(problem)] : through,
      temps: [4 * directions * rows * hidden],
    };
  },
  cost(problem) {
    const { rows, steps, directions, hidden } = sizesOf(problem);
    const units = rows * steps * directions * hidden;
    return { flops: units * (8 * hidden + 60), bytes: 4 * (units * 12 + steps * directions * hidden * hidden * 4) };
  },
};
