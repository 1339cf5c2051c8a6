/**
 * Fast Fourier transforms along the last axis, complex numbers as pairs (re, im).
 *
 * `fft`: (R, n, 2) → (R, n, 2); `inverse` conjugates and scales by 1/n. `rfft`: real (R, n) → (R, ⌊n/2⌋+1, 2). `irfft`: (R, ⌊n/2⌋+1, 2) → (R, n).
 * Input 1 is always `twiddles(n)`, because the drivers' sine is not good enough.
 *
 * Stockham's self-sorting form (Cochran and others, "What is the fast Fourier transform?", 1967; laid out for GPUs by Govindaraju and
 * others, "High performance discrete Fourier transforms on graphics processors", SC 2008): n is split into factors; the pass for factor r with
 * `done` = the product of the factors before takes the r numbers at j + q·n/r, turns each by exp(−2πi·q·(j mod done)/(done·r)), transforms
 * them, and writes them `done` apart, so that no bit reversal is ever needed.
 *
 * `passes`: a launch a factor, no barriers. For 8, 5, 4, 3 and 2 an invocation does one butterfly in registers; for any other prime r an
 * invocation sums one output number over its r inputs (r is small in practice; a large prime costs n·r).
 * `workgroup`: n a power of two ≤ 1024; a workgroup does a whole row in workgroup memory, radix 4, so that the row is read and written
 * once.
 * Real transforms of even n pack neighbours as one complex number of a transform half as long (Cooley, Lewis and Welch, 1970), which costs
 * nothing since pairs lie side by side already, and one launch untangles. Odd n goes through a complex transform of length n.
 */
import {
  defineLaunch,
  f32,
  flatIndex,
  gridFor,
  input,
  output,
  temp,
  u32,
  type BufferRef,
  type Cost,
  type Kernel,
  type Launch,
  type LaunchPlan,
  type Problem,
} from './launch.js';

const WORKGROUP = 64;
/** Longest transform of the `workgroup` variant: two copies of a row of pairs in 16 KiB. */
const MAX_SHARED = 1024;

export interface FftAttrs {
  readonly inverse: boolean;
}

export type RfftAttrs = Readonly<Record<string, never>>;

export interface IrfftAttrs {
  /** Length of the real result; its parity is not in the input's shape. */
  readonly n: number;
}

/** The table (n, 2) of exp(−2πi·k/n), computed in float64: input 1 of every transform of length n. */
export function twiddles(n: number): Float32Array {
  const table = new Float32Array(2 * n);
  for (let k = 0; k < n; k++) {
    const angle = (-2 * Math.PI * k) / n;
    table[2 * k] = Math.cos(angle);
    table[2 * k + 1] = Math.sin(angle);
  }
  return table;
}

/** Factors of n in the order of the passes: 8s, then 4s (rather than 8 and 2), then primes. */
export function fftFactors(n: number): number[] {
  const factors: number[] = [];
  let twos = 0;
  let rest = n;
  while (rest % 2 === 0 && rest > 0) {
    rest /= 2;
    twos++;
  }
  const fours = twos % 3 === 2 ? 1 : twos % 3 === 1 && twos >= 4 ? 2 : 0;
  for (let i = 0; i < Math.floor((twos - 2 * fours) / 3); i++) factors.push(8);
  for (let i = 0; i < fours; i++) factors.push(4);
  if (twos === 1) factors.push(2);
  for (let prime = 3; prime * prime <= rest; prime += 2) {
    while (rest % prime === 0) {
      factors.push(prime);
      rest /= prime;
    }
  }
  if (rest > 1) factors.push(rest);
  return factors.length > 0 ? factors : [1];
}

/** The direction is in the param `sign`: 1 forward, −1 inverse, which conjugates every factor. */
const complexFunctions = `
fn turn(k: u32) -> vec2<f32> {
  let t = twiddle[k * p.stride];
  return vec2<f32>(t.x, t.y * p.sign);
}
fn times(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> { return vec2<f32>(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }
/** a times −i, or i in the inverse. */
fn quarter(a: vec2<f32>) -> vec2<f32> { return vec2<f32>(a.y, -a.x) * p.sign; }`;

const butterfly4 = `
fn butterfly4(a: vec2<f32>, b: vec2<f32>, c: vec2<f32>, d: vec2<f32>) -> array<vec2<f32>, 4> {
  let s = a + c; let t = a - c; let u = b + d; let v = quarter(b - d);
  return array<vec2<f32>, 4>(s + u, t + v, s - u, t - v);
}`;

/** Butterflies in registers: WGSL that leaves the transform of v0 … v(r−1) in the array `y`. */
const registerBodies: Readonly<Record<number, string>> = {
  2: '  let y = array<vec2<f32>, 2>(v0 + v1, v0 - v1);',
  3: `
  let s = v1 + v2;
  let m = v0 - 0.5 * s;
  let t = 0.866025404 * quarter(v1 - v2);
  let y = array<vec2<f32>, 3>(v0 + s, m + t, m - t);`,
  4: '  let y = butterfly4(v0, v1, v2, v3);',
  5: `
  let a = v1 + v4;
  let b = v2 + v3;
  let c = quarter(v1 - v4);
  let d = quarter(v2 - v3);
  let m1 = v0 + 0.309016994 * a - 0.809016994 * b;
  let m2 = v0 - 0.809016994 * a + 0.309016994 * b;
  let t1 = 0.951056516 * c + 0.587785252 * d;
  let t2 = 0.587785252 * c - 0.951056516 * d;
  let y = array<vec2<f32>, 5>(v0 + a + b, m1 + t1, m2 + t2, m2 - t2, m1 - t1);`,
  8: `
  let e = butterfly4(v0, v2, v4, v6);
  let o = butterfly4(v1, v3, v5, v7);
  let o1 = (o[1] + quarter(o[1])) * 0.707106781;
  let o2 = quarter(o[2]);
  let o3 = (quarter(o[3]) - o[3]) * 0.707106781;
  let y = array<vec2<f32>, 8>(e[0] + o[0], e[1] + o1, e[2] + o2, e[3] + o3, e[0] - o[0], e[1] - o1, e[2] - o2, e[3] - o3);`,
};

interface PassSpec {
  readonly n: number;
  readonly rows: number;
  readonly radix: number;
  readonly done: number;
  /** Step through the twiddle table, which may belong to a multiple of n. */
  readonly stride: number;
  readonly sign: number;
  readonly scale: number;
  readonly source: BufferRef;
  readonly target: BufferRef;
}

function passLaunch({ n, rows, radix, done, stride, sign, scale, source, target }: PassSpec): Launch {
  const registers = radix in registerBodies;
  const count = registers ? (rows * n) / radix : rows * n;
  const range = Array.from({ length: radix }, (_, q) => q);
  const body = registers
    ? `
  let row = i / p.span;
  let j = i % p.span;
  let k = j % p.done;
  let at = row * p.n + j;
${range
  .map((q) =>
    q === 0
      ? '  let v0 = source[at];'
      : `  let v${q} = times(source[at + ${q}u * p.span], turn(${q === 1 ? 'k' : `${q}u * k`} * p.turns));`,
  )
  .join('\n')}
${registerBodies[radix]}
  let first = row * p.n + (j - k) * ${radix}u + k;
${range.map((q) => `  result[first + ${q}u * p.done] = y[${q}] * p.scale;`).join('\n')}`
    : `
  // Output number i of the pass: element \`part\` of butterfly j, in the order in which the pass writes.
  let row = i / p.n;
  let place = i % p.n;
  let k = place % p.done;
  let part = (place / p.done) % p.radix;
  let j = place / (p.done * p.radix) * p.done + k;
  // The turn of input q is q·k/(done·radix) + q·part/radix of a circle.
  let advance = k * p.turns + part * p.span;
  var angle = 0u;
  var sum = vec2<f32>(0.0);
  for (var q = 0u; q < p.radix; q++) {
    sum += times(source[row * p.n + j + q * p.span], turn(angle));
    angle += advance;
    if (angle >= p.n) { angle -= p.n; }
  }
  result[i] = sum * p.scale;`;
  return defineLaunch({
    name: registers ? `fft.radix${radix}` : 'fft.radixN',
    bindings: [
      { name: 'source', type: 'vec2<f32>', ref: source },
      { name: 'twiddle', type: 'vec2<f32>', ref: input(1) },
      { name: 'result', type: 'vec2<f32>', ref: target },
    ],
    params: [
      u32('count', count),
      u32('n', n),
      u32('radix', radix),
      u32('done', done),
      // Between the inputs of a butterfly.
      u32('span', n / radix),
      // Table steps for the smallest turn of this pass.
      u32('turns', n / (done * radix)),
      u32('stride', stride),
      f32('sign', sign),
      f32('scale', scale),
    ],
    workgroupSize: [WORKGROUP, 1, 1],
    declarations: complexFunctions + (radix === 4 || radix === 8 ? butterfly4 : ''),
    body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.count) { return; }
${body.replace(/^\n+/, '')}`,
    grid: gridFor(count, WORKGROUP),
  });
}

interface TransformSpec {
  readonly n: number;
  readonly rows: number;
  readonly stride: number;
  readonly inverse: boolean;
  readonly source: BufferRef;
  readonly target: BufferRef;
  /** Memory of rows·n pairs between the passes. */
  readonly scratch: BufferRef;
  readonly variant: string;
}

/** The launches of a complex transform. `source` stays as it is unless it is `scratch`. */
function transform(spec: TransformSpec): Launch[] {
  const { n, rows, stride, inverse, source, target, scratch, variant } = spec;
  const sign = inverse ? -1 : 1;
  if (variant === 'workgroup') return [workgroupLaunch(spec, sign)];
  const factors = fftFactors(n);
  const launches: Launch[] = [];
  let done = 1;
  let from = source;
  factors.forEach((radix, index) => {
    // Ping-pong, so that the last pass writes the target.
    const left = factors.length - 1 - index;
    const to = left % 2 === 0 ? target : scratch;
    const scale = inverse && left === 0 ? 1 / n : 1;
    launches.push(passLaunch({ n, rows, radix, done, stride, sign, scale, source: from, target: to }));
    done *= radix;
    from = to;
  });
  return launches;
}

function workgroupLaunch({ n, rows, stride, inverse, source, target }: TransformSpec, sign: number): Launch {
  return defineLaunch({
    name: `fft.workgroup${n}`,
    bindings: [
      { name: 'source', type: 'vec2<f32>', ref: source },
      { name: 'twiddle', type: 'vec2<f32>', ref: input(1) },
      { name: 'result', type: 'vec2<f32>', ref: target },
    ],
    params: [u32('rows', rows), u32('stride', stride), f32('sign', sign), f32('scale', inverse ? 1 / n : 1)],
    workgroupSize: [WORKGROUP, 1, 1],
    declarations: `const N = ${n}u;\nvar<workgroup> line: array<vec2<f32>, ${2 * n}>;${complexFunctions}${butterfly4}`,
    body: `
  let row = wid.y * nwg.x + wid.x;
  let begin = min(row, p.rows - 1u) * N;
  for (var i = lindex; i < N; i += ${WORKGROUP}u) { line[i] = source[begin + i]; }
  var done = 1u;
  var old = 0u;
  for (; done * 4u <= N; done *= 4u) {
    workgroupBarrier();
    let fresh = N - old;
    let turns = N / (done * 4u);
    for (var j = lindex; j < N / 4u; j += ${WORKGROUP}u) {
      let k = j % done;
      let at = old + j;
      let y = butterfly4(line[at], times(line[at + N / 4u], turn(k * turns)),
        times(line[at + N / 2u], turn(2u * k * turns)), times(line[at + N / 4u * 3u], turn(3u * k * turns)));
      let first = fresh + (j - k) * 4u + k;
      line[first] = y[0];
      line[first + done] = y[1];
      line[first + 2u * done] = y[2];
      line[first + 3u * done] = y[3];
    }
    old = fresh;
  }
  workgroupBarrier();
  if (row >= p.rows) { return; }
  if (done < N) {
    for (var j = lindex; j < N / 2u; j += ${WORKGROUP}u) {
      let a = line[old + j];
      let b = times(line[old + j + N / 2u], turn(j));
      result[begin + j] = (a + b) * p.scale;
      result[begin + j + N / 2u] = (a - b) * p.scale;
    }
  } else {
    for (var i = lindex; i < N; i += ${WORKGROUP}u) { result[begin + i] = line[old + i] * p.scale; }
  }`,
    grid: gridFor(rows, 1),
  });
}

const isPowerOfTwo = (n: number): boolean => n >= 1 && (n & (n - 1)) === 0;
const variantsFor = (n: number): readonly string[] =>
  isPowerOfTwo(n) && n <= MAX_SHARED ? ['passes', 'workgroup'] : ['passes'];
const chooseFor = (problem: Problem, n: number): string =>
  problem.device.kind === 'hardware' && variantsFor(n).includes('workgroup') ? 'workgroup' : 'passes';

/** 5·n·log2(n) operations, the usual count, with the memory read and written once a pass. */
function transformCost(rows: number, n: number, variant: string): Cost {
  const passes = variant === 'workgroup' ? 1 : fftFactors(n).length;
  return { flops: 5 * rows * n * Math.max(1, Math.log2(n)), bytes: 16 * rows * n * passes };
}

export const fft: Kernel<FftAttrs> = {
  name: 'fft',
  fusesEpilogue: false,
  variants: ({ inputs }) => variantsFor(inputs[0].shape[1]),
  choose: (problem) => chooseFor(problem, problem.inputs[0].shape[1]),
  launch(problem): LaunchPlan {
    const [rows, n] = problem.inputs[0].shape;
    if (rows * n === 0) return { launches: [] };
    const launches = transform({
      n,
      rows,
      stride: 1,
      inverse: problem.attrs.inverse,
      source: input(0),
      target: output(0),
      scratch: temp(0),
      variant: problem.variant ?? fft.choose(problem),
    });
    return { launches, temps: launches.length > 1 ? [rows * n * 8] : [] };
  },
  cost: (problem) => {
    const [rows, n] = problem.inputs[0].shape;
    return transformCost(rows, n, problem.variant ?? fft.choose(problem));
  },
};

/** Length of the complex transform that does the work of a real one of length n. */
const innerLength = (n: number): number => (n % 2 === 0 ? n / 2 : n);

export const rfft: Kernel<RfftAttrs> = {
  name: 'rfft',
  fusesEpilogue: false,
  variants: ({ inputs }) => variantsFor(innerLength(inputs[0].shape[1])),
  choose: (problem) => chooseFor(problem, innerLength(problem.inputs[0].shape[1])),
  launch(problem): LaunchPlan {
    const [rows, n] = problem.inputs[0].shape;
    if (rows * n === 0) return { launches: [] };
    const m = innerLength(n);
    const bins = Math.floor(n / 2) + 1;
    const even = n % 2 === 0;
    const inner = transform({
      n: m,
      rows,
      stride: n / m,
      inverse: false,
      source: even ? input(0) : temp(2),
      target: temp(0),
      scratch: temp(1),
      variant: problem.variant ?? rfft.choose(problem),
    });
    const params = [u32('count', rows * bins), u32('bins', bins), u32('m', m)];
    const result = { name: 'result', type: 'vec2<f32>', ref: output(0) };
    const z = { name: 'z', type: 'vec2<f32>', ref: temp(0) };
    const untangle = even
      ? defineLaunch({
          name: 'rfft.untangle',
          bindings: [z, { name: 'twiddle', type: 'vec2<f32>', ref: input(1) }, result],
          params,
          workgroupSize: [WORKGROUP, 1, 1],
          // With z the transform of even + i·odd samples: X[k] = E[k] + w^k·O[k], E and O being the Hermitian halves of z.
          body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.count) { return; }
  let row = i / p.bins;
  let k = i % p.bins;
  let a = z[row * p.m + k % p.m];
  let mirrored = z[row * p.m + (p.m - k) % p.m];
  let b = vec2<f32>(mirrored.x, -mirrored.y);
  let even = 0.5 * (a + b);
  let odd = 0.5 * vec2<f32>(a.y - b.y, b.x - a.x);
  let w = select(twiddle[k], vec2<f32>(-1.0, 0.0), k == p.m);
  result[i] = even + vec2<f32>(w.x * odd.x - w.y * odd.y, w.x * odd.y + w.y * odd.x);`,
          grid: gridFor(rows * bins, WORKGROUP),
        })
      : defineLaunch({
          name: 'rfft.cut',
          bindings: [z, result],
          params,
          workgroupSize: [WORKGROUP, 1, 1],
          body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) { result[i] = z[i / p.bins * p.m + i % p.bins]; }`,
          grid: gridFor(rows * bins, WORKGROUP),
        });
    if (even) return { launches: [...inner, untangle], temps: [rows * m * 8, rows * m * 8] };
    const widen = defineLaunch({
      name: 'rfft.widen',
      bindings: [
        { name: 'x', type: 'f32', ref: input(0) },
        { name: 'pairs', type: 'vec2<f32>', ref: temp(2) },
      ],
      params: [u32('count', rows * n)],
      workgroupSize: [WORKGROUP, 1, 1],
      body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) { pairs[i] = vec2<f32>(x[i], 0.0); }`,
      grid: gridFor(rows * n, WORKGROUP),
    });
    return { launches: [widen, ...inner, untangle], temps: [rows * n * 8, rows * n * 8, rows * n * 8] };
  },
  cost(problem) {
    const [rows, n] = problem.inputs[0].shape;
    const inner = transformCost(rows, innerLength(n), problem.variant ?? rfft.choose(problem));
    return { flops: inner.flops + 6 * rows * n, bytes: inner.bytes + 12 * rows * n };
  },
};

export const irfft: Kernel<IrfftAttrs> = {
  name: 'irfft',
  fusesEpilogue: false,
  variants: ({ attrs }) => variantsFor(innerLength(attrs.n)),
  choose: (problem) => chooseFor(problem, innerLength(problem.attrs.n)),
  launch(problem): LaunchPlan {
    const { n } = problem.attrs;
    const [rows, bins] = problem.inputs[0].shape;
    if (rows * n === 0) return { launches: [] };
    const m = innerLength(n);
    const even = n % 2 === 0;
    const prepare = defineLaunch({
      name: even ? 'irfft.tangle' : 'irfft.mirror',
      bindings: [
        { name: 'x', type: 'vec2<f32>', ref: input(0) },
        ...(even ? [{ name: 'twiddle', type: 'vec2<f32>', ref: input(1) }] : []),
        { name: 'z', type: 'vec2<f32>', ref: temp(0) },
      ],
      params: [u32('count', rows * m), u32('bins', bins), u32('m', m)],
      workgroupSize: [WORKGROUP, 1, 1],
      // The first bin, and the last of an even length, are real by symmetry: an imaginary part there is not looked at.
      body: even
        ? `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.count) { return; }
  let k = i % p.m;
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
  z[i] = 0.5 * (a + b) + vec2<f32>(-odd.y, odd.x);`
        : `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.count) { return; }
  let k = i % p.m;
  let at = i / p.m * p.bins;
  var value = x[at + min(k, p.m - k)];
  if (k == 0u) { value.y = 0.0; }
  if (k >= p.bins) { value.y = -value.y; }
  z[i] = value;`,
      grid: gridFor(rows * m, WORKGROUP),
    });
    const inner = transform({
      n: m,
      rows,
      stride: n / m,
      inverse: true,
      source: temp(0),
      target: even ? output(0) : temp(2),
      scratch: temp(1),
      variant: problem.variant ?? irfft.choose(problem),
    });
    if (even) return { launches: [prepare, ...inner], temps: [rows * m * 8, rows * m * 8] };
    const narrow = defineLaunch({
      name: 'irfft.narrow',
      bindings: [
        { name: 'pairs', type: 'vec2<f32>', ref: temp(2) },
        { name: 'result', type: 'f32', ref: output(0) },
      ],
      params: [u32('count', rows * n)],
      workgroupSize: [WORKGROUP, 1, 1],
      body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i < p.count) { result[i] = pairs[i].x; }`,
      grid: gridFor(rows * n, WORKGROUP),
    });
    return { launches: [prepare, ...inner, narrow], temps: [rows * n * 8, rows * n * 8, rows * n * 8] };
  },
  cost(problem) {
    const [rows] = problem.inputs[0].shape;
    const { n } = problem.attrs;
    const inner = transformCost(rows, innerLength(n), problem.variant ?? irfft.choose(problem));
    return { flops: inner.flops + 6 * rows * n, bytes: inner.bytes + 12 * rows * n };
  },
};
