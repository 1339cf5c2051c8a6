/**
 * `passes`: a launch a factor, the numbers in global memory between them. An invocation does one butterfly in registers; there are no
 * barriers. A rough length (tables.ts) is two transforms of a smooth one between launches that multiply by the chirp and its spectrum.
 */
import { defineLaunch, f32, flatIndex, gridFor, input, u32, type BufferRef, type Launch } from '../launch.js';
import { butterfly, times } from './butterflies.js';
import { fftFactors } from './factors.js';
import type { TransformTable } from './tables.js';

const WORKGROUP = 64;

export interface TransformSpec {
  readonly table: TransformTable;
  readonly rows: number;
  readonly inverse: boolean;
  readonly source: BufferRef;
  readonly target: BufferRef;
  /** Memory of rows·m pairs between the passes. */
  readonly scratch: BufferRef;
  /** Of a rough length: two memories of rows·length pairs. */
  readonly wide: readonly [BufferRef, BufferRef];
  /** Which input of the kernel the table is; default 1. */
  readonly tableInput?: number;
}

/** The launches of a complex transform, scaled by 1/m in the inverse. `source` stays as it is unless it is `scratch`. */
export function transformPasses(spec: TransformSpec): Launch[] {
  const { table, rows, inverse, source, target, scratch, wide } = spec;
  const { m, length, rough } = table;
  const twiddle = input(spec.tableInput ?? 1);
  const common = { table, rows, twiddle };
  if (!rough) {
    const scale = inverse ? 1 / m : 1;
    return smoothPasses({ ...common, sign: inverse ? -1 : 1, scale, source, target, scratch });
  }
  const [a, b] = wide;
  // An even number of passes ends where it began.
  const even = fftFactors(length).length % 2 === 0;
  const passes = (sign: number, from: BufferRef, other: BufferRef): Launch[] =>
    smoothPasses({
      ...common,
      sign,
      scale: 1,
      source: from,
      ...(even ? { target: from, scratch: other } : { target: other, scratch: from }),
    });
  const [middle, next] = even ? [a, b] : [b, a];
  const sign = inverse ? -1 : 1;
  const edge = (name: string, count: number, from: BufferRef, to: BufferRef, body: string): Launch =>
    defineLaunch({
      name: `fft.${name}`,
      bindings: [
        { name: 'source', type: 'vec2<f32>', ref: from },
        { name: 'twiddle', type: 'vec2<f32>', ref: twiddle },
        { name: 'result', type: 'vec2<f32>', ref: to },
      ],
      params: [
        u32('count', count),
        u32('m', m),
        u32('length', length),
        u32('chirp', table.chirp),
        u32('spectrum', table.spectrum),
        f32('sign', sign),
        f32('scale', inverse ? 1 / m : 1),
      ],
      workgroupSize: [WORKGROUP, 1, 1],
      declarations: `${timesFunction}\nfn factor(i: u32) -> vec2<f32> { let t = twiddle[i]; return vec2<f32>(t.x, t.y * p.sign); }`,
      body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) {
${body}
  }`,
      grid: gridFor(count, WORKGROUP),
    });
  return [
    edge(
      'chirp',
      rows * length,
      source,
      a,
      `    let k = i % p.length;
    var value = vec2<f32>();
    if (k < p.m) { value = times(source[i / p.length * p.m + k], factor(p.chirp + k)); }
    result[i] = value;`,
    ),
    ...passes(1, a, b),
    edge(
      'spectrum',
      rows * length,
      middle,
      next,
      '    result[i] = times(source[i], factor(p.spectrum + i % p.length));',
    ),
    ...passes(-1, next, middle),
    edge(
      'unchirp',
      rows * m,
      b,
      target,
      `    let k = i % p.m;
    result[i] = times(source[i / p.m * p.length + k], factor(p.chirp + k)) * p.scale;`,
    ),
  ];
}

const timesFunction =
  'fn times(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> { return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }';

interface SmoothSpec {
  readonly table: TransformTable;
  readonly rows: number;
  readonly twiddle: BufferRef;
  /** 1 forward, −1 inverse, which conjugates every factor. */
  readonly sign: number;
  readonly scale: number;
  readonly source: BufferRef;
  readonly target: BufferRef;
  readonly scratch: BufferRef;
}

function smoothPasses(spec: SmoothSpec): Launch[] {
  const factors = fftFactors(spec.table.length);
  const launches: Launch[] = [];
  let done = 1;
  let from = spec.source;
  factors.forEach((radix, index) => {
    // Ping-pong, so that the last pass writes the target.
    const left = factors.length - 1 - index;
    const to = left % 2 === 0 ? spec.target : spec.scratch;
    launches.push(pass(spec, radix, done, from, to, left === 0 ? spec.scale : 1));
    done *= radix;
    from = to;
  });
  return launches;
}

function pass(
  spec: SmoothSpec,
  radix: number,
  done: number,
  source: BufferRef,
  target: BufferRef,
  scale: number,
): Launch {
  const { table, rows, twiddle, sign } = spec;
  const n = table.length;
  const count = (rows * n) / radix;
  const range = Array.from({ length: radix }, (_, q) => q);
  return defineLaunch({
    name: `fft.radix${radix}`,
    bindings: [
      { name: 'source', type: 'vec2<f32>', ref: source },
      { name: 'twiddle', type: 'vec2<f32>', ref: twiddle },
      { name: 'result', type: 'vec2<f32>', ref: target },
    ],
    params: [
      u32('count', count),
      u32('n', n),
      u32('done', done),
      // Between the inputs of a butterfly.
      u32('span', n / radix),
      u32('first', table.first),
      // Table entries for the smallest turn of this pass.
      u32('turns', (table.stride * n) / (done * radix)),
      f32('sign', sign),
      f32('scale', scale),
    ],
    workgroupSize: [WORKGROUP, 1, 1],
    body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) {
  let row = i / p.span;
  let j = i % p.span;
  let k = j % p.done;
  let at = row * p.n + j;
  // The inverse is the forward transform between two conjugations.
${range
  .map((q) => {
    const read = `let s${q} = source[at + ${q}u * p.span];`;
    if (q === 0) return `${read} let v0r = s0.x; let v0i = s0.y * p.sign;`;
    return `${read} let a${q}r = s${q}.x; let a${q}i = s${q}.y * p.sign; let w${q} = twiddle[p.first + ${q}u * k * p.turns]; ${times(`v${q}`, `a${q}`, `w${q}`)}`;
  })
  .join('\n')}
${butterfly(radix, 'v', 'y')}
  let first = row * p.n + (j - k) * ${radix}u + k;
${range.map((q) => `  result[first + ${q}u * p.done] = vec2<f32>(y${q}r, y${q}i * p.sign) * p.scale;`).join('\n')}
  }`,
    grid: gridFor(count, WORKGROUP),
  });
}
