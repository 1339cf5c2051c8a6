/**
 * Barrier-free register tiles for gemms: each invocation computes `rows` × 4·`quads` elements of the result in registers, so that every
 * vec4 loaded from rhs serves `rows` multiply-adds and every value loaded from lhs serves 4·`quads`. No workgroup memory and no barriers: software drivers,
 * which run a workgroup's invocations as SIMD lanes of one thread, lose far more at a barrier than a tile in shared memory could save.
 * (Register blocking: Volkov and Demmel, "Benchmarking GPUs to tune dense linear algebra", 2008.)
 *
 * With `share`, the invocations of a subgroup, which own neighbouring columns of the same rows, load lhs together: each loads some of the
 * rows and broadcasts them. On software drivers a load costs several cycles for every lane (they check and fetch lane by lane) while a
 * broadcast and a multiply-add cost about one for all lanes, so this counts: 8 GFLOP/s became 17 to 30 on llvmpipe, 2.6 became 4 on
 * SwiftShader.
 *
 * The text unrolls the tile, never the shape: shapes are params.
 */
import type { BufferRef, Launch, Param } from './launch.js';
import { defineLaunch, gridFor, identityEpilogue, output, u32 } from './launch.js';
import {
  gemmParams,
  lhsBinding,
  resultBinding,
  rhsBinding,
  SEGMENT,
  type Gemm,
  type GemmTask,
  type Tile,
} from './gemm.js';
import { innerLoop } from './gemm-operands.js';

/** A cut of the reduction into `segmentParts` × `innerParts` parts, each a product of its own. */
export interface Split {
  readonly segmentParts: number;
  readonly innerParts: number;
  /** Where the partial products go: (parts, batch, m, n). */
  readonly into: BufferRef;
}

/** Register tiles that one launch computes, batches included. */
export function tileCount(g: Gemm, { rows, quads, lanes }: Tile): number {
  return Math.ceil(g.n / (4 * quads * lanes[0])) * Math.ceil(g.m / (rows * lanes[1])) * g.batch;
}

/** Workgroup (group) ↦ (part, batch, row block, column block), columns fastest; see the file's header for what it does there. */
export function tileLaunch({ gemm, problem }: GemmTask, tile: Tile, split?: Split): Launch {
  const g = tile.singly ? loadSingly(gemm) : gemm;
  const { rows, quads, lanes, share } = tile;
  // Parts of the reduction are summed, and only then meet the epilogue, in gemm-splitk.ts.
  const epilogue = split ? identityEpilogue : problem.epilogue;
  const groups = tileCount(g, tile) * (split ? split.segmentParts * split.innerParts : 1);
  const inner = innerLoop(g, tile);
  const loop = (text: string): string => `
    for (var i = ${split ? 'max(s.begin, innerBegin)' : 's.begin'}; i < end; i += ${inner.step}u) {
${text}
    }`;
  const reduction =
    tile.skipsPadding && inner.inside
      ? `    if (${inner.inside}) {${loop(innerLoop({ ...g, padded: false }, tile).body)}\n    } else {${loop(inner.body)}\n    }`
      : loop(inner.body);
  const each = (line: (row: number, quad: number) => string): string =>
    Array.from({ length: rows * quads }, (_, i) => `  ${line(Math.floor(i / quads), i % quads)}`).join('\n');
  return defineLaunch({
    name: `${g.name}.${tile.variant}`,
    bindings: [
      lhsBinding(g, g.lhs.aligned ? 'vec4<f32>' : 'f32'),
      rhsBinding(g, g.rhs.aligned ? 'vec4<f32>' : 'f32'),
      resultBinding(g.n % 4 === 0 ? 'vec4<f32>' : 'f32', split?.into ?? output(0)),
      ...epilogue.bindings,
    ],
    params: [
      ...gemmParams(g),
      u32('groups', groups),
      u32('columnBlocks', Math.ceil(g.n / (4 * quads * lanes[0]))),
      u32('rowBlocks', Math.ceil(g.m / (rows * lanes[1]))),
      ...(split ? splitParams(g, split) : []),
      ...epilogue.params,
    ],
    workgroupSize: [lanes[0], lanes[1], 1],
    grid: gridFor(groups, 1),
    features: share > 0 ? ['subgroups'] : undefined,
    declarations: [SEGMENT, g.code, epilogue.code, storeText(g)].join('\n'),
    body: `
  let group = wid.y * nwg.x + wid.x;
  if (group >= p.groups) { return; }
  let column = (group % p.columnBlocks * ${lanes[0]}u + lid.x) * ${4 * quads}u;
  let firstRow = (group / p.columnBlocks % p.rowBlocks * ${lanes[1]}u${lanes[1] > 1 ? ' + lid.y' : ''}) * ${rows}u;
  let product = group / p.columnBlocks / p.rowBlocks;
  let batch = product${split ? ' % p.batch' : ''};
${split ? SPLIT_RANGE : '  let segmentEnd = p.segments;'}
  ${share > 0 ? '' : 'if (column >= p.n || firstRow >= p.m) { return; }'}
${inner.setup}
${each((r, q) => `var sum${r}_${q} = vec4<f32>();`)}
  for (var segment = ${split ? 'segmentBegin' : '0u'}; segment < segmentEnd; segment++) {
    let s = segmentOf(batch, segment);
${inner.segment}
    let end = ${split ? 'min(s.end, innerEnd)' : 's.end'};
${reduction}
  }
${each((r, q) => `store(product, firstRow + ${r}u, column + ${4 * q}u, sum${r}_${q});`)}`,
  });
}

/**
 * The gemm with its lhs read one value at a time where rhs is read one row at a time. Taking four steps of the reduction at once saves
 * loads, but a load shared by lanes, or one that fills a register with one value, costs little, and the fourfold text spills
 * registers: on llvmpipe 12 against 23 GFLOP/s.
 */
function loadSingly(g: Gemm): Gemm {
  return g.rhs.contiguous === 'inner' ? g : { ...g, lhs: { ...g.lhs, aligned: false } };
}

function splitParams(g: Gemm, { segmentParts, innerParts }: Split): Param[] {
  return [
    u32('innerParts', innerParts),
    u32('partSegments', Math.ceil(g.segments / segmentParts)),
    // A multiple of 4, so that steps of four stay within a part.
    u32('partInner', 4 * Math.ceil(g.inner / innerParts / 4)),
  ];
}

const SPLIT_RANGE = `
  let part = product / p.batch;
  let segmentBegin = part / p.innerParts * p.partSegments;
  let segmentEnd = min(p.segments, segmentBegin + p.partSegments);
  let innerBegin = part % p.innerParts * p.partInner;
  let innerEnd = innerBegin + p.partInner;`;

/** Stores four neighbours of a row, through the epilogue, where they are inside. */
function storeText(g: Gemm): string {
  const at = 'let at = (product * p.m + row) * p.n + column;';
  if (g.n % 4 === 0) {
    return `
fn store(product: u32, row: u32, column: u32, v: vec4<f32>) {
  if (row >= p.m || column >= p.n) { return; }
  ${at}
  result[at / 4u] = vec4<f32>(epilogue(v.x, at), epilogue(v.y, at + 1u), epilogue(v.z, at + 2u), epilogue(v.w, at + 3u));
}`;
  }
  const one = (c: number): string =>
    `if (column + ${c}u < p.n) { result[at + ${c}u] = epilogue(v.${'xyzw'[c]}, at + ${c}u); }`;
  return `
fn store(product: u32, row: u32, column: u32, v: vec4<f32>) {
  if (row >= p.m) { return; }
  ${at}
  ${[0, 1, 2, 3].map(one).join('\n  ')}
}`;
}
