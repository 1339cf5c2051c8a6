/** `fft`: rows of n pairs, (R, n, 2) → (R, n, 2); `inverse` conjugates and scales by 1/n. Input 1 is `fftTable(n)`. */
import { defineLaunch, f32, input, output, temp, u32, type Kernel, type LaunchPlan, type Problem } from '../launch.js';
import { chooseFft, fftVariants, transformCost } from './choose.js';
import { transformPasses } from './passes.js';
import { rowBody, rowGrid, storeRows, type RowVariant } from './row-form.js';
import { RowTransform } from './row-transform.js';
import { transformTable } from './tables.js';

export interface FftAttrs {
  readonly inverse: boolean;
}

const variants = ({ inputs: [x], device }: Problem<FftAttrs>) =>
  fftVariants(transformTable(x.shape[1], x.shape[1]), device);

export const fft: Kernel<FftAttrs> = {
  name: 'fft',
  fusesEpilogue: false,
  variants,
  choose: (problem) => chooseFft(problem.inputs[0].shape[0], variants(problem), problem.device),
  launch(problem): LaunchPlan {
    const [rows, n] = problem.inputs[0].shape;
    if (rows * n === 0) return { launches: [] };
    const variant = problem.variant ?? fft.choose(problem);
    const table = transformTable(n, n);
    if (variant !== 'passes') return rowsPlan(problem, variant as RowVariant);
    const launches = transformPasses({
      table,
      rows,
      inverse: problem.attrs.inverse,
      source: input(0),
      target: output(0),
      scratch: temp(0),
      wide: [temp(0), temp(1)],
    });
    const bytes = rows * table.length * 8;
    return { launches, temps: table.rough ? [bytes, bytes] : launches.length > 1 ? [bytes] : [] };
  },
  cost: (problem) => {
    const [rows, n] = problem.inputs[0].shape;
    return transformCost(rows, transformTable(n, n), problem.variant ?? fft.choose(problem));
  },
};

function rowsPlan({ inputs, attrs, device }: Problem<FftAttrs>, variant: RowVariant): LaunchPlan {
  const [rows, n] = inputs[0].shape;
  const line = new RowTransform(transformTable(n, n), variant, device.limits.maxWorkgroupBytes);
  const { form } = line;
  const passes = line.passes(
    {
      read: (name, index) => `
${form.rows.map((row) => `let ${name}_${row} = source[${row} * ${n}u + ${index}];`).join(' ')}
let ${name}r = ${form.gather((row) => `${name}_${row}.x`)}; let ${name}i = ${form.gather((row) => `${name}_${row}.y`)};`,
      write: (index, re, im) =>
        `{ let at = ${index}; ${storeRows(form, [re, im], (row, [a, b]) => `result[${row} * ${n}u + at] = vec2<f32>(${a}, ${b}) * p.scale;`)} }`,
    },
    attrs.inverse,
  );
  return {
    launches: [
      defineLaunch({
        name: `fft.${variant} ${n}`,
        bindings: [
          { name: 'source', type: 'vec2<f32>', ref: input(0) },
          { name: 'twiddle', type: 'vec2<f32>', ref: input(1) },
          { name: 'result', type: 'vec2<f32>', ref: output(0) },
        ],
        params: [u32('rows', rows), f32('scale', attrs.inverse ? 1 / n : 1)],
        workgroupSize: [form.workgroup, 1, 1],
        declarations: line.declaration,
        body: rowBody(form, line.rowSize, passes),
        grid: rowGrid(form, rows),
      }),
    ],
  };
}
