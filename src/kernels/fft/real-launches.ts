/** The launches that the `passes` variant of a real transform has round the complex one. */
import {
  defineLaunch,
  flatIndex,
  gridFor,
  u32,
  type Binding,
  type BufferRef,
  type Launch,
  type Param,
} from '../launch.js';

const WORKGROUP = 64;

/** A launch of `count` invocations, of which each sees its number `i`. */
function each(
  name: string,
  count: number,
  params: readonly Param[],
  bindings: readonly Binding[],
  body: string,
): Launch {
  return defineLaunch({
    name,
    bindings,
    params: [u32('count', count), ...params],
    workgroupSize: [WORKGROUP, 1, 1],
    body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) {
${body}
  }`,
    grid: gridFor(count, WORKGROUP),
  });
}

const pairs = (name: string, ref: BufferRef): Binding => ({ name, type: 'vec2<f32>', ref });
const reals = (name: string, ref: BufferRef): Binding => ({ name, type: 'f32', ref });
const binsOf = (n: number): number => Math.floor(n / 2) + 1;

/** Real numbers as complex ones. */
export const widen = (rows: number, n: number, x: BufferRef, to: BufferRef): Launch =>
  each('rfft.widen', rows * n, [], [reals('x', x), pairs('result', to)], '    result[i] = vec2<f32>(x[i], 0.0);');

/** The real parts. */
export const narrow = (rows: number, n: number, z: BufferRef, to: BufferRef): Launch =>
  each('irfft.narrow', rows * n, [], [pairs('z', z), reals('result', to)], '    result[i] = z[i].x;');

/** The first bins of n. */
export const cutBins = (rows: number, n: number, z: BufferRef, to: BufferRef): Launch =>
  each(
    'rfft.cut',
    rows * binsOf(n),
    [u32('bins', binsOf(n)), u32('n', n)],
    [pairs('z', z), pairs('result', to)],
    '    result[i] = z[i / p.bins * p.n + i % p.bins];',
  );

/** All n bins out of the first, by symmetry; the first is real. */
export const mirrorBins = (rows: number, n: number, x: BufferRef, to: BufferRef): Launch =>
  each(
    'irfft.mirror',
    rows * n,
    [u32('bins', binsOf(n)), u32('n', n)],
    [pairs('x', x), pairs('z', to)],
    `    let k = i % p.n;
    var value = x[i / p.n * p.bins + min(k, p.n - k)];
    if (k == 0u) { value.y = 0.0; }
    if (k >= p.bins) { value.y = -value.y; }
    z[i] = value;`,
  );

/** With z the transform of even + i·odd samples: X[k] = E[k] + w^k·O[k], E and O being the Hermitian halves of z. */
export const untangleBins = (rows: number, n: number, z: BufferRef, twiddle: BufferRef, to: BufferRef): Launch =>
  each(
    'rfft.untangle',
    rows * binsOf(n),
    [u32('bins', binsOf(n)), u32('m', n / 2)],
    [pairs('z', z), pairs('twiddle', twiddle), pairs('result', to)],
    `    let row = i / p.bins;
    let k = i % p.bins;
    let a = z[row * p.m + k % p.m];
    let mirrored = z[row * p.m + (p.m - k) % p.m];
    let b = vec2<f32>(mirrored.x, -mirrored.y);
    let even = 0.5 * (a + b);
    let odd = 0.5 * vec2<f32>(a.y - b.y, b.x - a.x);
    let w = select(twiddle[k], vec2<f32>(-1.0, 0.0), k == p.m);
    result[i] = even + vec2<f32>(w.x * odd.x - w.y * odd.y, w.x * odd.y + w.y * odd.x);`,
  );

/** The other way. The first bin and the last are real by symmetry: an imaginary part there is not looked at. */
export const tangle = (rows: number, n: number, x: BufferRef, twiddle: BufferRef, to: BufferRef): Launch =>
  each(
    'irfft.tangle',
    (rows * n) / 2,
    [u32('bins', binsOf(n)), u32('m', n / 2)],
    [pairs('x', x), pairs('twiddle', twiddle), pairs('z', to)],
    `    let k = i % p.m;
    let at = i / p.m * p.bins;
    var a = x[at + k];
    var b = x[at + p.m - k];
    if (k == 0u) {
      a.y = 0.0;
      b.y = 0.0;
    }
    b.y = -b.y;
    let w = twiddle[k];
    let half = 0.5 * (a - b);
    let odd = vec2<f32>(w.x * half.x + w.y * half.y, w.x * half.y - w.y * half.x);
    z[i] = 0.5 * (a + b) + vec2<f32>(-odd.y, odd.x);`,
  );
