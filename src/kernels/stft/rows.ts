/** The variants that transform frames in workgroup memory: one launch. */
import type { DeviceInfo } from '../../device/device.js';
import { defineLaunch, input, output, u32, type LaunchPlan } from '../launch.js';
import { eachElement, rowBody, rowGrid, storeRows, type RowVariant } from '../fft/row-form.js';
import { RowTransform } from '../fft/row-transform.js';
import { packedLength, transformTable } from '../fft/tables.js';
import { realForward, type EmitBin } from '../fft/untangle.js';
import { powerRoom, type StftPlan } from './plan.js';
import { frameParams, sampleFunction } from './samples.js';

export function rowsPlan(plan: StftPlan, variant: RowVariant, device: DeviceInfo): LaunchPlan {
  const { attrs, clips, frames, nFft, result } = plan;
  const rows = clips * frames;
  const extra = variant === 'rows4' ? 0 : powerRoom(plan);
  const table = transformTable(nFft, packedLength(nFft));
  const line = new RowTransform(table, variant, device.limits.maxWorkgroupBytes, extra);
  const { form } = line;
  const bins = Math.floor(nFft / 2) + 1;
  const banded = typeof result === 'object';
  // `rows4` keeps the power spectrum in the copy of the planes that the last pass has left.
  const powerAt = (): number => (variant === 'rows4' ? line.free : line.planes);
  const squared = (re: string, im: string): string => `let power = ${re} * ${re} + ${im} * ${im};`;
  const emit: EmitBin = (k, re, im) => {
    if (banded) return `{ ${squared(re, im)} ${line.element(k, powerAt())} = power; }`;
    if (result === 'power') {
      return `{ ${squared(re, im)} ${storeRows(form, ['power'], (row, [v]) => `result[${row} * ${bins}u + ${k}] = ${v};`)} }`;
    }
    return storeRows(form, [re, im], (row, [a, b]) => `result[${row} * ${bins}u + ${k}] = vec2<f32>(${a}, ${b});`);
  };
  // A frame's clip, its place among the clip's samples and padding, and, if it lies inside of the clip, its place in memory.
  const places = form.rows.map(
    (row) => `let clip_${row} = ${row} / p.frames; let from_${row} = ${row} % p.frames * p.hop;
let at_${row} = clip_${row} * p.samples + from_${row} - p.pad;`,
  );
  const inside = form.rows.map((row) => `from_${row} >= p.pad && from_${row} + ${nFft}u <= p.samples + p.pad`);
  const passes = realForward(line, nFft, {
    sample: (name, index) =>
      `let ${name} = ${form.gather((row) => `sample_at(clip_${row}, from_${row} + ${index})`)} * window[${index}];`,
    short: {
      condition: inside.join(' && '),
      sample: (name, index) => `let ${name} = ${form.gather((row) => `x[at_${row} + ${index}]`)} * window[${index}];`,
    },
    emit,
  });
  const bands = banded
    ? `${variant === 'rows4' ? '' : 'workgroupBarrier();'}
${eachElement(
  form,
  'c',
  'p.columns',
  `let start = runs[3u * c]; let first = runs[3u * c + 1u]; let count = runs[3u * c + 2u];
var sum = ${variant === 'rows4' ? 'vec4<f32>()' : '0.0'};
for (var i = 0u; i < count; i++) { sum += ${line.element('start + i', powerAt())} * weights[first + i]; }
${storeRows(form, ['sum'], (row, [v]) => `result[${row} * p.columns + c] = ${v};`)}`,
)}`
    : '';
  return {
    launches: [
      defineLaunch({
        name: `${banded ? 'melSpectrum' : 'stft'}.${variant} ${nFft}`,
        bindings: [
          { name: 'x', type: 'f32', ref: input(0) },
          { name: 'window', type: 'f32', ref: input(1) },
          { name: 'twiddle', type: 'vec2<f32>', ref: input(2) },
          ...(banded
            ? [
                { name: 'weights', type: 'f32', ref: input(3) },
                { name: 'runs', type: 'u32', ref: input(4) },
              ]
            : []),
          { name: 'result', type: result === 'complex' ? 'vec2<f32>' : 'f32', ref: output(0) },
        ],
        params: [u32('rows', rows), ...frameParams(plan), u32('columns', banded ? result.columns : bins)],
        workgroupSize: [form.workgroup, 1, 1],
        declarations: `${line.declaration}\n${sampleFunction(attrs.mode)}`,
        body: rowBody(form, line.rowSize, `${places.join('\n')}\n${passes}\n${bands}`),
        grid: rowGrid(form, rows),
      }),
    ],
  };
}
