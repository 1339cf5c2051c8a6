/**
 * Tiles in workgroup memory, for real GPUs: a workgroup of 16 × 16 computes a 64 × 64 tile of the result. For every 16 steps of the
 * reduction it loads 64 rows of lhs and 64 columns of rhs into workgroup memory, together and with neighbouring invocations at
 * neighbouring addresses, then each invocation multiplies its own 4 rows by its own 4 columns out of that memory. A value that comes
 * from far thus serves 64 multiply-adds. (Tiling: Kirk and Hwu, "Programming Massively Parallel Processors"; register blocking on top:
 * Volkov and Demmel, 2008.)
 *
 * Both barriers are in uniform control flow: loop bounds depend on the workgroup and the params only.
 */
import { gemmParams, lhsBinding, resultBinding, rhsBinding, SEGMENT, type Gemm, type GemmTask } from './gemm.js';
import { defineLaunch, gridFor, u32, type Launch } from './launch.js';

const TILE = 64;
const DEPTH = 16;
/** Elements from one reduction step to the next in workgroup memory: odd, so that lanes of neighbouring steps hit different banks. */
const PITCH = TILE + 1;

export function sharedLaunch({ gemm: g, problem }: GemmTask): Launch {
  const columnBlocks = Math.ceil(g.n / TILE);
  const rowBlocks = Math.ceil(g.m / TILE);
  const groups = columnBlocks * rowBlocks * g.batch;
  const left = lhsText(g);
  const right = rhsText(g);
  const rows = [0, 1, 2, 3];
  return defineLaunch({
    name: `${g.name}.shared`,
    bindings: [lhsBinding(g), rhsBinding(g), resultBinding(), ...problem.epilogue.bindings],
    params: [
      ...gemmParams(g),
      u32('groups', groups),
      u32('columnBlocks', columnBlocks),
      u32('rowBlocks', rowBlocks),
      ...problem.epilogue.params,
    ],
    workgroupSize: [16, 16, 1],
    grid: gridFor(groups, 1),
    declarations: `
${SEGMENT}
${g.code}
${problem.epilogue.code}
var<workgroup> lhsTile: array<f32, ${DEPTH * PITCH}>;
var<workgroup> rhsTile: array<f32, ${DEPTH * PITCH}>;
fn store(batch: u32, row: u32, column: u32, v: vec4<f32>) {
  if (row >= p.m) { return; }
  let at = (batch * p.m + row) * p.n + column;
  if (column < p.n) { result[at] = epilogue(v.x, at); }
  if (column + 1u < p.n) { result[at + 1u] = epilogue(v.y, at + 1u); }
  if (column + 2u < p.n) { result[at + 2u] = epilogue(v.z, at + 2u); }
  if (column + 3u < p.n) { result[at + 3u] = epilogue(v.w, at + 3u); }
}`,
    body: `
  let group = wid.y * nwg.x + wid.x;
  if (group >= p.groups) { return; }
  let columnBlock = group % p.columnBlocks * ${TILE}u;
  let rowBlock = group / p.columnBlocks % p.rowBlocks * ${TILE}u;
  let batch = group / p.columnBlocks / p.rowBlocks;
  let lhsStep = ${g.lhs.step};
  let rhsStep = ${g.rhs.step};
${left.setup}
${rows.map((r) => `  var sum${r} = vec4<f32>();`).join('\n')}
  for (var segment = 0u; segment < p.segments; segment++) {
    let s = segmentOf(batch, segment);
${left.segment}
    for (var first = s.begin; first < s.end; first += ${DEPTH}u) {
${left.load}
${right}
      workgroupBarrier();
      for (var k = 0u; k < ${DEPTH}u; k++) {
        let l = k * ${PITCH}u + lid.y * 4u;
        let r = k * ${PITCH}u + lid.x * 4u;
        let b = vec4<f32>(rhsTile[r], rhsTile[r + 1u], rhsTile[r + 2u], rhsTile[r + 3u]);
${rows.map((r) => `        sum${r} = fma(vec4<f32>(lhsTile[l + ${r}u]), b, sum${r});`).join('\n')}
      }
      workgroupBarrier();
    }
  }
${rows.map((r) => `  store(batch, rowBlock + lid.y * 4u + ${r}u, columnBlock + lid.x * 4u, sum${r});`).join('\n')}`,
  });
}

/**
 * A tile of 16 × 64 elements is loaded in 4 rounds by 256 invocations; along the contiguous index lie neighbours. What is outside of the
 * matrices, or past the end of the segment, becomes zero.
 */
const ROUNDS = [0, 1, 2, 3];

function lhsText(g: Gemm): { setup: string; segment: string; load: string } {
  const origin = (name: number): string => `    let origin${name} = lhsOrigin(row${name}, s);`;
  const load = (name: number, row: string, k: string, address: string): string => {
    const inside = `${row} < p.m && first + ${k} < s.end${g.padded ? ` && origin${name} != NOWHERE` : ''}`;
    return `      { var v = 0.0; if (${inside}) { v = lhs[u32(origin${name}) + ${address}]; } lhsTile[${k} * ${PITCH}u + ${row} - rowBlock] = v; }`;
  };
  if (g.lhs.contiguous === 'inner') {
    return {
      setup: [
        '  let lhsK = lindex % 16u;',
        ...ROUNDS.map((q) => `  let lhsRow${q} = rowBlock + lindex / 16u + ${16 * q}u;`),
        ...ROUNDS.map((q) => `  let row${q} = rowOf(batch, lhsRow${q});`),
      ].join('\n'),
      segment: ROUNDS.map(origin).join('\n'),
      load: ROUNDS.map((q) => load(q, `lhsRow${q}`, 'lhsK', 'first + lhsK')).join('\n'),
    };
  }
  return {
    setup: '  let lhsRow = rowBlock + lindex % 64u;\n  let row0 = rowOf(batch, lhsRow);',
    segment: origin(0),
    load: ROUNDS.map((q) => {
      const k = `(lindex / 64u + ${4 * q}u)`;
      return load(0, 'lhsRow', k, `(first + ${k}) * lhsStep`);
    }).join('\n'),
  };
}

function rhsText(g: Gemm): string {
  const load = (column: string, k: string): string => {
    const [innerStep, columnStep] = g.rhs.contiguous === 'inner' ? ['1u', 'rhsStep'] : ['rhsStep', '1u'];
    const address = `s.rhs + (first + ${k}) * ${innerStep} + (columnBlock + ${column}) * ${columnStep}`;
    const inside = `columnBlock + ${column} < p.n && first + ${k} < s.end`;
    return `      { var v = 0.0; if (${inside}) { v = rhs[${address}]; } rhsTile[${k} * ${PITCH}u + ${column}] = v; }`;
  };
  return ROUNDS.map((q) =>
    g.rhs.contiguous === 'inner'
      ? load(`(lindex / 16u + ${16 * q}u)`, '(lindex % 16u)')
      : load('(lindex % 64u)', `(lindex / 64u + ${4 * q}u)`),
  ).join('\n');
}
