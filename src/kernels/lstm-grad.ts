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
 * `step`: a dispatch a time step, last step first, no barriers. An invocation owns four units and a block of eight (four) batch rows and does
 * a small matrix product over 4·H terms, a vec4 of weights times eight rows a term (register blocking). For that the weights are laid out once
 * as [d][to][gate][from], and the dGates of the step after are kept a second time as (D, H, 4, rows), both read as vec4. On a software driver
 * this is five times as fast as dot products over vec4 of gates.
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
  type Param,
  type Problem,
} from './launch.js';
import {
  eachRow,
  eachStep,
  lstmSizes,
  overRows,
  PERSISTENT_ROWS,
  PERSISTENT_WORKGROUP,
  rowBlocks,
  sequenceFunctions,
  sizeParams,
  type LstmAttrs,
  type LstmSizes,
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

/** Where the dc·f of unit `j` in rows n … n + 3 waits for the step before: the temporary's type, and WGSL that reads and writes it. */
interface Carry {
  readonly binding: Binding;
  /** Expression: a vec4 over the rows. */
  readonly load: string;
  /** Statement that keeps the vec4 `kept`. */
  readonly store: string;
  /** Expression: that of row `n` alone. */
  readonly one: string;
}

const cellsFunction = (hasState: boolean, carry: Carry): string => `
/**
 * Four rows at once: the gradients at the gates of unit j in rows n … n + 3, given the sums that came back through the weights; keeps dc·f
 * for the step before. Gives a column for each gate, zero past a row's end.
 */
fn cells_gradient(n: u32, d: u32, j: u32, step: u32, sum: vec4<f32>) -> mat4x4<f32> {
${eachRow(4, (r) => `  let n${r} = min(n + ${r}u, p.rows - 1u); let len${r} = length_of(n${r}); let at${r} = base_of(n${r}, len${r}, step, d) + j;`)}
  let inside = vec4<bool>(${[0, 1, 2, 3].map((r) => `step < len${r}`).join(', ')});
  var before = vec4<f32>();
  if (step > 0u) { before = ${overRows((r) => `c[base_of(n${r}, len${r}, step - 1u, d) + j]`)}; }${
    hasState ? `\n  else { before = ${overRows((r) => `c0[(d * p.rows + n${r}) * p.hidden + j]`)}; }` : ''
  }
  var after = vec4<f32>();
  if (step + 1u < p.steps) { after = select(after, ${carry.load}, vec4<bool>(${[0, 1, 2, 3].map((r) => `step + 1u < len${r}`).join(', ')})); }
${eachRow(4, (r) => `  let gate${r} = gates[at${r}];`)}
  let i = ${overRows((r) => `gate${r}.x`)};
  let f = ${overRows((r) => `gate${r}.y`)};
  let g = ${overRows((r) => `gate${r}.z`)};
  let o = ${overRows((r) => `gate${r}.w`)};
  let t = tanh4_(${overRows((r) => `c[at${r}]`)});
  let dh = ${overRows((r) => `d_out[at${r}]`)} + sum;
  let dc = after + dh * o * (1.0 - t * t);
  let zero = vec4<f32>();
  let result = mat4x4<f32>(
    select(zero, dc * g * (i * (1.0 - i)), inside),
    select(zero, dc * before * (f * (1.0 - f)), inside),
    select(zero, dc * i * (1.0 - g * g), inside),
    select(zero, dh * t * (o * (1.0 - o)), inside));
${eachRow(
  4,
  (r) =>
    `  if (n + ${r}u < p.rows) { d_gates[at${r}] = vec4<f32>(${[0, 1, 2, 3].map((g) => `result[${g}][${r}]`).join(', ')}); }`,
)}
  let kept = dc * f;
  ${carry.store}
  return result;
}`;

const declarationsOf = ({ hasLengths, hasState }: LstmAttrs, carry: Carry): string =>
  [wgslMath('tanh4_'), sequenceFunctions(hasLengths), cellsFunction(hasState, carry)].join('\n');

/** WGSL that adds up what comes back from the step at `from`_r through the weights, into `sum`_r. */
const accumulate = (block: number, indent: string): string =>
  `var w = d * p.hidden * p.hidden + j;
for (var k = 0u; k < p.hidden; k++) {
  let weight = whh_t[w];
${eachRow(block, (r) => `  sum${r} += dot(weight, d_gates[from${r} + k]);`)}
  w += p.hidden;
}`.replace(/^/gm, indent);

const list = (block: number): string => Array.from({ length: block }, (_, r) => `sum${r}`).join(', ');

/** Units of an invocation of the `step` variant: the lanes of a vec4 of weights. */
const UNITS = 4;
const STEP_WORKGROUP = 32;

/** The step variant's temporary 0: two halves of dGates as (D, H, 4, rows), then dc·f as (D, H, rows); vec4 over the rows. */
const WORK_CARRY = 'work[(p.directions * p.hidden * 8u + d * p.hidden + j) * p.blocks + n / 4u]';
const stepCarry: Carry = {
  binding: { name: 'work', type: 'vec4<f32>', ref: temp(0) },
  load: WORK_CARRY,
  store: `${WORK_CARRY} = kept;`,
  one: `${WORK_CARRY}[n % 4u]`,
};

function stepPlan(problem: Problem<LstmAttrs>): LaunchPlan {
  const { attrs } = problem;
  const sizes = sizesOf(problem);
  const { rows, directions, hidden, steps } = sizes;
  const { block, blocks } = rowBlocks(rows);
  const quads = Math.ceil(hidden / UNITS);
  const params = [...sizeParams(sizes), u32('blocks', blocks), u32('quads', quads)];
  const packed: Binding = { name: 'packed_weights', type: 'vec4<f32>', ref: temp(1) };
  const pack = defineLaunch({
    name: 'lstmGrad.pack',
    bindings: [weights, packed],
    params,
    workgroupSize: [STEP_WORKGROUP, 1, 1],
    body: `
  let q = gid.x;
  let to = wid.z * p.hidden + wid.y;
  if (q >= p.quads) { return; }
  var block = mat4x4<f32>();
  for (var u = 0u; u < min(${UNITS}u, p.hidden - q * ${UNITS}u); u++) { block[u] = whh_t[to * p.hidden + q * ${UNITS}u + u]; }
  let turned = transpose(block);
  for (var g = 0u; g < 4u; g++) { packed_weights[(to * 4u + g) * p.quads + q] = turned[g]; }`,
    grid: [Math.ceil(quads / STEP_WORKGROUP), hidden, directions],
  });
  const step = defineLaunch({
    name: `lstmGrad.step${block}`,
    bindings: [outGradient, ...forwardResults(attrs), ...lengthsOf(attrs), packed, dGates, stepCarry.binding],
    params: [...params, u32('step', 0)],
    workgroupSize: [STEP_WORKGROUP, 1, 1],
    declarations: declarationsOf(attrs, stepCarry),
    body: `
  let q = gid.x;
  let d = wid.z;
  let row = wid.y * ${block}u;
  if (q >= p.quads) { return; }
  // The two halves of the kept dGates swap each step. Past a row's end they hold zeros, so nothing comes back from there.
  let old = (((p.step + 1u) & 1u) * p.directions + d) * p.hidden * 4u;
  let fresh = ((p.step & 1u) * p.directions + d) * p.hidden * 4u;
${eachRow(block, (r) => `  var sum${r} = vec4<f32>(0.0);`)}
  if (p.step + 1u < p.steps) {
    var w = d * p.hidden * 4u * p.quads + q;
    var at = old * p.blocks + wid.y * ${block / 4}u;
    for (var k = 0u; k < p.hidden * 4u; k++) {
      let weight = packed_weights[w];
${eachRow(block / 4, (b) => `      let g${b} = work[at + ${b}u];`)}
${eachRow(block, (r) => `      sum${r} += weight * g${Math.floor(r / 4)}[${r % 4}];`)}
      w += p.quads;
      at += p.blocks;
    }
  }
  let units = min(${UNITS}u, p.hidden - q * ${UNITS}u);
  for (var u = 0u; u < units; u++) {
    let j = q * ${UNITS}u + u;
    let at = (fresh + j * 4u) * p.blocks + wid.y * ${block / 4}u;
${eachRow(
  block / 4,
  (b) => `    let result${b} = cells_gradient(row + ${4 * b}u, d, j, p.step, ${overRows((r) => `sum${4 * b + r}[u]`)});
    for (var g = 0u; g < 4u; g++) { work[at + g * p.blocks + ${b}u] = result${b}[g]; }`,
)}
  }`,
    grid: [Math.ceil(quads / STEP_WORKGROUP), Math.ceil(rows / block), directions],
  });
  return {
    launches: [
      pack,
      ...eachStep(
        step,
        Array.from({ length: steps }, (_, s) => steps - 1 - s),
      ),
      ...(attrs.hasState ? [initialLaunch(problem, stepCarry, [u32('blocks', blocks)])] : []),
    ],
    temps: [9 * directions * hidden * blocks * 16, directions * hidden * quads * 64],
  };
}

const persistentCarry: Carry = {
  binding: { name: 'carry', type: 'f32', ref: temp(0) },
  load: overRows((r) => `carry[(d * p.rows + n${r}) * p.hidden + j]`),
  store: [0, 1, 2, 3]
    .map((r) => `if (n + ${r}u < p.rows) { carry[(d * p.rows + n${r}) * p.hidden + j] = kept[${r}]; }`)
    .join('\n  '),
  one: 'carry[(d * p.rows + n) * p.hidden + j]',
};

function persistentPlan(problem: Problem<LstmAttrs>): LaunchPlan {
  const { attrs } = problem;
  const sizes = sizesOf(problem);
  const block = PERSISTENT_ROWS;
  const through = defineLaunch({
    name: 'lstmGrad.persistent',
    bindings: [outGradient, weights, ...forwardResults(attrs), ...lengthsOf(attrs), dGates, persistentCarry.binding],
    params: sizeParams(sizes),
    workgroupSize: [PERSISTENT_WORKGROUP, 1, 1],
    declarations: declarationsOf(attrs, persistentCarry),
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
      cells_gradient(row, d, j, step, vec4<f32>(${list(block)}));
    }
    storageBarrier();
  }`,
    grid: [Math.ceil(sizes.rows / block), sizes.directions, 1],
  });
  return {
    launches: attrs.hasState ? [through, initialLaunch(problem, persistentCarry, [])] : [through],
    temps: [4 * sizes.directions * sizes.rows * sizes.hidden],
  };
}

/** From the first step's dGates and the kept dc·f to the gradients of h0 and c0. */
function initialLaunch(problem: Problem<LstmAttrs>, carry: Carry, extra: readonly Param[]): Launch {
  const { attrs } = problem;
  const sizes = sizesOf(problem);
  return defineLaunch({
    name: 'lstmGrad.initial',
    bindings: [
      weights,
      ...lengthsOf(attrs),
      dGates,
      carry.binding,
      { name: 'dh0', type: 'f32', ref: output(1) },
      { name: 'dc0', type: 'f32', ref: output(2) },
    ],
    params: [...sizeParams(sizes), ...extra],
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
    dc = ${carry.one};
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
