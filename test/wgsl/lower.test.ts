/** Features of WGSL, each in a small kernel: text, tree, middle form, run in JavaScript, with vec4 packed and taken apart. */
import { describe, expect, it } from 'vitest';
import { forEachStmt } from '../../src/wgsl/build.js';
import { runIr } from '../../src/wgsl/js/index.js';
import { lower } from '../../src/wgsl/lower/lower.js';
import { parseWgsl } from '../../src/wgsl/parse.js';
import { usesPacked, usesSubgroups } from '../../src/wgsl/usage.js';
import { faultsOf } from './support/well-formed.js';

type Numbers = Float32Array | Int32Array | Uint32Array;

interface Kernel {
  readonly enable?: string;
  /** Declarations besides the output. */
  readonly declarations?: string;
  /** Of `main`; writes to `out`. */
  readonly body: string;
  /** Element type of `out`, 'f32' at first. */
  readonly out?: string;
  /** Words of `out`. */
  readonly words?: number;
  readonly inputs?: readonly Numbers[];
  readonly params?: Uint32Array;
  readonly size?: number;
  readonly groups?: number;
}

function textOf({ enable = '', declarations = '', body, out = 'f32', size = 1 }: Kernel): string {
  return `${enable}@group(0) @binding(0) var<storage, read_write> out: array<${out}>;
${declarations}
@compute @workgroup_size(${size}, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
  @builtin(workgroup_id) wid: vec3<u32>, @builtin(num_workgroups) nwg: vec3<u32>,
  @builtin(local_invocation_index) lindex: u32) {
${body}
}`;
}

function run(kernel: Kernel, packed: boolean): number[] {
  const { out = 'f32', words = 4, inputs = [], params, groups = 1 } = kernel;
  const ir = lower(parseWgsl(textOf(kernel)), { name: 'test', packed });
  expect(faultsOf(ir)).toEqual([]);
  const result = out.includes('u32')
    ? new Uint32Array(words)
    : out.includes('i32')
      ? new Int32Array(words)
      : new Float32Array(words);
  runIr(ir, {
    bindings: [result, ...inputs.map((a) => a.slice())],
    ...(params && { params }),
    grid: [groups, 1, 1],
  });
  return [...result];
}

function check(kernel: Kernel, expected: readonly number[]): void {
  const full = { words: expected.length, ...kernel };
  expect(run(full, false), 'taken apart').toEqual(expected);
  expect(run(full, true), 'packed').toEqual(expected);
}

const f = (...x: number[]): Float32Array => Float32Array.from(x);
const u = (...x: number[]): Uint32Array => Uint32Array.from(x);
const input = (type: string, index = 1, name = 'x'): string =>
  `@group(0) @binding(${index}) var<storage, read_write> ${name}: array<${type}>;`;

describe('values', () => {
  it('vectors: components, swizzles, arithmetic with scalars', () => {
    for (const size of [2, 3, 4]) {
      const tail = Array.from({ length: size }, (_, i) => `out[${i}] = v[${i}];`).join(' ');
      const exact = [1, 2, 3, 4].slice(0, size).map((x) => Math.fround((x * 2 + 1 - x) / x));
      const start = [1, 2, 3, 4].slice(0, size).join(', ');
      check(
        {
          declarations: input('f32'),
          body: `let t = vec${size}<f32>(${start}) * x[0]; let v = (t * 2.0 + 1.0 - t) / t; ${tail}`,
          inputs: [f(1)],
        },
        exact,
      );
    }
    check(
      {
        declarations: input('vec4<f32>'),
        body: 'var v = x[0].wzyx; v = v.yxwz; let p = v.xz; v.y = p.y; out[0] = v.x; out[1] = v.y; out[2] = v.z; out[3] = v.w;',
        inputs: [f(1, 2, 3, 4)],
      },
      [3, 1, 1, 2],
    );
    check(
      {
        declarations: input('vec2<i32>'),
        out: 'vec4<i32>',
        body: 'out[0] = vec4<i32>(x[1], x[0].yx); out[1] = vec4<i32>(7) - vec4<i32>(x[0].x, vec3<i32>(x[1], 1)); out[2] = -out[0];',
        inputs: [Int32Array.of(1, 2, 3, 4)],
      },
      [3, 4, 2, 1, 6, 4, 3, 6, -3, -4, -2, -1],
    );
  });

  it('components by a number known at run time', () => {
    for (const type of ['vec4<f32>', 'vec3<f32>', 'vec2<f32>']) {
      check(
        {
          declarations: `${input(type)} ${input('u32', 2, 'k')}`,
          body: 'var v = x[0]; let c = v; out[0] = c[k[0]]; v[k[0]] = 9.0; out[1] = v.x; out[2] = v[1]; out[3] = v[k[0]]; v[k[0]] += 1.0; out[4] = v.y; x[0][k[0]] = 5.0; out[5] = x[0].y; out[6] = x[0][k[1]];',
          inputs: [f(1, 2, 3, 4), u(1, 0)],
        },
        [2, 1, 9, 9, 10, 5, 1],
      );
    }
  });

  it('structs and arrays: made, copied, compared part by part, in functions', () => {
    check(
      {
        declarations: `struct Pair { a: vec3<f32>, b: u32, c: array<f32, 2> }
${input('Pair')}
fn turned(p: Pair) -> Pair { var q = p; q.a = q.a.zyx; q.b += 1u; q.c[0] = p.c[1]; q.c[1] = p.c[0]; return q; }
fn sum(p: Pair) -> f32 { return p.a.x + 10.0 * p.a.y + 100.0 * p.a.z + f32(p.b) * 1000.0 + p.c[0] * 1e4 + p.c[1] * 1e5; }`,
        body: `var p = x[1];
x[0] = turned(p);
out[0] = sum(x[0]);
p = turned(x[0]);
out[1] = sum(p);
let made = Pair(vec3<f32>(1.0), 2u, array<f32, 2>(3.0, 4.0));
out[2] = sum(made);
out[3] = sum(Pair());
x[1].c[1] = 8.0;
out[4] = sum(x[1]);
out[5] = f32(arrayLength(&x));`,
        inputs: [f(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 5, 6, 0, 0)],
      },
      [123 + 1000 + 6e4 + 5e5, 321 + 2000 + 5e4 + 6e5, 111 + 2000 + 3e4 + 4e5, 0, 321 + 5e4 + 8e5, 2],
    );
  });

  it('arrays in functions: by known and by unknown numbers', () => {
    check(
      {
        declarations: input('u32'),
        body: `var a: array<vec4<f32>, 3>;
var b = array<f32, 4>(1.0, 2.0, 3.0, 4.0);
a[1] = vec4<f32>(1.0, 2.0, 3.0, 4.0);
a[x[2]][x[1]] = 7.0;
b[x[0]] = 6.0;
var copy = b;
copy[3] = 0.0;
out[0] = a[x[1]].z; out[1] = a[2].y; out[2] = b[x[3]]; out[3] = b[0] + copy[3];
let table = array<f32, 3>(5.0, 6.0, 7.0);
out[4] = table[x[1]];
var whole = array<array<f32, 2>, 2>(array<f32, 2>(1.0, 2.0), array<f32, 2>(3.0, 4.0));
whole[x[1]][x[0]] = 9.0;
out[5] = whole[1][0] + whole[x[0]][x[1]];
var large: array<f32, 40>;
large[x[3] + 30u] = 3.0;
out[6] = large[33] + large[x[3]];
var known = array<vec2<f32>, 2>(vec2<f32>(1.0), vec2<f32>(2.0));
known[0].y = 3.0;
out[7] = known[0].y + known[1].x;`,
        inputs: [u(0, 1, 2, 3)],
      },
      [3, 7, 4, 6, 6, 11, 3, 5],
    );
  });

  it('constant tables', () => {
    const long = Array.from({ length: 12 }, (_, i) => `${i * i}u`).join(', ');
    check(
      {
        declarations: `${input('u32')}
const SHORT = array<u32, 3>(4u, 5u, 6u);
const LONG = array<u32, 12>(${long});`,
        out: 'u32',
        body: 'var own = array<u32, 3>(7u, 8u, 9u); out[0] = SHORT[x[0]] + own[x[1]]; out[1] = LONG[x[2]]; out[2] = SHORT[1] + LONG[3];',
        inputs: [u(2, 1, 11)],
      },
      [14, 121, 14],
    );
  });

  it('zero at first, again each time', () => {
    check(
      {
        declarations: 'var<private> count: i32; var<private> list: array<f32, 2>; var<private> start = 5;',
        body: `for (var i = 0; i < 3; i++) { var n: i32; var v: vec4<f32>; n += i + 1; v.x += 1.0; out[i] = f32(n) + v.x + v.y; count += n; }
out[3] = f32(count + start); list[count - 6] = 2.0; out[4] = list[0] + list[1];`,
      },
      [2, 3, 4, 11, 2],
    );
  });

  it('matrices', () => {
    check(
      {
        declarations: `${input('mat2x3<f32>')} ${input('mat4x4<f32>', 2, 'y')}`,
        body: `let m = x[0]; let v = m * vec2<f32>(1.0, 10.0);
out[0] = v.x; out[1] = v.y; out[2] = v.z;
let w = vec3<f32>(1.0, 10.0, 100.0) * m; out[3] = w.x; out[4] = w.y;
let p = m * transpose(m); out[5] = p[0][2]; out[6] = p[2].y;
var q = y[0] * y[0]; q[1] = q[1] * 2.0; q = q + y[0];
out[7] = q[1][0]; out[8] = q[3].w; var i = 2; out[9] = q[i][i]; out[10] = (y[0] * vec4<f32>(1.0, 0.0, 0.0, 1.0)).y;
out[11] = mat2x2<f32>(1.0, 2.0, 3.0, 4.0)[1].x;`,
        inputs: [f(1, 2, 3, 0, 4, 5, 6, 0), f(...Array.from({ length: 16 }, (_, i) => i))],
      },
      (() => {
        const y = (c: number, r: number): number => 4 * c + r;
        const yy = (c: number, r: number): number => [0, 1, 2, 3].reduce((s, k) => s + y(k, r) * y(c, k), 0);
        return [
          41,
          52,
          63,
          321,
          654,
          27,
          36,
          2 * yy(1, 0) + y(1, 0),
          yy(3, 3) + 15,
          yy(2, 2) + 10,
          y(0, 1) + y(3, 1),
          3,
        ];
      })(),
    );
  });

  it('integers: wrapping, division, shifts, conversions, bits', () => {
    check(
      {
        declarations: input('i32'),
        out: 'i32',
        body: `let a = x[0]; let b = x[1]; let z = x[2];
out[0] = a / b; out[1] = a % b; out[2] = a / z; out[3] = a % z; out[4] = a << 3u; out[5] = a >> 1u;
out[6] = i32(u32(a) >> 28u); out[7] = x[3] * x[3]; out[8] = i32(f32(a) * 1.5); out[9] = bitcast<i32>(f32(b));
out[10] = ~a; out[11] = a & 12; out[12] = (a | 1) ^ b; out[13] = i32(true) + i32(a < b); out[14] = abs(a);
out[15] = i32(u32(f32(z) - 5.0)); out[16] = i32(bool(a)); out[17] = min(a, b) + max(a, b) * 2;`,
        inputs: [Int32Array.of(-7, 2, 0, 65537)],
      },
      [-3, -1, -7, 0, -56, -4, 15, 131073, -10, 0x40000000, 6, 8, -5, 2, 7, 0, 1, -3],
    );
  });

  it('the uniform block', () => {
    const params = new Uint32Array(16);
    new Float32Array(params.buffer).set([1.5, 0, 0, 0, 2, 3, 4, 5, 6, 7], 0);
    params[2] = 9;
    params[12] = 11;
    params[13] = 12;
    check(
      {
        declarations: `struct P { a: f32, n: u32, k: i32, v: vec4<f32>, w: vec2<f32>, list: array<vec4<u32>, 1> }
@group(0) @binding(1) var<uniform> p: P;`,
        body: 'out[0] = p.a; out[1] = f32(p.k); let v = p.v; out[2] = v.x + p.v.w; out[3] = p.w.y; out[4] = p.v[p.n + 1u]; var i = 0; out[5] = f32(p.list[i].y);',
        params,
      },
      [1.5, 9, 7, 7, 3, 12],
    );
  });
});

describe('control', () => {
  it('early returns', () => {
    check(
      {
        declarations: `${input('i32')}
fn sort(v: i32) -> i32 {
  if (v < 0) { return -1; }
  if (v == 0) { return 0; } else if (v > 100) { if (v > 1000) { return 3; } } else { return 1; }
  for (var i = 0; i < 5; i++) { if (i * 100 > v) { return 20 + i; } }
  return 2;
}
fn note(i: i32) { if (i == 2) { return; } out[i] += 100; if (i == 3) { return; } out[i] += 1000; }`,
        out: 'i32',
        body: 'for (var i = 0; i < 6; i++) { out[i] = sort(x[i]); note(i); } if (x[0] == 7) { return; } out[6] = 5; if (x[0] < 0) { return; } out[6] = 6;',
        inputs: [Int32Array.of(-5, 0, 50, 150, 450, 2000)],
      },
      [1099, 1100, 1, 122, 1102, 1103, 5],
    );
  });

  it('loops: break, continue, continuing, break if, while, nested', () => {
    check(
      {
        out: 'i32',
        body: `var n = 0;
for (var i = 0; i < 10; i++) { if (i == 3) { continue; } if (i == 6) { break; } n += i; }
out[0] = n;
var k = 0;
loop { k += 2; if (k == 4) { continue; } out[1] += k; continuing { k += 1; break if k > 12; } }
while (k > 5) { k -= 4; }
out[2] = k;
var s = 0;
for (var i = 0; i < 4; i++) { for (var j = 0; j < 4; j++) { if (j == i) { continue; } if (j > 2) { break; } if (i == 2) { if (j == 1) { continue; } s += 100; } s += 10 * i + j; } }
out[3] = s;
loop { if (s > 0) { s -= 50; if (s < 200) { break; } continue; } s = -1; }
out[4] = s;
for (;;) { break; }
`,
      },
      (() => {
        let odd = 0;
        let k = 0;
        do {
          k += 2;
          if (k !== 4) odd += k;
          k += 1;
        } while (k <= 12);
        while (k > 5) k -= 4;
        let s = 0;
        for (let i = 0; i < 4; i++)
          for (let j = 0; j < 3; j++) {
            if (j === i || (i === 2 && j === 1)) continue;
            s += 10 * i + j + (i === 2 ? 100 : 0);
          }
        let t = s;
        while (t >= 200) t -= 50;
        return [12, odd, k, s, t];
      })(),
    );
  });

  it('switch', () => {
    check(
      {
        declarations: `${input('i32')}
fn pick(v: i32) -> i32 {
  switch v { case 1: { return 10; } case 2, 3: { if (v == 3) { break; } return 20; } case -4, default: { return 40; } case 5: {} }
  return 99;
}`,
        out: 'i32',
        body: 'for (var i = 0; i < 6; i++) { switch u32(x[i]) { case 2u: { continue; } default: {} } out[i] = pick(x[i]); }',
        inputs: [Int32Array.of(1, 2, 3, -4, 5, 6)],
      },
      [10, 0, 99, 40, 99, 40],
    );
  });

  it('choices that are known while lowering', () => {
    check(
      {
        declarations: `fn g(v: i32) -> i32 {
  switch 2 { case 1: { return 1; } case 2: { if (v > 1) { return 5; } } default: { return 9; } }
  return 6;
}`,
        out: 'i32',
        body: `for (var i = 0; i < 3; i++) { switch 1 { case 1: { out[i] = g(i); if (false) { break; } continue; } default: {} } out[i] = 0; }
loop { out[3] += 1; continuing { out[3] += 1; break if true; } }
loop { out[4] += 1; if (true) { break; } out[4] = 50; }
if (3 > 2) { out[5] = 1; return; }
out[5] = 2;`,
      },
      [6, 6, 5, 2, 1, 1],
    );
  });

  it('&& and || leave out their right side', () => {
    check(
      {
        declarations: `${input('u32')}
var<private> calls: u32;
fn called(value: bool) -> bool { calls += 1u; return value; }`,
        out: 'u32',
        body: `let n = arrayLength(&x);
for (var i = 0u; i < 4u; i++) { if (i < n && x[i] > 1u) { out[i] = 1u; } if (i >= n || x[i] == 1u) { out[i] += 2u; } }
let a = called(true) || called(true); let b = called(false) && called(true); let c = called(true) && called(false);
out[4] = calls; out[5] = u32(a) + 2u * u32(b) + 4u * u32(c);`,
        inputs: [u(1, 2)],
      },
      [2, 1, 2, 2, 4, 1],
    );
  });

  it('operands keep the values that they had', () => {
    check(
      {
        declarations: `var<private> n: i32;
fn next() -> i32 { n += 1; return n; }
fn store(i: i32) -> i32 { out[0] = i; return i; }
fn grow(p: ptr<function, i32>) -> i32 { *p += 10; return *p; }`,
        out: 'i32',
        body: `out[1] = n * 100 + next() * 10 + next();
out[2] = out[0] + store(7) + out[0];
var v = 1; out[3] = v + grow(&v) + v;
out[next()] = n; v += grow(&v); out[5] = v;
let w = vec4<i32>(n, next(), n, next()); out[6] = w.x + 10 * w.y + 100 * w.z + 1000 * w.w;`,
      },
      [7, 12, 14, 1 + 11 + 11, 0, 11 + 21, 3 + 40 + 400 + 5000].map((x, i) => (i === 3 ? 3 : x)),
    );
  });

  it('swaps and other assignments read before they write', () => {
    check(
      {
        declarations: `${input('vec2<f32>')} struct S { a: f32, b: f32 }`,
        body: `var v = vec2<f32>(1.0, 2.0); v = v.yx; out[0] = v.x; out[1] = v.y;
x[0] = x[0].yx; out[2] = x[0].x; out[3] = x[0].y;
var s = S(1.0, 2.0); s = S(s.b, s.a); out[4] = s.a; out[5] = s.b;
let before = v.x; v.x = 9.0; out[6] = before;`,
        inputs: [f(3, 4)],
      },
      [2, 1, 4, 3, 2, 1, 2],
    );
  });

  it('functions in functions, pointers to locals, parts and arrays', () => {
    check(
      {
        declarations: `fn twice(v: f32) -> f32 { return v + v; }
fn four(v: f32) -> f32 { return twice(twice(v)); }
fn swap(a: ptr<function, f32>, b: ptr<function, f32>) { let t = *a; *a = *b; *b = t; }
fn fill(p: ptr<function, array<f32, 3>>, v: f32) { for (var i = 0; i < 3; i++) { (*p)[i] = v + f32(i); } }
fn lift(p: ptr<function, vec4<f32>>) { (*p).y += 5.0; swapped(p); }
fn swapped(p: ptr<function, vec4<f32>>) { let v = *p; *p = v.wzyx; }
var<workgroup> pool: array<f32, 4>;
fn put(p: ptr<workgroup, array<f32, 4>>, i: u32) { (*p)[i] = 3.0; }`,
        body: `out[0] = four(1.5) + twice(four(1.0));
var a = 1.0; var b = 2.0; swap(&a, &b); out[1] = a; out[2] = b;
var list: array<f32, 3>; fill(&list, 4.0); out[3] = list[2];
var v = vec4<f32>(1.0, 2.0, 3.0, 4.0); lift(&v); out[4] = v.z; out[5] = v.x;
put(&pool, 2u); out[6] = pool[2] + pool[1];`,
      },
      [14, 2, 1, 6, 7, 4, 3],
    );
  });
});

describe('kernels', () => {
  it('invocations have their places', () => {
    const expected = Array.from(
      { length: 8 },
      (_, i) => i + 100 * (i % 4) + 1000 * Math.floor(i / 4) + 20_000 + 100_000 * (i % 4),
    );
    check(
      {
        out: 'u32',
        body: 'out[gid.x] = gid.x + 100u * lid.x + 1000u * wid.x + 10000u * nwg.x + 100000u * lindex;',
        size: 4,
        groups: 2,
      },
      expected,
    );
  });

  it('workgroup memory and barriers', () => {
    check(
      {
        declarations: `${input('f32')} var<workgroup> line: array<vec2<f32>, 4>; var<workgroup> flag: bool; var<workgroup> total: u32;`,
        body: `line[lindex] = vec2<f32>(x[gid.x], f32(lindex));
if (lindex == 3u) { flag = true; total = 5u; }
workgroupBarrier();
let other = line[3u - lindex];
out[gid.x] = other.x + 10.0 * other.y + select(0.0, 100.0, flag) + f32(workgroupUniformLoad(&total));`,
        size: 4,
        groups: 2,
        inputs: [f(1, 2, 3, 4, 5, 6, 7, 8)],
      },
      [139, 128, 117, 106, 143, 132, 121, 110],
    );
  });

  it('builtin functions on scalars and vectors', () => {
    check(
      {
        declarations: input('vec4<f32>'),
        body: `let v = x[0]; let w = x[1]; let s = v.xyz;
out[0] = dot(v, w); out[1] = length(v.xy); out[2] = distance(v.xy, w.xy); out[3] = normalize(vec3<f32>(0.0, 5.0, 0.0) * v.x).y;
let c = cross(s, w.xyz); out[4] = c.x; out[5] = c.y; out[6] = c.z;
let m = max(min(v, w), vec4<f32>(2.0)); out[7] = m.x + 10.0 * m.w;
let k = select(v, w, v > vec4<f32>(3.5, 4.5, 5.5, 0.0)); out[8] = k.x + 10.0 * k.y + 100.0 * k.w;
out[9] = select(1.0, 2.0, all(v == v)) + select(10.0, 20.0, any(s > vec3<f32>(9.0)));
out[10] = fma(v, w, v).y; out[11] = clamp(v, vec4<f32>(4.0), vec4<f32>(5.0)).x + abs(-v.z);
out[12] = mix(v.xy, w.xy, 0.5).y; out[13] = reflect(v.xy, vec2<f32>(0.0, 1.0)).y; out[14] = sqrt(v.y * 4.0) + floor(-1.5 * v.x);
let z = select(v.xy, w.xy, v.x > 2.0); out[15] = z.x + z.y; out[16] = faceForward(v.xy, w.xy, v.xy).x;
out[17] = length(-v.x) + select(v, w, v.x > 9.0).w; out[18] = f32(all(vec2<bool>(v.x > 0.0, v.y > 9.0)));`,
        inputs: [f(3, 4, 5, 6, 1, 2, 3, 4)],
      },
      [
        3 + 8 + 15 + 24,
        5,
        Math.fround(Math.sqrt(8)),
        1,
        2,
        -4,
        2,
        2 + 40,
        3 + 40 + 400,
        2 + 10,
        12,
        4 + 5,
        3,
        -4,
        4 - 5,
        3,
        -3,
        3 + 6,
        0,
      ],
    );
  });

  it('half floats in words', () => {
    const values = [
      0,
      -0,
      1,
      -2.5,
      65504,
      65519.9,
      65520,
      1e9,
      Infinity,
      -Infinity,
      6e-8,
      3e-8,
      2.9e-8,
      6.1e-5,
      1.0004883,
      1.0014648,
      1e-20,
      0.1,
    ];
    const halves = [
      0, 0x8000, 0x3c00, 0xc100, 0x7bff, 0x7bff, 0x7c00, 0x7c00, 0x7c00, 0xfc00, 1, 1, 0, 0x3ff, 0x3c00, 0x3c02, 0,
      0x2e66,
    ];
    const count = values.length;
    check(
      {
        declarations: input('f32'),
        out: 'u32',
        body: `for (var i = 0u; i < ${count}u; i++) { out[i] = pack2x16float(vec2<f32>(x[i], 1.0)) - 0x3c000000u; }
for (var i = 0u; i < ${count}u; i++) { let r = unpack2x16float((out[i] << 16u) | 0x4000u); out[${count}u + i] = bitcast<u32>(r.y) + u32(r.x) - 2u; }`,
        inputs: [f(...values)],
      },
      [...halves, ...halves.map((h) => new Uint32Array(f(halfValue(h)).buffer)[0])],
    );
    const bad = run(
      {
        declarations: input('f32'),
        out: 'u32',
        body: 'out[0] = pack2x16float(vec2<f32>(x[0], 0.0)); out[1] = bitcast<u32>(unpack2x16float(out[0] & 0x7fffu).x);',
        inputs: [f(NaN)],
      },
      true,
    );
    expect(bad[0] & 0x7fff).toBeGreaterThan(0x7c00);
    expect(bad[1]).toBeGreaterThan(0x7f800000);
  });

  it('packed loads and stores where they can be', () => {
    const kernel: Kernel = {
      declarations: input('vec4<f32>'),
      out: 'vec4<f32>',
      body: 'out[gid.x] = x[gid.x] * 2.0 + x[0].y;',
    };
    const count = (packed: boolean): number => {
      let stores = 0;
      forEachStmt(lower(parseWgsl(textOf(kernel)), { name: 'test', packed }).body, (s) => {
        if (s.kind === 'store') stores++;
      });
      return stores;
    };
    expect([count(true), count(false)]).toEqual([1, 4]);
    check({ ...kernel, inputs: [f(1, 2, 3, 4)] }, [4, 6, 8, 10]);
  });

  it('returns at the end need no branch', () => {
    const kernel: Kernel = {
      declarations: 'fn g(v: u32) -> u32 { if (v > 3u) { return 1u; } return 2u; }',
      out: 'u32',
      body: 'if (gid.x > 5u) { return; } if (gid.y > 5u) { return; } for (var i = 0u; i < 4u; i++) { if (i == 2u) { continue; } out[i] = g(i); }',
    };
    let branches = 0;
    forEachStmt(lower(parseWgsl(textOf(kernel)), { name: 'test', packed: false }).body, (s) => {
      if (s.kind === 'branch') branches++;
    });
    // Of the loop alone: out of it, and back.
    expect(branches).toBe(2);
  });

  it('tells what it cannot do, and where', () => {
    const fault = (kernel: Kernel): unknown => {
      try {
        lower(parseWgsl(textOf(kernel)), { name: 'test', packed: false });
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const like = (reason: string): unknown => expect.stringContaining(reason);
    const half = { enable: 'enable f16;', body: 'var h = f16(out[0]); h += 1.0h; out[0] = f32(h);' };
    expect(fault(half)).toMatchObject({ reason: like('f16'), line: 7 });
    const atomic = { declarations: 'var<workgroup> n: atomic<u32>;', body: 'atomicAdd(&n, 1u);' };
    expect(fault(atomic)).toMatchObject({ reason: like('atomicAdd'), line: 7 });
  });

  it('knows what a kernel uses', () => {
    const module = (declarations: string, body = ''): ReturnType<typeof parseWgsl> =>
      parseWgsl(textOf({ declarations, body: `out[0] = 1.0; ${body}` }));
    expect(usesPacked(module(input('vec4<f32>')))).toBe(true);
    expect(usesPacked(module('var<workgroup> line: array<vec4<f32>, 2>;'))).toBe(true);
    expect(usesPacked(module(input('vec2<f32>'), 'var v = vec4<f32>(1.0);'))).toBe(false);
    expect(usesSubgroups(module(input('f32')))).toBe(false);
    const text = textOf({ enable: 'enable subgroups;', body: 'out[0] = subgroupAdd(1.0);' });
    expect(usesSubgroups(parseWgsl(text))).toBe(true);
  });
});

/** The number that 16 bits stand for. */
function halfValue(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 31 ? Infinity : exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}
