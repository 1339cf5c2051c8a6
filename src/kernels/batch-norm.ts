/**
 * The two reductions of batch normalization over the rows of a matrix (R, C), R being batch × positions and C channels.
 *
 * `batchNormMoments`: x (R, C) → mean (C), biased variance (C).
 * `batchNormGradSums`: dy (R, C), x (R, C), mean (C), rstd (C) → Σ dy (C), Σ dy·(x − mean)·rstd (C).
 *
 * Two launches, no barriers. First the rows are cut into chunks by a rule that looks at the shape only (so every device sums in the
 * same order): an invocation takes one chunk of one channel (`scalar`) or of four (`vec4`, where C % 4 = 0); neighbours take neighbouring
 * channels, so loads are contiguous. Then an invocation a channel folds the chunks in order. Moments: each chunk has its own mean and
 * its sum of squares about that mean, joined by the formula of Chan, Golub and LeVeque ("Updating formulae and a pairwise algorithm for computing
 * sample variances", 1979): Σx² − (Σx)²/R would lose all digits where the mean is large against the spread. For the same reason all of it is done on
 * differences from the channel's first value, which are exact, or nearly so, when they are small against it. Few rows are one chunk, whose sums are
 * the result: then the first launch is the only one.
 */
import {
  defineLaunch,
  flatIndex,
  gridFor,
  input,
  numel,
  output,
  temp,
  u32,
  type Binding,
  type Kernel,
  type LaunchPlan,
  type Param,
  type Problem,
} from './launch.js';

const WORKGROUP = 64;
/** Chunks at most: enough invocations for a GPU, few enough for one invocation to fold. */
const MAX_CHUNKS = 128;
/** Rows a chunk at least, so that the second launch has little to do. */
const MIN_ROWS = 16;
/** Rows that one invocation walks rather than that there is a second launch. */
const FEW_ROWS = 64;

export type BatchNormAttrs = Readonly<Record<string, never>>;

const variants = ({ inputs }: Problem<BatchNormAttrs>): readonly string[] =>
  inputs[0].shape[1] % 4 === 0 ? ['scalar', 'vec4'] : ['scalar'];
const choose = (problem: Problem<BatchNormAttrs>): string => {
  const names = variants(problem);
  return names[names.length - 1];
};

interface Plan {
  readonly rows: number;
  readonly groups: number;
  readonly chunks: number;
  readonly type: string;
  readonly params: readonly Param[];
  readonly temps: readonly number[];
}

function planChunks(problem: Problem<BatchNormAttrs>, variant: string): Plan {
  const [rows, columns] = problem.inputs[0].shape;
  const width = variant === 'vec4' ? 4 : 1;
  const perChunk = rows <= FEW_ROWS ? Math.max(rows, 1) : Math.max(MIN_ROWS, Math.ceil(rows / MAX_CHUNKS));
  const chunks = Math.ceil(rows / perChunk);
  const groups = columns / width;
  return {
    rows,
    groups,
    chunks,
    type: width === 4 ? 'vec4<f32>' : 'f32',
    params: [u32('rows', rows), u32('groups', groups), u32('per_chunk', perChunk), u32('chunks', chunks)],
    // Two numbers a channel and chunk, and one more a channel.
    temps: [(2 * chunks + 1) * columns * 4],
  };
}

const chunkStart = `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.groups * p.chunks) { return; }
  let channel = i % p.groups;
  let chunk = i / p.groups;
  let begin = chunk * p.per_chunk;
  let end = min(begin + p.per_chunk, p.rows);`;

export const batchNormMoments: Kernel<BatchNormAttrs> = {
  name: 'batchNormMoments',
  fusesEpilogue: false,
  variants,
  choose,
  launch(problem): LaunchPlan {
    const variant = problem.variant ?? choose(problem);
    const { rows, groups, chunks, type, params, temps } = planChunks(problem, variant);
    if (groups === 0) return { launches: [] };
    const x: Binding = { name: 'x', type, ref: input(0) };
    const results: Binding[] = [
      { name: 'mean_out', type, ref: output(0) },
      { name: 'variance_out', type, ref: output(1) },
    ];
    const chunkMoments = `${chunkStart}
  let pivot = x[channel];
  var sum = ${type}(0.0);
  for (var r = begin; r < end; r++) { sum += x[r * p.groups + channel] - pivot; }
  let mean = sum / f32(end - begin);
  var squares = ${type}(0.0);
  for (var r = begin; r < end; r++) {
    let d = (x[r * p.groups + channel] - pivot) - mean;
    squares += d * d;
  }`;
    if (chunks === 1) {
      const launch = defineLaunch({
        name: `batchNormMoments.single.${variant}`,
        bindings: [x, ...results],
        params,
        workgroupSize: [WORKGROUP, 1, 1],
        body: `${chunkMoments}
  mean_out[channel] = mean + pivot;
  variance_out[channel] = squares / f32(end - begin);`,
        grid: gridFor(groups, WORKGROUP),
      });
      return { launches: [launch] };
    }
    const chunkLaunch = defineLaunch({
      name: `batchNormMoments.chunks.${variant}`,
      bindings: [x, { name: 'parts', type, ref: temp(0) }],
      params,
      workgroupSize: [WORKGROUP, 1, 1],
      body: `${chunkMoments}
  if (chunk == 0u) { parts[p.groups * p.chunks * 2u + channel] = pivot; }
  parts[i * 2u] = mean;
  parts[i * 2u + 1u] = squares;`,
      grid: gridFor(groups * chunks, WORKGROUP),
    });
    const foldLaunch = defineLaunch({
      name: `batchNormMoments.fold.${variant}`,
      bindings: [{ name: 'parts', type, ref: temp(0) }, ...results],
      params,
      workgroupSize: [WORKGROUP, 1, 1],
      body: `
  let channel = ${flatIndex(WORKGROUP)};
  if (channel >= p.groups) { return; }
  var mean = ${type}(0.0);
  var squares = ${type}(0.0);
  var seen = 0.0;
  for (var chunk = 0u; chunk < p.chunks; chunk++) {
    let at = (chunk * p.groups + channel) * 2u;
    let count = f32(min(p.per_chunk, p.rows - chunk * p.per_chunk));
    let total = seen + count;
    let d = parts[at] - mean;
    mean += d * (count / total);
    squares += parts[at + 1u] + d * d * (seen * (count / total));
    seen = total;
  }
  if (p.rows > 0u) { mean += parts[p.groups * p.chunks * 2u + channel]; }
  mean_out[channel] = mean;
  variance_out[channel] = squares / max(seen, 1.0);`,
      grid: gridFor(groups, WORKGROUP),
    });
    // No rows: mean and variance 0, from the second launch alone.
    return { launches: rows === 0 ? [foldLaunch] : [chunkLaunch, foldLaunch], temps };
  },
  cost(problem) {
    const n = numel(problem.inputs[0].shape);
    return { flops: 4 * n, bytes: 8 * n };
  },
};

export const batchNormGradSums: Kernel<BatchNormAttrs> = {
  name: 'batchNormGradSums',
  fusesEpilogue: false,
  variants,
  choose,
  launch(problem): LaunchPlan {
    const variant = problem.variant ?? choose(problem);
    const { rows, groups, chunks, type, params, temps } = planChunks(problem, variant);
    if (groups === 0) return { launches: [] };
    const inputs = ['dy', 'x', 'mean', 'rstd'].map((name, i): Binding => ({ name, type, ref: input(i) }));
    const results: Binding[] = [
      { name: 'sum_out', type, ref: output(0) },
      { name: 'moment_out', type, ref: output(1) },
    ];
    const chunkSums = `${chunkStart}
  let m = mean[channel];
  var sum = ${type}(0.0);
  var moment = ${type}(0.0);
  for (var r = begin; r < end; r++) {
    let g = dy[r * p.groups + channel];
    sum += g;
    moment += g * (x[r * p.groups + channel] - m);
  }`;
    if (chunks === 1) {
      const launch = defineLaunch({
        name: `batchNormGradSums.single.${variant}`,
        bindings: [...inputs, ...results],
        params,
        workgroupSize: [WORKGROUP, 1, 1],
        body: `${chunkSums}
  sum_out[channel] = sum;
  moment_out[channel] = moment * rstd[channel];`,
        grid: gridFor(groups, WORKGROUP),
      });
      return { launches: [launch] };
    }
    const chunkLaunch = defineLaunch({
      name: `batchNormGradSums.chunks.${variant}`,
      bindings: [...inputs, { name: 'parts', type, ref: temp(0) }],
      params,
      workgroupSize: [WORKGROUP, 1, 1],
      body: `${chunkSums}
  parts[i * 2u] = sum;
  parts[i * 2u + 1u] = moment * rstd[channel];`,
      grid: gridFor(groups * chunks, WORKGROUP),
    });
    const foldLaunch = defineLaunch({
      name: `batchNormGradSums.fold.${variant}`,
      bindings: [{ name: 'parts', type, ref: temp(0) }, ...results],
      params,
      workgroupSize: [WORKGROUP, 1, 1],
      body: `
  let channel = ${flatIndex(WORKGROUP)};
  if (channel >= p.groups) { return; }
  var sum = ${type}(0.0);
  var moment = ${type}(0.0);
  for (var chunk = 0u; chunk < p.chunks; chunk++) {
    let at = (chunk * p.groups + channel) * 2u;
    sum += parts[at];
    moment += parts[at + 1u];
  }
  sum_out[channel] = sum;
  moment_out[channel] = moment;`,
      grid: gridFor(groups, WORKGROUP),
    });
    return { launches: rows === 0 ? [foldLaunch] : [chunkLaunch, foldLaunch], temps };
  },
  cost(problem) {
    const n = numel(problem.inputs[0].shape);
    return { flops: 4 * n, bytes: 8 * n };
  },
};
