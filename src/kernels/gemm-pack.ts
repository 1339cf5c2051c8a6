/**
 * A gemm whose rhs is first copied into panels: blocks of as many columns as a register tile has, one inner index after the other. The
 * tile's loop then reads one contiguous stream instead of a few columns out of every row, whose distance (often a power of two) makes
 * them fall onto each other in the cache; and a transposed rhs is turned on the way. Worth it where many rows share the panels.
 * (Packing: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.)
 */
import { gemmParams, PANEL, rhsBinding, SEGMENT, type Gemm, type GemmTask, type Tile } from './gemm.js';
import { tileLaunch } from './gemm-tile.js';
import { defineLaunch, flatIndex, gridFor, temp, u32, type Launch, type LaunchPlan, type Param } from './launch.js';

const panels = temp(0);
const panelCount = (g: Gemm): number => Math.ceil(g.n / PANEL);
const panelParams = (g: Gemm): Param[] => [u32('panels', panelCount(g)), u32('panelRows', g.inner)];

export function packPlan(task: GemmTask, tile: Tile): LaunchPlan {
  const { gemm: g } = task;
  const packed: Gemm = {
    ...g,
    rhs: { ref: panels, contiguous: 'panels', step: '1u', aligned: true },
    params: [...g.params, ...panelParams(g)],
  };
  return {
    launches: [packLaunch(g), tileLaunch({ ...task, gemm: packed }, tile)],
    temps: [4 * g.batch * g.segments * panelCount(g) * g.inner * PANEL],
  };
}

/** Invocation ↦ (batch, segment, panel, inner index), the inner index fastest: copies that index's columns; past the last column anything. */
function packLaunch(g: Gemm): Launch {
  const count = g.batch * g.segments * panelCount(g) * g.inner;
  const at = (c: number): string => {
    const column = `min(column + ${c}u, p.n - 1u)`;
    return g.rhs.contiguous === 'inner'
      ? `rhs[s.rhs + ${column} * rhsStep + i]`
      : `rhs[s.rhs + ${column} + i * rhsStep]`;
  };
  const quad = (q: number): string => `vec4<f32>(${[0, 1, 2, 3].map((c) => at(4 * q + c)).join(', ')})`;
  return defineLaunch({
    name: `${g.name}.pack`,
    bindings: [rhsBinding(g), { name: 'packed', type: 'vec4<f32>', ref: panels }],
    params: [...gemmParams(g), ...panelParams(g), u32('count', count)],
    workgroupSize: [64, 1, 1],
    grid: gridFor(count, 64),
    declarations: [SEGMENT, g.code].join('\n'),
    body: `
  let index = ${flatIndex(64)};
  if (index >= p.count) { return; }
  let i = index % p.panelRows;
  let column = index / p.panelRows % p.panels * ${PANEL}u;
  let block = index / p.panelRows / p.panels;
  let s = segmentOf(block / p.segments, block % p.segments);
  let rhsStep = ${g.rhs.step};
${Array.from({ length: PANEL / 4 }, (_, q) => `  packed[index * ${PANEL / 4}u + ${q}u] = ${quad(q)};`).join('\n')}`,
  });
}
