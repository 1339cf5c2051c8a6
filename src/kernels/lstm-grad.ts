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
 * `step`: two dispatches a time step, last step first, no barriers: the product of lstm.ts over 4·H terms, a lane being four units, and then
 * the cells, an invocation a unit. For the product the weights are laid out once as [d][to][gate][from], and the dGates of the step after
 * are kept a second time as (D, H, 4, rows), both read as vec4: on a software driver five times as fast as dot products over the gates.
 * `persistent`: one dispatch; a workgroup owns a direction and four rows for all T and reads back its own dGates of the step after, past a
 * storageBarrier. In both, `hasState` adds a last small dispatch that carries the gradient over to h0 and c0.
 */
import {
  defineLaunch,
  input,
  output,
  temp,
  u32,
  type Binding,
  type Kernel,
  type Launch,
  type LaunchPlan,
  type Problem,
} from './launch.js';
import {
  eachRow,
  atStep,
  lstmSizes,
  PERSISTENT_ROWS,
  PERSISTENT_WORKGROUP,
  productLaunch,
  sequenceFunctions,
  sizeParams,
  STEP_WORKGROUP,
  type LstmAttrs,
  type LstmSizes,
  workLayout,
} from './lstm.js';
import { wgslMath } from './math.js';

const sizesOf = (problem: Problem<LstmAttrs>): LstmSizes => lstmSizes(problem.inputs[3].shape);

const outGradient: Binding = { name: 'd_out', type: 'f32', ref: input(0) };
const weights: Binding = { name: 'whh_t', type: 'vec4<f32>', ref: input(1) };
const dGates: Binding = { name: 'd_gates', type: 'vec4<f32>', ref: output(0) };
const lengthsOf = ({ hasLengths, hasState }: LstmAttrs): Binding[] =>
  hasLengths ? [{ name: 'lengths', type: 'u32', ref: input(hasState ? 5 : 4) }] : [];
const forwardResults = ({ hasState }: LstmAttrs): Binding[] => [
  { name: 'c', type: 'f32', ref: input(2) },
  { name: 'gates', type: 'vec4<f32>', ref: input(3) },
  ...(hasState ? [{ name: 'c0', type: 'f32', ref: input(4) }] : []),
];

/** dc·f of each unit, (D, N, H), waiting for the step before. */
const carry: Binding = { name: 'carry', type: 'f32', ref: temp(1) };
const carryBytes = ({ directions, rows, hidden }: LstmSizes): number => 4 * directions * rows * hidden;

const cellFunction = (hasState: boolean): string => `
/** The gradients at one unit's gates, given the sum that came back through the weights; keeps dc·f for the step before. */
fn cell_gradient(n: u32, d: u32, j: u32, step: u32, sum: f32) -> vec4<f32> {
  let len = length_of(n);
  let at = base_of(n, len, step, d) + j;
  if (step >= len) {
    d_gates[at] = vec4<f32>(0.0);
    return vec4<f32>(0.0);
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
  let result = vec4<f32>(
    dc * g.z * (g.x * (1.0 - g.x)),
    dc * before * (g.y * (1.0 - g.y)),
    dc * g.x * (1.0 - g.z * g.z),
    dh * t * (g.w * (1.0 - g.w)));
  d_gates[at] = result;
  carry[state] = dc * g.y;
  return result;
}`;

const declarationsOf = ({ hasLengths, hasState }: LstmAttrs): string =>
  [wgslMath('tanh_'), sequenceFunctions(hasLengths), cellFunction(hasState)].join('\n');

/** WGSL that adds up what comes back from the step at `from`_r through the weights, into `sum`_r. */
const accumulate = (block: number, indent: string): string =>
  `var w = d * p.hidden * p.hidden + j;
for (var k = 0u; k < p.hidden; k++) {
  let weight = whh_t[w];
${eachRow(block, (r) => `  sum${r} += dot(weight, d_gates[from${r} + k]);`)}
  w += p.hidden;
}`.replace(/^/gm, indent);

const list = (block: number): string => Array.from({ length: block }, (_, r) => `sum${r}`).join(', ');

function stepPlan(problem: Problem<LstmAttrs>): LaunchPlan {
  const { attrs } = problem;
  const sizes = sizesOf(problem);
  const { rows, directions, hidden, steps } = sizes;
  const quads = Math.ceil(hidden / 4);
  const layout = workLayout(sizes, quads, hidden * 4);
  const work: Binding = { name: 'work', type: 'f32', ref: temp(0) };
  const packed = temp(2);
  const pack = defineLaunch({
    name: 'lstmGrad.pack',
    bindings: [weights, { name: 'packed_weights', type: 'f32', ref: packed }],
    params: [...sizeParams(sizes), u32('padded', quads * 4)],
    workgroupSize: [STEP_WORKGROUP, 1, 1],
    body: `
  let k = gid.x;
  let to = wid.z * p.hidden + wid.y;
  if (k >= p.padded) { return; }
  var weight = vec4<f32>(0.0);
  if (k < p.hidden) { weight = whh_t[to * p.hidden + k]; }
  let at = to * 4u * p.padded + k;
  packed_weights[at] = weight.x;
  packed_weights[at + p.padded] = weight.y;
  packed_weights[at + 2u * p.padded] = weight.z;
  packed_weights[at + 3u * p.padded] = weight.w;`,
    grid: [Math.ceil((quads * 4) / STEP_WORKGROUP), hidden, directions],
  });
  const product = productLaunch(layout, packed);
  const cells = defineLaunch({
    name: 'lstmGrad.cell',
    bindings: [outGradient, ...forwardResults(attrs), ...lengthsOf(attrs), dGates, carry, work],
    params: [
      ...sizeParams(sizes),
      u32('padded', layout.blocks * 4),
      u32('sums', layout.sums),
      u32('quads', quads),
      u32('step', 0),
    ],
    workgroupSize: [STEP_WORKGROUP, 1, 1],
    declarations: declarationsOf(attrs),
    body: `
  let j = gid.x;
  let n = wid.y;
  let d = wid.z;
  if (j >= p.hidden) { return; }
  // Past a row's end the kept dGates are zeros, so nothing comes back from there.
  var sum = 0.0;
  if (p.step + 1u < p.steps) { sum = work[p.sums + (d * p.padded + n) * p.quads * 4u + j]; }
  let result = cell_gradient(n, d, j, p.step, sum);
  let at = (d * p.hidden + j) * 4u * p.padded + n;
  work[at] = result.x;
  work[at + p.padded] = result.y;
  work[at + 2u * p.padded] = result.z;
  work[at + 3u * p.padded] = result.w;`,
    grid: [Math.ceil(hidden / STEP_WORKGROUP), rows, directions],
  });
  const launches: Launch[] = [pack];
  for (let step = steps - 1; step >= 0; step--) {
    if (step < steps - 1) launches.push(product);
    launches.push(atStep(cells, step));
  }
  if (attrs.hasState) launches.push(initialLaunch(problem));
  return { launches, temps: [layout.bytes, carryBytes(sizes), directions * hidden * quads * 64] };
}

function persistentPlan(problem: Problem<LstmAttrs>): LaunchPlan {
  const { attrs } = problem;
  const sizes = sizesOf(problem);
  const block = PERSISTENT_ROWS;
  const through = defineLaunch({
    name: 'lstmGrad.persistent',
    bindings: [outGradient, weights, ...forwardResults(attrs), ...lengthsOf(attrs), dGates, carry],
    params: sizeParams(sizes),
    workgroupSize: [PERSISTENT_WORKGROUP, 1, 1],
    declarations: declarationsOf(attrs),
    body: `
  let d = wid.y;
  let row = wid.x * ${block}u;
  let live = select(p.rows - row, ${block}u, p.rows - row > ${block}u);
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
      for (var r = 0u; r < live; r++) { cell_gradient(row + r, d, j, step, sums[r]); }
    }
    storageBarrier();
  }`,
    grid: [Math.ceil(sizes.rows / block), sizes.directions, 1],
  });
  return {
    launches: attrs.hasState ? [through, initialLaunch(problem)] : [through],
    // Temporary 0 is the step variant's and not bound here.
    temps: [4, carryBytes(sizes)],
  };
}

/** From the first step's dGates and the kept dc·f to the gradients of h0 and c0. */
function initialLaunch(problem: Problem<LstmAttrs>): Launch {
  const { attrs } = problem;
  const sizes = sizesOf(problem);
  return defineLaunch({
    name: 'lstmGrad.initial',
    bindings: [
      weights,
      ...lengthsOf(attrs),
      dGates,
      carry,
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
  });
}

export const lstmGrad: Kernel<LstmAttrs> = {
  name: 'lstmGrad',
  fusesEpilogue: false,
  variants: () => ['step', 'persistent'],
  choose: ({ device }) => (device.kind === 'hardware' ? 'persistent' : 'step'),
  launch(problem): LaunchPlan {
    const { rows, steps, hidden } = sizesOf(problem);
    if (rows * steps * hidden === 0) return { launches: [] };
    return (problem.variant ?? lstmGrad.choose(problem)) === 'persistent' ? persistentPlan(problem) : stepPlan(problem);
  },
  cost(problem) {
    const { rows, steps, directions, hidden } = sizesOf(problem);
    const units = rows * steps * directions * hidden;
    return { flops: units * (8 * hidden + 60), bytes: 4 * (units * 12 + steps * directions * hidden * hidden * 4) };
  },
};
