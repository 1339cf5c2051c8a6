/**
 * The recurrence of an LSTM layer (Hochreiter and Schmidhuber, 1997; forget gate of Gers and others, 2000), one or two directions at once:
 * gates = gatesX[t] + h[t−1]·Whh, c[t] = σ(f)·c[t−1] + σ(i)·tanh(g), h[t] = σ(o)·tanh(c[t]). The input projection of all time steps is one
 * matmul elsewhere, so only the serial part is here. (Appleyard and others, "Optimizing performance of recurrent neural networks on GPUs", 2016,
 * arXiv:1604.01946.)
 *
 * Inputs: gatesX (N, T, D, H, 4), whh (D, H, H, 4) indexed [d][from][to][gate], with `hasState` h0 (D, N, H) and c0 (D, N, H), with `hasLengths`
 * lengths (N) u32. Gates in PyTorch's order i, f, g, o. Outputs: out (N, T, D·H), c (N, T, D, H), gates (N, T, D, H, 4) after their σ and tanh.
 * Direction 1 runs from the end of each sequence: step s is position t = s in direction 0, t = len − 1 − s in direction 1. Positions
 * ≥ len are zero in all outputs.
 *
 * The four gates of a unit lie together, so one vec4 load of a weight feeds all of them.
 *
 * `step`: a dispatch a time step, both directions in it, no barriers. An invocation owns one unit j and a block of eight (four) batch
 * rows: each weight whh[d][k][j], loaded once, is used for every row of the block (register blocking). h[t−1] is kept a second time, in a
 * temporary laid out (D, H, rows) and read as vec4 over the rows: two loads for eight rows, at the same address for a whole workgroup. On a
 * software driver that is 2–3 times as fast as reading it row by row out of the result.
 * `persistent`: one dispatch. A workgroup owns a direction and four batch rows for all T; h lives in workgroup memory, as a vec4 over the
 * rows, in two halves that swap each step, so that one barrier a step is enough (persistent kernels: Diamos and others, "Persistent RNNs",
 * 2016). Saves T − 1 dispatches on hardware; needs 32·H bytes of workgroup memory.
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
import { wgslMath } from './math.js';

export interface LstmAttrs {
  readonly hasLengths: boolean;
  readonly hasState: boolean;
}

/** Sizes of an LSTM problem, from the shape (N, T, D, H, 4) of its gates. */
export interface LstmSizes {
  readonly rows: number;
  readonly steps: number;
  readonly directions: number;
  readonly hidden: number;
}

export function lstmSizes(gates: readonly number[]): LstmSizes {
  const [rows, steps, directions, hidden] = gates;
  return { rows, steps, directions, hidden };
}

export const sizeParams = ({ rows, steps, directions, hidden }: LstmSizes) => [
  u32('rows', rows),
  u32('steps', steps),
  u32('directions', directions),
  u32('hidden', hidden),
];

/** Invocations of a workgroup of the `step` variant, along the units. */
const STEP_WORKGROUP = 64;
export const PERSISTENT_WORKGROUP = 256;
/** Batch rows of a workgroup of the `persistent` variant: the lanes of a vec4. */
export const PERSISTENT_ROWS = 4;

/** How the `step` variants cut the batch: `block` rows an invocation, `blocks` vec4 over the rows (with some padding) in all. */
export function rowBlocks(rows: number): { readonly block: number; readonly blocks: number } {
  const block = rows > 4 ? 8 : 4;
  return { block, blocks: (Math.ceil(rows / block) * block) / 4 };
}

/** Text for each of `count` rows, one a line. */
export const eachRow = (count: number, text: (r: number) => string): string =>
  Array.from({ length: count }, (_, r) => text(r)).join('\n');

/** WGSL that both passes share: where a row's step lies in memory, and how long the row is. */
export const sequenceFunctions = (hasLengths: boolean): string => `
fn length_of(n: u32) -> u32 { return ${hasLengths ? 'min(lengths[n], p.steps)' : 'p.steps'}; }
/** Position of a step; past a row's end the steps of both directions stand for the padding, position by position. */
fn position(len: u32, step: u32, d: u32) -> u32 { return select(step, len - 1u - step, d == 1u && step < len); }
/** Index of unit 0 at a row's step, in (N, T, D, H). */
fn base_of(n: u32, len: u32, step: u32, d: u32) -> u32 {
  return ((n * p.steps + position(len, step, d)) * p.directions + d) * p.hidden;
}`;

/** WGSL of a vec4 over four rows from one expression a row. */
export const overRows = (text: (r: number) => string): string => `vec4<f32>(${[0, 1, 2, 3].map(text).join(', ')})`;

const cellsFunction = (hasState: boolean): string => `
/**
 * Four rows at once, so that their activations are vec4 arithmetic: from the recurrent sums of unit j in rows n … n + 3 to gates, cell and
 * output, stored at this step where the row exists; gives h, zero past a row's end.
 */
fn cells(n: u32, d: u32, j: u32, step: u32, ${eachRow(4, (r) => `sum${r}: vec4<f32>`).replace(/\n/g, ', ')}) -> vec4<f32> {
${eachRow(4, (r) => `  let n${r} = min(n + ${r}u, p.rows - 1u); let len${r} = length_of(n${r}); let at${r} = base_of(n${r}, len${r}, step, d) + j;`)}
${eachRow(4, (r) => `  let pre${r} = gates_x[at${r}] + sum${r};`)}
  var before = vec4<f32>();
  if (step > 0u) { before = ${overRows((r) => `c[base_of(n${r}, len${r}, step - 1u, d) + j]`)}; }${
    hasState ? `\n  else { before = ${overRows((r) => `c0[(d * p.rows + n${r}) * p.hidden + j]`)}; }` : ''
  }
  let i = sigmoid4_(${overRows((r) => `pre${r}.x`)});
  let f = sigmoid4_(${overRows((r) => `pre${r}.y`)});
  let g = tanh4_(${overRows((r) => `pre${r}.z`)});
  let o = sigmoid4_(${overRows((r) => `pre${r}.w`)});
  let after = f * before + i * g;
  let inside = vec4<bool>(${[0, 1, 2, 3].map((r) => `step < len${r}`).join(', ')});
  let cell = select(vec4<f32>(), after, inside);
  let h = select(vec4<f32>(), o * tanh4_(after), inside);
${eachRow(
  4,
  (r) => `  if (n + ${r}u < p.rows) {
    gates[at${r}] = select(vec4<f32>(), vec4<f32>(i[${r}], f[${r}], g[${r}], o[${r}]), inside[${r}]);
    c[at${r}] = cell[${r}];
    out[at${r}] = h[${r}];
  }`,
)}
  return h;
}`;

const sumsOf = (b: number): string => [0, 1, 2, 3].map((r) => `sum${4 * b + r}`).join(', ');

const gatesInput: Binding = { name: 'gates_x', type: 'vec4<f32>', ref: input(0) };
const weights: Binding = { name: 'whh', type: 'vec4<f32>', ref: input(1) };
const h0: Binding = { name: 'h0', type: 'f32', ref: input(2) };
const c0: Binding = { name: 'c0', type: 'f32', ref: input(3) };
const results: readonly Binding[] = [
  { name: 'out', type: 'f32', ref: output(0) },
  { name: 'c', type: 'f32', ref: output(1) },
  { name: 'gates', type: 'vec4<f32>', ref: output(2) },
];
const lengthsOf = ({ hasLengths, hasState }: LstmAttrs): Binding[] =>
  hasLengths ? [{ name: 'lengths', type: 'u32', ref: input(hasState ? 4 : 2) }] : [];

const declarationsOf = ({ hasState, hasLengths }: LstmAttrs): string =>
  [wgslMath('sigmoid4_', 'tanh4_'), sequenceFunctions(hasLengths), cellsFunction(hasState)].join('\n');

function stepPlan(problem: Problem<LstmAttrs>): LaunchPlan {
  const { attrs } = problem;
  const sizes = lstmSizes(problem.inputs[0].shape);
  const { rows, directions, hidden, steps } = sizes;
  const { block, blocks } = rowBlocks(rows);
  const state: Binding = { name: 'state', type: 'vec4<f32>', ref: temp(0) };
  const step = defineLaunch({
    name: `lstm.step${block}`,
    bindings: [gatesInput, weights, ...(attrs.hasState ? [c0] : []), ...lengthsOf(attrs), ...results, state],
    params: [...sizeParams(sizes), u32('blocks', blocks), u32('step', 0)],
    workgroupSize: [STEP_WORKGROUP, 1, 1],
    declarations: declarationsOf(attrs),
    body: `
  let j = gid.x;
  let d = wid.z;
  let row = wid.y * ${block}u;
  if (j >= p.hidden) { return; }
  // The two halves of the state swap each step.
  let old = ((p.step & 1u) * p.directions + d) * p.hidden;
  let fresh = ((1u - (p.step & 1u)) * p.directions + d) * p.hidden;
${eachRow(block, (r) => `  var sum${r} = vec4<f32>(0.0);`)}
  if (${attrs.hasState ? 'true' : 'p.step > 0u'}) {
    var w = d * p.hidden * p.hidden + j;
    var at = old * p.blocks + wid.y * ${block / 4}u;
    for (var k = 0u; k < p.hidden; k++) {
      let weight = whh[w];
${eachRow(block / 4, (b) => `      let h${b} = state[at + ${b}u];`)}
${eachRow(block, (r) => `      sum${r} += weight * h${Math.floor(r / 4)}[${r % 4}];`)}
      w += p.hidden;
      at += p.blocks;
    }
  }
${eachRow(block / 4, (b) => `  state[(fresh + j) * p.blocks + wid.y * ${block / 4}u + ${b}u] = cells(row + ${4 * b}u, d, j, p.step, ${sumsOf(b)});`)}`,
    grid: [Math.ceil(hidden / STEP_WORKGROUP), Math.ceil(rows / block), directions],
  });
  const initial = defineLaunch({
    name: 'lstm.initial',
    bindings: [h0, state],
    params: [...sizeParams(sizes), u32('blocks', blocks)],
    workgroupSize: [STEP_WORKGROUP, 1, 1],
    body: `
  if (gid.x >= p.hidden) { return; }
  // Rows that only fill a vec4 up begin with zero, so that nothing computes with what the memory held before.
  var h = 0.0;
  if (wid.y < p.rows) { h = h0[(wid.z * p.rows + wid.y) * p.hidden + gid.x]; }
  state[(wid.z * p.hidden + gid.x) * p.blocks + wid.y / 4u][wid.y % 4u] = h;`,
    grid: [Math.ceil(hidden / STEP_WORKGROUP), blocks * 4, directions],
  });
  const through = eachStep(
    step,
    Array.from({ length: steps }, (_, s) => s),
  );
  return {
    launches: attrs.hasState ? [initial, ...through] : through,
    temps: [2 * directions * hidden * blocks * 16],
  };
}

/** The same launch for every step in order: one pipeline, of which only the param `step`, the last one, differs. */
export function eachStep(launch: Launch, steps: readonly number[]): Launch[] {
  const shared = launch.params.slice(0, -1);
  return steps.map((step) => ({ ...launch, params: [...shared, u32('step', step)] }));
}

function persistentPlan(problem: Problem<LstmAttrs>): LaunchPlan {
  const { attrs } = problem;
  const sizes = lstmSizes(problem.inputs[0].shape);
  // A multiple of 64, so that layers of similar width share a pipeline.
  const width = Math.ceil(sizes.hidden / 64) * 64;
  const first = (r: number): string =>
    attrs.hasState ? `h0[(d * p.rows + min(row + ${r}u, p.rows - 1u)) * p.hidden + j]` : '0.0';
  return {
    launches: [
      defineLaunch({
        name: 'lstm.persistent',
        bindings: [gatesInput, weights, ...(attrs.hasState ? [h0, c0] : []), ...lengthsOf(attrs), ...results],
        params: sizeParams(sizes),
        workgroupSize: [PERSISTENT_WORKGROUP, 1, 1],
        declarations: `var<workgroup> state: array<vec4<f32>, ${2 * width}>;\n${declarationsOf(attrs)}`,
        body: `
  let d = wid.y;
  let row = wid.x * ${PERSISTENT_ROWS}u;
  for (var j = lindex; j < p.hidden; j += ${PERSISTENT_WORKGROUP}u) {
    state[j] = vec4<f32>(${[0, 1, 2, 3].map(first).join(', ')});
  }
  for (var step = 0u; step < p.steps; step++) {
    workgroupBarrier();
    let old = (step & 1u) * ${width}u;
    let to = ${width}u - old;
    for (var j = lindex; j < p.hidden; j += ${PERSISTENT_WORKGROUP}u) {
${eachRow(PERSISTENT_ROWS, (r) => `      var sum${r} = vec4<f32>(0.0);`)}
      var w = d * p.hidden * p.hidden + j;
      for (var k = 0u; k < p.hidden; k++) {
        let weight = whh[w];
        let h = state[old + k];
${eachRow(PERSISTENT_ROWS, (r) => `        sum${r} += weight * h[${r}];`)}
        w += p.hidden;
      }
      state[to + j] = cells(row, d, j, step, ${sumsOf(0)});
    }
  }`,
        grid: [Math.ceil(sizes.rows / PERSISTENT_ROWS), sizes.directions, 1],
      }),
    ],
  };
}

function variants({ inputs, device }: Problem<LstmAttrs>): readonly string[] {
  const width = Math.ceil(inputs[0].shape[3] / 64) * 64;
  return width * 32 <= device.limits.maxWorkgroupBytes ? ['step', 'persistent'] : ['step'];
}

export const lstm: Kernel<LstmAttrs> = {
  name: 'lstm',
  fusesEpilogue: false,
  variants,
  choose: (problem) =>
    problem.device.kind === 'hardware' && variants(problem).includes('persistent') ? 'persistent' : 'step',
  launch(problem): LaunchPlan {
    const { rows, steps, hidden } = lstmSizes(problem.inputs[0].shape);
    if (rows * steps * hidden === 0) return { launches: [] };
    return (problem.variant ?? lstm.choose(problem)) === 'persistent' ? persistentPlan(problem) : stepPlan(problem);
  },
  cost(problem) {
    const { rows, steps, directions, hidden } = lstmSizes(problem.inputs[0].shape);
    const units = rows * steps * directions * hidden;
    // 4·H multiply-adds and about 120 operations of activations a unit; each step reads all the weights.
    return { flops: units * (8 * hidden + 120), bytes: 4 * (units * 10 + steps * directions * hidden * hidden * 4) };
  },
};
