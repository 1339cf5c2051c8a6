/** The plain variant: windowed frames in memory, the transform's passes, then power and bands. */
import {
  defineLaunch,
  flatIndex,
  gridFor,
  identityEpilogue,
  input,
  output,
  temp,
  u32,
  type BufferRef,
  type Launch,
  type LaunchPlan,
} from '../launch.js';
import { bandedLaunch } from '../banded.js';
import { transformPasses } from '../fft/passes.js';
import { cutBins, untangleBins } from '../fft/real-launches.js';
import { packedLength, transformTable } from '../fft/tables.js';
import type { StftPlan } from './plan.js';
import { frameParams, sampleFunction } from './samples.js';

const WORKGROUP = 64;

/** Temporaries: the transform's in and out and its scratch, Bluestein's two, the spectrum, its power. */
const [IN, OUT, SCRATCH, WIDE, WIDER, SPECTRUM, POWER] = [0, 1, 2, 3, 4, 5, 6].map(temp);

export function passesPlan(plan: StftPlan): LaunchPlan {
  const { clips, frames, nFft, result } = plan;
  const rows = clips * frames;
  const bins = Math.floor(nFft / 2) + 1;
  const m = packedLength(nFft);
  const table = transformTable(nFft, m);
  const even = nFft % 2 === 0;
  const twiddle = input(2);
  const inner = transformPasses({
    table,
    rows,
    inverse: false,
    source: IN,
    target: OUT,
    scratch: SCRATCH,
    wide: [WIDE, WIDER],
    tableInput: 2,
  });
  const spectrum = result === 'complex' ? output(0) : SPECTRUM;
  const power = result === 'power' ? output(0) : POWER;
  const launches = [
    framesLaunch(plan, rows, even),
    ...inner,
    even ? untangleBins(rows, nFft, OUT, twiddle, spectrum) : cutBins(rows, nFft, OUT, spectrum),
  ];
  if (result !== 'complex') launches.push(powerLaunch(rows * bins, spectrum, power));
  if (typeof result === 'object') {
    const shape = { rows, rowLength: bins, columns: result.columns };
    const refs = { x: power, weights: input(3), runs: input(4), result: output(0) };
    launches.push(bandedLaunch(shape, refs, identityEpilogue));
  }
  const wide = table.rough ? table.length : 0;
  const sizes = [m, m, m, wide, wide, result === 'complex' ? 0 : bins, typeof result === 'object' ? bins / 2 : 0];
  return { launches, temps: sizes.map((size) => Math.max(4, rows * size * 8)) };
}

/** Real frames, or complex ones for an odd length, into `IN`. */
function framesLaunch(plan: StftPlan, rows: number, even: boolean): Launch {
  const { nFft, attrs } = plan;
  return defineLaunch({
    name: 'stft.frames',
    bindings: [
      { name: 'x', type: 'f32', ref: input(0) },
      { name: 'window', type: 'f32', ref: input(1) },
      { name: 'result', type: even ? 'f32' : 'vec2<f32>', ref: IN },
    ],
    params: [u32('count', rows * nFft), u32('nFft', nFft), ...frameParams(plan)],
    workgroupSize: [WORKGROUP, 1, 1],
    declarations: sampleFunction(attrs.mode),
    body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) {
    let row = i / p.nFft;
    let at = i % p.nFft;
    let value = sample_at(row / p.frames, row % p.frames * p.hop + at) * window[at];
    result[i] = ${even ? 'value' : 'vec2<f32>(value, 0.0)'};
  }`,
    grid: gridFor(rows * nFft, WORKGROUP),
  });
}

function powerLaunch(count: number, spectrum: BufferRef, power: BufferRef): Launch {
  return defineLaunch({
    name: 'stft.power',
    bindings: [
      { name: 'spectrum', type: 'vec2<f32>', ref: spectrum },
      { name: 'power', type: 'f32', ref: power },
    ],
    params: [u32('count', count)],
    workgroupSize: [WORKGROUP, 1, 1],
    body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) {
    let z = spectrum[i];
    power[i] = z.x * z.x + z.y * z.y;
  }`,
    grid: gridFor(count, WORKGROUP),
  });
}
