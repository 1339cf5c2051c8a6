/**
 * `rfft`: real (R, n) → (R, ⌊n/2⌋+1, 2); `irfft`: (R, ⌊n/2⌋+1, 2) → (R, n). Input 1 is `realTable(n)`.
 *
 * In the row variants packing and untangling are part of the one kernel (untangle.ts); round `passes` they are launches of their own.
 */
import { defineLaunch, f32, input, output, temp, u32, type Kernel, type LaunchPlan, type Problem } from '../launch.js';
import { chooseFft, fftVariants, transformCost } from './choose.js';
import { transformPasses } from './passes.js';
import { cutBins, mirrorBins, narrow, tangle, untangleBins, widen } from './real-launches.js';
import { rowBody, rowGrid, storeRows, type RowVariant } from './row-form.js';
import { RowTransform } from './row-transform.js';
import { packedLength, transformTable, type TransformTable } from './tables.js';
import { realForward, realInverse } from './untangle.js';

export type RfftAttrs = Readonly<Record<string, never>>;

export interface IrfftAttrs {
  /** Length of the real result; its parity is not in the input's shape. */
  readonly n: number;
}

const tableOf = (n: number): TransformTable => transformTable(n, packedLength(n));

/** Of `passes`: the transform's own memory, that of the numbers in and out, and Bluestein's. */
const tempsOf = (rows: number, { m, length, rough }: TransformTable): number[] =>
  [m, m, m, ...(rough ? [length, length] : [])].map((size) => rows * size * 8);

const rfftVariants = ({ inputs: [x], device }: Problem<RfftAttrs>) => fftVariants(tableOf(x.shape[1]), device);

export const rfft: Kernel<RfftAttrs> = {
  name: 'rfft',
  fusesEpilogue: false,
  variants: rfftVariants,
  choose: (problem) => chooseFft(problem.inputs[0].shape[0], rfftVariants(problem), problem.device),
  launch(problem): LaunchPlan {
    const [rows, n] = problem.inputs[0].shape;
    if (rows * n === 0) return { launches: [] };
    const variant = problem.variant ?? rfft.choose(problem);
    const table = tableOf(n);
    if (variant !== 'passes') return forwardRows(problem, table, variant as RowVariant);
    const even = n % 2 === 0;
    const inner = transformPasses({
      table,
      rows,
      inverse: false,
      source: even ? input(0) : temp(2),
      target: temp(0),
      scratch: temp(1),
      wide: [temp(3), temp(4)],
    });
    return {
      launches: [
        ...(even ? [] : [widen(rows, n, input(0), temp(2))]),
        ...inner,
        even ? untangleBins(rows, n, temp(0), input(1), output(0)) : cutBins(rows, n, temp(0), output(0)),
      ],
      temps: tempsOf(rows, table),
    };
  },
  cost(problem) {
    const [rows, n] = problem.inputs[0].shape;
    const inner = transformCost(rows, tableOf(n), problem.variant ?? rfft.choose(problem));
    return { flops: inner.flops + 6 * rows * n, bytes: inner.bytes + 12 * rows * n };
  },
};

function forwardRows({ inputs, device }: Problem<RfftAttrs>, table: TransformTable, variant: RowVariant): LaunchPlan {
  const [rows, n] = inputs[0].shape;
  const bins = Math.floor(n / 2) + 1;
  const line = new RowTransform(table, variant, device.limits.maxWorkgroupBytes);
  const { form } = line;
  const inner = realForward(line, n, {
    sample: (name, index) => `let ${name} = ${form.gather((row) => `x[${row} * ${n}u + ${index}]`)};`,
    emit: (k, re, im) =>
      storeRows(form, [re, im], (row, [a, b]) => `result[${row} * ${bins}u + ${k}] = vec2<f32>(${a}, ${b});`),
  });
  return {
    launches: [
      defineLaunch({
        name: `rfft.${variant} ${n}`,
        bindings: [
          { name: 'x', type: 'f32', ref: input(0) },
          { name: 'twiddle', type: 'vec2<f32>', ref: input(1) },
          { name: 'result', type: 'vec2<f32>', ref: output(0) },
        ],
        params: [u32('rows', rows)],
        workgroupSize: [form.workgroup, 1, 1],
        declarations: line.declaration,
        body: rowBody(form, line.rowSize, inner),
        grid: rowGrid(form, rows),
      }),
    ],
  };
}

const irfftVariants = ({ attrs, device }: Problem<IrfftAttrs>) => fftVariants(tableOf(attrs.n), device);

export const irfft: Kernel<IrfftAttrs> = {
  name: 'irfft',
  fusesEpilogue: false,
  variants: irfftVariants,
  choose: (problem) => chooseFft(problem.inputs[0].shape[0], irfftVariants(problem), problem.device),
  launch(problem): LaunchPlan {
    const { n } = problem.attrs;
    const [rows] = problem.inputs[0].shape;
    if (rows * n === 0) return { launches: [] };
    const variant = problem.variant ?? irfft.choose(problem);
    const table = tableOf(n);
    if (variant !== 'passes') return inverseRows(problem, table, variant as RowVariant);
    const even = n % 2 === 0;
    const inner = transformPasses({
      table,
      rows,
      inverse: true,
      source: temp(0),
      target: even ? output(0) : temp(2),
      scratch: temp(1),
      wide: [temp(3), temp(4)],
    });
    return {
      launches: [
        even ? tangle(rows, n, input(0), input(1), temp(0)) : mirrorBins(rows, n, input(0), temp(0)),
        ...inner,
        ...(even ? [] : [narrow(rows, n, temp(2), output(0))]),
      ],
      temps: tempsOf(rows, table),
    };
  },
  cost(problem) {
    const [rows] = problem.inputs[0].shape;
    const { n } = problem.attrs;
    const inner = transformCost(rows, tableOf(n), problem.variant ?? irfft.choose(problem));
    return { flops: inner.flops + 6 * rows * n, bytes: inner.bytes + 12 * rows * n };
  },
};

function inverseRows(
  { inputs, attrs, device }: Problem<IrfftAttrs>,
  table: TransformTable,
  variant: RowVariant,
): LaunchPlan {
  const { n } = attrs;
  const [rows, bins] = inputs[0].shape;
  const line = new RowTransform(table, variant, device.limits.maxWorkgroupBytes);
  const { form } = line;
  const inner = realInverse(
    line,
    n,
    (name, index) => `
${form.rows.map((row) => `let ${name}_${row} = x[${row} * ${bins}u + ${index}];`).join(' ')}
let ${name}r = ${form.gather((row) => `${name}_${row}.x`)}; let ${name}i = ${form.gather((row) => `${name}_${row}.y`)};`,
    (index, value) =>
      `{ let at = ${index}; ${storeRows(form, [value], (row, [v]) => `result[${row} * ${n}u + at] = ${v} * p.scale;`)} }`,
  );
  return {
    launches: [
      defineLaunch({
        name: `irfft.${variant} ${n}`,
        bindings: [
          { name: 'x', type: 'vec2<f32>', ref: input(0) },
          { name: 'twiddle', type: 'vec2<f32>', ref: input(1) },
          { name: 'result', type: 'f32', ref: output(0) },
        ],
        params: [u32('rows', rows), f32('scale', 1 / table.m)],
        workgroupSize: [form.workgroup, 1, 1],
        declarations: line.declaration,
        body: rowBody(form, line.rowSize, inner),
        grid: rowGrid(form, rows),
      }),
    ],
  };
}
