/**
 * The product of rows with a matrix that is zero outside of one short run in each column, as a mel filter bank is: a band of 128 touches some 4 of 257
 * bins, so a dense product would spend 60 times the work on zeros.
 *
 * An invocation owns one element of the result and adds up its column's run; neighbours read overlapping runs of one row. The transpose of
 * such a matrix has short runs as well, so the gradient is the same kernel with the transposed tables.
 */
import {
  defineLaunch,
  flatIndex,
  gridFor,
  input,
  numel,
  output,
  u32,
  type BufferRef,
  type Epilogue,
  type Kernel,
  type Launch,
  type LaunchPlan,
} from './launch.js';

const WORKGROUP = 64;

export interface BandedAttrs {
  /** Columns of the matrix. */
  readonly columns: number;
}

/** Inputs: x (R, K), then weights and runs of the matrix, then those of its transpose, which only the gradient reads. */
export const banded: Kernel<BandedAttrs> = {
  name: 'banded',
  fusesEpilogue: true,
  variants: () => ['scalar'],
  choose: () => 'scalar',
  launch({ inputs: [x], outputs: [out], epilogue }): LaunchPlan {
    if (numel(out.shape) === 0) return { launches: [] };
    const shape = { rows: x.shape[0], rowLength: x.shape[1], columns: out.shape[1] };
    const refs = { x: input(0), weights: input(1), runs: input(2), result: output(0) };
    return { launches: [bandedLaunch(shape, refs, epilogue)] };
  },
  cost: ({ inputs: [x, weights], outputs: [out] }) => ({
    flops: 2 * x.shape[0] * weights.shape[0],
    bytes: 4 * (numel(x.shape) + numel(weights.shape) + numel(out.shape)),
  }),
};

interface BandedShape extends BandedAttrs {
  readonly rows: number;
  readonly rowLength: number;
}

/** The launch; the fused short-time spectrum (stft.ts) ends in one, too. */
export function bandedLaunch(
  { rows, rowLength, columns }: BandedShape,
  refs: Readonly<Record<'x' | 'weights' | 'runs' | 'result', BufferRef>>,
  epilogue: Epilogue,
): Launch {
  const count = rows * columns;
  return defineLaunch({
    name: 'banded.scalar',
    bindings: [
      { name: 'x', type: 'f32', ref: refs.x },
      { name: 'weights', type: 'f32', ref: refs.weights },
      { name: 'runs', type: 'u32', ref: refs.runs },
      { name: 'result', type: 'f32', ref: refs.result },
      ...epilogue.bindings,
    ],
    params: [u32('count', count), u32('rowLength', rowLength), u32('columns', columns), ...epilogue.params],
    workgroupSize: [WORKGROUP, 1, 1],
    declarations: epilogue.code,
    body: `
  let index = ${flatIndex(WORKGROUP)};
  if (index >= p.count) { return; }
  let row = index / p.columns;
  let run = 3u * (index - row * p.columns);
  let start = row * p.rowLength + runs[run];
  let first = runs[run + 1u];
  var sum = 0.0;
  for (var i = 0u; i < runs[run + 2u]; i++) { sum += x[start + i] * weights[first + i]; }
  result[index] = epilogue(sum, index);`,
    grid: gridFor(count, WORKGROUP),
  });
}
