import { describe, expect, test } from 'vitest';
import { toIr } from '../../src/wgsl/compile.js';
import type { IrFunction } from '../../src/wgsl/ir.js';
import { optimize } from '../../src/wgsl/optimize.js';
import { printBody } from '../../src/wgsl/print.js';

interface Options {
  readonly width?: 1 | 4;
  readonly invocations?: number;
  readonly declarations?: string;
}

const HEAD = `
@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@group(0) @binding(1) var<storage, read_write> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read_write> fours: array<vec4<f32>>;
struct Params { n: u32, m: u32, s: u32 }
@group(0) @binding(4) var<uniform> p: Params;`;

function compiled(body: string, { width = 1, invocations = 1, declarations = '' }: Options = {}): IrFunction {
  const code = `${HEAD}
${declarations}
@compute @workgroup_size(${invocations}, 1, 1)
fn main(@builtin(local_invocation_index) lindex: u32, @builtin(workgroup_id) wid: vec3<u32>) {
  let i = wid.x * ${invocations}u + lindex;
  ${body}
}`;
  return optimize(toIr('test', code, { width, optimize: false }));
}

/** Numbers of locals and labels are left out. */
const plain = (text: string): string =>
  text.replace(/([A-Za-z_]\w*)\.\d+/g, '$1').replace(/(block|loop|branch) \d+/g, '$1');

function body(text: string, options?: Options): string {
  return plain(printBody(compiled(text, options).body));
}

const prologue = (text: string, options?: Options): string => plain(printBody(compiled(text, options).prologue ?? []));

const count = (text: string, what: string): number => text.split(what).length - 1;

/** What stands in the innermost loop. */
function inside(text: string): string {
  const rest = text.slice(text.lastIndexOf('loop {') + 6);
  return rest.slice(0, rest.indexOf('branch'));
}

const before = (text: string): string => text.slice(0, text.lastIndexOf('loop {'));

describe('what has no effect is gone', () => {
  test('values, loads, and sets of variables that nobody reads', () => {
    const text = body(`
      var x = a[0];
      let unused = a[1] * b[2];
      x = 1.0;
      for (var k = 0u; k < 3u; k++) { x = x + 1.0; }
      x = 5.0;
      out[i] = x;`);
    expect(text).toBe('out@[&out + (wid.x << 2u)] = 5.0');
  });

  test('arms that never run, and what follows a return', () => {
    const text = body(`
      if (1u > 2u) { out[0] = 1.0; } else { out[1] = 2.0; }
      return;
      out[2] = 3.0;`);
    expect(text).toBe('out@[&out + 4u] = 2.0');
  });

  test('a second test of what is known already', () => {
    const text = body(`
      if (i >= p.n || p.m == 0u) { return; }
      if (i < p.n) { out[i] = 1.0; }
      if (p.m == 0u) { out[i] = 2.0; }`);
    expect(count(text, 'if')).toBe(1);
    expect(text).not.toContain('2.0');
  });
});

describe('equal values are one', () => {
  test('arithmetic, whatever the order of its operands', () => {
    const text = body('out[0] = (f32(p.n) + f32(p.m)) * (f32(p.m) + f32(p.n));');
    expect(count(text, 'f32(p[0])')).toBe(1);
    expect(text).toMatch(/ = t \* t/);
  });

  test('loads, until their memory is written', () => {
    const text = body(`
      out[0] = a[i] + a[i];
      b[i] = a[i];
      a[i + 1u] = 7.0;
      out[1] = a[i];`);
    expect(count(text, 'a.f32@')).toBe(2);
  });

  test('what was just stored is not loaded', () => {
    const text = body('a[i] = f32(i); out[i] = a[i];');
    expect(text).not.toContain('a.f32@');
  });

  test('not across a barrier', () => {
    const declarations = 'var<workgroup> w: array<f32, 8>;';
    const text = body('w[lindex] = a[i]; workgroupBarrier(); out[i] = w[lindex];', { invocations: 8, declarations });
    expect(text).toContain('w.f32@');
  });

  test('but nobody computes what only some ways need', () => {
    const text = body(`
      if (i < p.n) { out[0] = f32(i / p.m); }
      if (i > p.s) { out[1] = f32(i / p.m); }`);
    expect(text.indexOf('/ p[1]')).toBeGreaterThan(text.indexOf('if'));
    expect(count(text, '/ p[1]')).toBe(2);
    // Both arms of one test: surely needed.
    const both = body(`
      if (i < p.n) { out[0] = f32(i / p.m); } else { out[1] = f32(i / p.m) + 1.0; }`);
    expect(count(both, '/ p[1]')).toBe(1);
  });
});

describe('addresses', () => {
  test('constants stand last, and what differs by one shares the rest', () => {
    const text = body('out[i] = a[i + 1u] + a[(i + 2u) + 3u] + a[i - 1u];');
    expect(text).toContain('a.f32@[t + 4u]');
    expect(text).toContain('a.f32@[t + 20u]');
    // Never a negative one.
    expect(text).not.toContain('4294967292u]');
    expect(count(text, '&a')).toBe(2);
  });

  test('a four at the quarter of an index: the low bits go, if they may be set', () => {
    expect(body('out[0] = fours[i / 4u].x;')).toContain('fours.f32@[(&fours + (wid.x << 2u)) & 4294967280u]');
    expect(body('out[0] = fours[(i * 8u + 4u) / 4u].x;')).toContain('fours.f32@[(&fours + (wid.x << 5u)) + 16u]');
  });

  test('in a loop what it does not change is computed in front of it', () => {
    const text = body(`
      var sum = 0.0;
      for (var k = 0u; k < p.n; k++) { sum += a[(i + p.m) * p.s + k] * b[k * p.m + i]; }
      out[i] = sum;`);
    expect(inside(text)).not.toContain('*@');
    expect(count(inside(text), '* p')).toBe(0);
    expect(inside(text)).toContain('a.f32@[at]');
    expect(inside(text)).toContain('b.f32@[at]');
  });

  test('where several addresses grow alike, they share what grows', () => {
    const text = inside(
      body(`
      var sum = 0.0;
      for (var k = 0u; k < p.n; k++) { sum += a[p.m + k] * a[p.s + k] * b[k]; }
      out[i] = sum;`),
    );
    expect(count(text, '<< 2u')).toBe(1);
    expect(count(text, '@[t + t]') + count(text, '@[&b + t]')).toBe(3);
  });

  test('a running address that is needed once more after its step is kept', () => {
    const text = body(`
      var k = 0u;
      loop {
        let old = a[k * p.m];
        k += 1u;
        if (k >= p.n) { break; }
        out[k] = old + a[k * p.m];
      }`);
    expect(text).toContain('a.f32@');
  });
});

describe('loops', () => {
  const sum = (value: string): string =>
    body(`
      var sum = 0.0;
      for (var k = 0u; k < p.n; k++) { ${value} }
      out[i] = sum;`);

  test('loads leave one that surely runs them, and does not write there', () => {
    const text = sum('sum += a[p.m] * f32(k);');
    expect(before(text)).toContain('a.f32@');
    expect(before(text).indexOf('a.f32@')).toBeGreaterThan(before(text).indexOf('branch'));
    expect(inside(text)).not.toContain('a.f32@');
  });

  test('loads stay in one that writes there, or need not run them', () => {
    expect(inside(sum('sum += a[p.m]; a[k] = sum;'))).toContain('a.f32@');
    const text = sum('if (k > p.m) { sum += a[p.m]; }');
    expect(text.slice(text.lastIndexOf('loop {'))).toContain('a.f32@');
  });

  test('arithmetic leaves even where it need not run', () => {
    const text = sum('if (k > p.m) { sum += f32(p.m / p.s); }');
    expect(before(text)).toContain('p[1] / p[2]');
  });

  test('their test goes to their end', () => {
    const text = sum('sum += f32(k);');
    expect(text).toMatch(/if k < p\[0\] \{\n\s*branch\n/);
    expect(count(text, 'branch')).toBe(2);
  });

  test('few turns are written out, and arrays with known indices become locals', () => {
    const text = body(`
      var acc: array<f32, 4>;
      for (var k = 0u; k < p.n; k++) {
        for (var j = 0u; j < 4u; j++) { acc[j] += a[k * 4u + j]; }
      }
      for (var j = 0u; j < 4u; j++) { out[j] = acc[j]; }`);
    expect(count(text, 'loop')).toBe(1);
    expect(text).not.toContain('acc[');
    expect(text).toContain('acc := acc + a.f32@[at + 12u]');
  });

  test('many turns are not', () => {
    const text = body('for (var j = 0u; j < 40u; j++) { out[j] = f32(j); }');
    expect(count(text, 'loop')).toBe(1);
  });

  test('a value from before a set survives it', () => {
    const text = body(`
      var x = 1u; var y = 2u;
      for (var k = 0u; k < p.n; k++) { let old = x; x = y; y = old + y; }
      out[i] = f32(x + 3u * y);`);
    const copied = /let x: u32 = x\n/.test(text);
    expect(copied).toBe(true);
  });
});

describe('workgroups', () => {
  test('compute once what their invocations have in common', () => {
    const once = prologue('out[i] = f32(lindex / 2u) + f32(wid.x % p.n) ;', { invocations: 8 });
    expect(once).toContain('wid.x % p[0]');
    expect(once).not.toContain('lid');
  });

  test('of one invocation have nothing to share', () => {
    expect(prologue('out[i] = f32(wid.x % p.n);')).toBe('');
  });
});

describe('fours', () => {
  test('a gather of neighbours is one load; of others, four', () => {
    const strided = body('out[i] = a[i * 3u];', { width: 4, invocations: 4 });
    expect(count(strided, 'a.f32@')).toBe(4);
    expect(strided).toContain('a.f32@[t + 36u]');
    expect(body('out[i] = a[i * 2u - i];', { width: 4, invocations: 4 })).toContain('a.vec4f@');
  });

  test('a scatter in known distances is four stores', () => {
    const text = body('out[i * 2u] = a[i];', { width: 4, invocations: 4 });
    expect(count(text, 'out@[')).toBe(4);
    expect(text).toContain('out@[t + 24u] = t.w');
  });

  test('all or nothing by a condition that the loop does not change: bits under a mask', () => {
    const text = body(`
      var sum = vec4<f32>();
      for (var k = 0u; k < p.n; k++) { sum += select(vec4<f32>(), fours[k], p.m > p.s); }
      out[i] = sum.x;`);
    expect(inside(text)).not.toContain('select');
    expect(inside(text)).toMatch(/bitcast<vec4f>\(bitcast<vec4u>\(.*\) & t\)/);
  });
});
