import { describe, expect, test } from 'vitest';
import { Sanitizer, SanitizerError, type Report } from '../../src/wgsl/sanitize/index.js';

interface Run {
  /** After the bindings `x` and `out` (arrays of f32) and the uniform `p.n`: other declarations. */
  readonly declarations?: string;
  readonly body: string;
  readonly size?: string;
  readonly grid?: readonly [number, number, number];
  /** Elements of x and of out. */
  readonly x?: number;
  readonly out?: number;
  readonly type?: string;
  /** What x holds; default 1, 2, 3 … */
  readonly values?: readonly number[];
  readonly n?: number;
  readonly before?: (sanitizer: Sanitizer, x: { address: number; bytes: number }) => void;
}

const X = 4096;
const OUT = 8192;

/** Runs a kernel over x (at 4096) and out (at 8192). */
function check(
  run: Run,
  enable = '',
): { reports: readonly Report[]; out: Float32Array; sanitizer: Sanitizer; code: string } {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const sanitizer = new Sanitizer(memory);
  const x = { address: X, bytes: 4 * (run.x ?? 16) };
  const out = { address: OUT, bytes: 4 * (run.out ?? 16) };
  const values = new Float32Array(memory.buffer, X, x.bytes / 4);
  values.set(run.values ?? values.map((_, i) => i + 1));
  run.before?.(sanitizer, x);
  const type = run.type ?? 'f32';
  const code = `${enable}@group(0) @binding(0) var<storage, read_write> x: array<${type}>;
@group(0) @binding(1) var<storage, read_write> out: array<${type}>;
struct Params { n: u32 }
@group(0) @binding(2) var<uniform> p: Params;
${run.declarations ?? ''}
@compute @workgroup_size(${run.size ?? '8, 1, 1'})
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
        @builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lindex: u32) {
  let i = gid.x;
${run.body}
}
`;
  sanitizer.kernel('planted', code).run({
    bindings: [x, out],
    params: Uint32Array.of(run.n ?? 16),
    grid: run.grid ?? [2, 1, 1],
  });
  const result = new Float32Array(memory.buffer, OUT, out.bytes / 4).slice();
  return { reports: sanitizer.found, out: result, sanitizer, code };
}

const lineOf = (code: string, part: string): number => code.split('\n').findIndex((l) => l.includes(part)) + 1;

/** Exactly one fault, at the line that holds `at`. */
function caught(run: Run, at: string): Report {
  const { reports, code } = check(run);
  expect(reports.map((r) => `${r.kind} ${r.detail}`)).toHaveLength(1);
  const [report] = reports;
  expect(report.kernel).toBe('planted');
  expect(report.line).toBe(lineOf(code, at));
  expect(report.text).toBe(code.split('\n')[report.line - 1].trim());
  return report;
}

describe('bounds', () => {
  test('a guard that is missing: the first invocation past the end', () => {
    const report = caught({ body: '  let v = x[i];\n  if (i < p.n) { out[i] = v; }', x: 13, n: 13 }, 'let v = x[i]');
    expect(report).toMatchObject({
      kind: 'bounds',
      memory: 'x',
      index: 13,
      invocation: [13, 0, 0],
      workgroup: [1, 0, 0],
    });
    expect(report.detail).toBe('it reads x[13], which has 13 elements');
  });

  test("a store outside reaches nobody's memory", () => {
    const run: Run = { body: '  out[i * 2u] = 7.0;', grid: [1, 1, 1], out: 11 };
    expect(caught(run, 'out[i * 2u]')).toMatchObject({
      kind: 'bounds',
      memory: 'out',
      index: 12,
      invocation: [6, 0, 0],
    });
    expect([...check(run).out]).toEqual([7, 0, 7, 0, 7, 0, 7, 0, 7, 0, 7]);
  });

  test('an index below 0', () => {
    const report = caught({ body: '  let j = i - 1u;\n  out[i] = x[j];' }, 'x[j]');
    expect(report).toMatchObject({ kind: 'bounds', index: 4294967295, invocation: [0, 0, 0] });
  });

  test('elements of several words are told as elements, and the word beside', () => {
    const report = caught(
      { type: 'vec4<f32>', x: 28, out: 64, body: '  out[i] = vec4<f32>(x[i].z);', grid: [1, 1, 1] },
      'x[i].z',
    );
    expect(report).toMatchObject({ kind: 'bounds', index: 7, word: 30, invocation: [7, 0, 0] });
    expect(report.detail).toBe('it reads x[7] (word 30), which has 7 elements (28 words)');
  });

  test('workgroup and private arrays', () => {
    const shared = caught(
      { declarations: 'var<workgroup> tile: array<f32, 6>;', body: '  tile[lid.x] = x[i];', grid: [1, 1, 1] },
      'tile[lid.x]',
    );
    expect(shared).toMatchObject({ kind: 'bounds', memory: 'tile', index: 6, invocation: [6, 0, 0] });
    const own = caught(
      { body: '  var sums: array<f32, 4>;\n  sums[i / 2u] = x[i];\n  out[i] = sums[0];' },
      'sums[i / 2u]',
    );
    expect(own).toMatchObject({ kind: 'bounds', memory: 'sums', index: 4, invocation: [8, 0, 0] });
  });

  test('elements of values, components, and arrays within arrays', () => {
    const value = caught(
      { body: '  let four = array<f32, 4>(1.0, 2.0, x[i], 4.0);\n  out[i] = four[i / 2u];' },
      'four[i / 2u]',
    );
    expect(value).toMatchObject({ kind: 'bounds', memory: undefined, index: 4, invocation: [8, 0, 0] });
    expect(value.detail).toBe('it takes element 4 of a value that has 4');
    const component = caught({ type: 'vec4<f32>', x: 64, out: 512, body: '  out[i * 8u][lid.x] = x[i].x;' }, '[lid.x]');
    expect(component).toMatchObject({ kind: 'bounds', index: 4, invocation: [4, 0, 0] });
    const declarations = 'var<workgroup> tile: array<array<f32, 5>, 16>;';
    const inner = caught(
      { declarations, body: '  tile[lid.x * 2u][lid.x] = x[i];', grid: [1, 1, 1] },
      'tile[lid.x * 2u]',
    );
    expect(inner).toMatchObject({ kind: 'bounds', index: 5, invocation: [5, 0, 0] });
  });
});

describe('unwritten memory', () => {
  test('what a new owner has not written', () => {
    const body = '  if (i < 4u) { x[i] = 1.0; }\n  out[i] = x[i];';
    const report = caught({ body, before: (s, x) => s.undefine(x) }, 'out[i] = x[i]');
    expect(report).toMatchObject({ kind: 'unwritten', memory: 'x', index: 4, invocation: [4, 0, 0] });
  });

  test("writes from outside and copies count; copies of nobody's values do not", () => {
    const body = '  out[i] = x[i];';
    const written = check({
      body,
      before: (s, x) => {
        s.undefine(x);
        s.define({ address: X, bytes: 20 });
        s.copy({ address: 0, bytes: 44 }, { address: X + 20, bytes: 44 });
      },
    });
    expect(written.reports).toEqual([]);
    const copied = caught(
      {
        body,
        before: (s) => {
          s.undefine({ address: 8, bytes: 4 });
          s.copy({ address: 0, bytes: 64 }, { address: X, bytes: 64 });
        },
      },
      'out[i] = x[i]',
    );
    expect(copied).toMatchObject({ kind: 'unwritten', index: 2 });
  });

  test('workgroup memory, of each workgroup anew', () => {
    const run: Run = {
      declarations: 'var<workgroup> tile: array<f32, 8>;',
      body: '  if (wid.x == 0u) { tile[lid.x] = x[i]; }\n  workgroupBarrier();\n  out[i] = tile[7u - lid.x];',
    };
    const report = caught(run, 'tile[7u - lid.x]');
    expect(report).toMatchObject({
      kind: 'unwritten',
      memory: 'tile',
      index: 7,
      invocation: [8, 0, 0],
      workgroup: [1, 0, 0],
    });
  });
});

describe('races', () => {
  const declarations = 'var<workgroup> tile: array<f32, 9>;';

  test('two invocations write one word', () => {
    const report = caught(
      { declarations, body: '  tile[8] = x[i];\n  workgroupBarrier();\n  out[i] = tile[8];' },
      'tile[8] = x',
    );
    expect(report).toMatchObject({
      kind: 'race',
      memory: 'tile',
      index: 8,
      invocation: [1, 0, 0],
      workgroup: [0, 0, 0],
    });
    expect(report.detail).toBe(
      'it writes tile[8], which invocation (0, 0, 0) of its workgroup wrote in line 10, with no workgroupBarrier between',
    );
  });

  test("a barrier is missing between a write and the other's read", () => {
    const report = caught(
      { declarations, body: '  tile[lid.x] = x[i];\n  out[i] = tile[lid.x / 2u];' },
      'out[i] = tile',
    );
    expect(report).toMatchObject({ kind: 'race', memory: 'tile', index: 0, invocation: [1, 0, 0] });
    expect(report.detail).toContain('it reads tile[0], which invocation (0, 0, 0) of its workgroup wrote in line 10');
  });

  test("a barrier is missing between a read and the other's write", () => {
    const body =
      '  tile[lid.x] = x[i];\n  workgroupBarrier();\n  let v = tile[(lid.x + 2u) % 8u];\n  if (lid.x >= 2u) { tile[lid.x] = v; }\n  out[i] = v;';
    const report = caught({ declarations, body }, 'lid.x >= 2u');
    expect(report).toMatchObject({ kind: 'race', index: 2, invocation: [2, 0, 0] });
    expect(report.detail).toContain('invocation (0, 0, 0) of its workgroup read in line 12');
  });

  test('of two readers, the one that is not the writer', () => {
    const body =
      '  tile[lid.x] = x[i];\n  workgroupBarrier();\n  out[i] = tile[5];\n  if (lid.x == 0u) { tile[5] = 0.0; }';
    const report = caught({ declarations, body, grid: [1, 1, 1] }, 'out[i] = tile[5]');
    // Invocation 0 has read and written before the others read.
    expect(report).toMatchObject({ kind: 'race', index: 5, invocation: [1, 0, 0] });
    const last = body.replace('lid.x == 0u', 'lid.x == 7u');
    expect(caught({ declarations, body: last, grid: [1, 1, 1] }, 'tile[5] = 0.0')).toMatchObject({
      invocation: [7, 0, 0],
    });
  });

  test('storage memory: only a storageBarrier orders it', () => {
    const body = (barrier: string): string => `  x[i] = 1.0;\n  ${barrier}();\n  out[i] = x[wid.x * 8u + 7u - lid.x];`;
    const report = caught({ body: body('workgroupBarrier') }, 'out[i] = x');
    expect(report).toMatchObject({ kind: 'race', memory: 'x', index: 7, invocation: [0, 0, 0] });
    expect(report.detail).toContain('with no storageBarrier between');
    expect(check({ body: body('storageBarrier') }).reports).toEqual([]);
    const shared = '  tile[lid.x] = x[i];\n  storageBarrier();\n  out[i] = tile[7u - lid.x];';
    expect(caught({ declarations, body: shared }, 'out[i] = tile')).toMatchObject({ kind: 'race', memory: 'tile' });
  });

  test('between workgroups: writes of two, and a read of what another writes, whichever comes first', () => {
    const both = caught({ body: '  out[lid.x] = x[i];' }, 'out[lid.x]');
    expect(both).toMatchObject({ kind: 'race', memory: 'out', index: 0, invocation: [8, 0, 0], workgroup: [1, 0, 0] });
    expect(both.detail).toBe(
      'it writes out[0], which invocation (0, 0, 0) of workgroup (0, 0, 0) wrote in line 10: workgroups of one dispatch run in any order',
    );
    const later = caught({ body: '  if (wid.x == 0u) { x[i] = 0.0; } else { out[i] = x[i - 8u]; }' }, 'wid.x == 0u');
    expect(later).toMatchObject({ kind: 'race', memory: 'x', index: 0, invocation: [8, 0, 0] });
    const earlier = caught({ body: '  if (wid.x == 1u) { x[i - 8u] = 0.0; } else { out[i] = x[i]; }' }, 'wid.x == 1u');
    expect(earlier).toMatchObject({ kind: 'race', memory: 'x', index: 0, invocation: [8, 0, 0] });
    expect(earlier.detail).toContain('read in line 10');
    const barriers = '  storageBarrier();\n  if (wid.x == 1u) { x[0] = 0.0; }\n  storageBarrier();\n  out[i] = x[0];';
    expect(check({ body: barriers }).reports.map((r) => r.kind)).toContain('race');
  });

  test('dispatches come one after the other: nothing races across them', () => {
    const run = check({ body: '  x[i] = 1.0;' });
    run.sanitizer.kernel('reader', run.code.replace('x[i] = 1.0', 'out[i] = x[15u - i]')).run({
      bindings: [
        { address: X, bytes: 64 },
        { address: OUT, bytes: 64 },
      ],
      params: Uint32Array.of(16),
      grid: [2, 1, 1],
    });
    expect(run.sanitizer.found).toEqual([]);
  });
});

describe('barriers', () => {
  const declarations = 'var<workgroup> tile: array<f32, 8>;';

  test('some have ended', () => {
    const body = '  if (i >= 12u) { return; }\n  tile[lid.x] = x[i];\n  workgroupBarrier();\n  out[i] = tile[lid.x];';
    const report = caught({ declarations, body }, 'workgroupBarrier');
    expect(report).toMatchObject({ kind: 'barrier', invocation: [8, 0, 0], workgroup: [1, 0, 0] });
    expect(report.detail).toContain('invocation (12, 0, 0) of its workgroup has ended');
  });

  test('two barriers at once', () => {
    const body = '  if (lid.x < 3u) {\n    workgroupBarrier(); // one\n  } else {\n    workgroupBarrier(); // two\n  }';
    const report = caught({ declarations, body, grid: [1, 1, 1] }, '// two');
    expect(report).toMatchObject({ kind: 'barrier', invocation: [3, 0, 0] });
    expect(report.detail).toContain('invocation (0, 0, 0) of its workgroup waits in line 11');
  });

  test('a subgroup operation that only some of four come to', () => {
    const body = '  var v = x[i];\n  if (lid.x != 2u) { v = subgroupAdd(v); }\n  out[i] = v;';
    const { reports, code, out } = check({ declarations: '', body, grid: [1, 1, 1] }, 'enable subgroups;\n');
    expect(reports).toMatchObject([{ kind: 'barrier', line: lineOf(code, 'subgroupAdd'), invocation: [0, 0, 0] }]);
    expect([...out.subarray(0, 8)]).toEqual([7, 7, 3, 7, 26, 26, 26, 26]);
  });
});

describe('NaN', () => {
  test('0 / 0 that gets into memory', () => {
    const report = caught({ body: '  let d = x[i] - 5.0;\n  let q = d / d;\n  out[i] = q;' }, 'd / d');
    expect(report).toMatchObject({ kind: 'nan', memory: 'out', index: 4, invocation: [4, 0, 0] });
    expect(report.detail).toContain('0 / 0 is NaN');
  });

  test('∞ − ∞ and the root of a negative number', () => {
    const big = '  let big = x[i] * 3e38 * 3e38;\n  out[i] = big - big;';
    expect(caught({ body: big }, 'big - big')).toMatchObject({ kind: 'nan', invocation: [0, 0, 0] });
    expect(caught({ body: '  out[i] = sqrt(x[i] - 3.0);' }, 'sqrt')).toMatchObject({
      kind: 'nan',
      invocation: [0, 0, 0],
    });
  });

  test('not one that a select leaves out, nor what NaN and infinities of the input come to', () => {
    const body = '  let d = x[i] - 5.0;\n  out[i] = select(d / d, 1.0, d == 0.0);';
    expect(check({ body }).reports).toEqual([]);
    const values = Array.from({ length: 16 }, (_, i) => (i === 3 ? NaN : i === 4 ? Infinity : i));
    expect(check({ body: '  out[i] = x[i] * 2.0 + 1.0 - x[i];', values }).reports).toEqual([]);
  });
});

describe('clean kernels', () => {
  test('a tree in workgroup memory, three dimensions, results that are right', () => {
    const run = check({
      declarations: 'var<workgroup> tile: array<f32, 8>;',
      size: '2, 2, 2',
      grid: [2, 1, 2],
      x: 32,
      out: 4,
      body: `
  let group = wid.z * 2u + wid.x;
  tile[lindex] = x[group * 8u + lindex];
  for (var half = 4u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lindex < half) { tile[lindex] += tile[lindex + half]; }
  }
  if (lindex == 0u) { out[group] = tile[0]; }`,
    });
    expect(run.reports).toEqual([]);
    expect([...run.out]).toEqual([36, 100, 164, 228]);
  });

  test('an exchange through storage memory', () => {
    const body = `
  for (var round = 0u; round < 3u; round++) {
    storageBarrier();
    let v = x[wid.x * 8u + (lid.x + 1u) % 8u];
    storageBarrier();
    x[i] = v;
  }
  out[i] = x[i];`;
    const run = check({ body });
    expect(run.reports).toEqual([]);
    expect([...run.out]).toEqual([4, 5, 6, 7, 8, 1, 2, 3, 12, 13, 14, 15, 16, 9, 10, 11]);
  });

  test('invocations of a subgroup share values', () => {
    const body = '  out[i] = subgroupBroadcast(x[i], 1u) + subgroupExclusiveAdd(1.0);';
    const run = check({ body }, 'enable subgroups;\n');
    expect(run.reports).toEqual([]);
    expect([...run.out]).toEqual([0, 4, 8, 12].flatMap((first) => [2, 3, 4, 5].map((v) => v + first)));
  });
});

describe('the error', () => {
  test('lists the faults with their lines, one for each kind, line and variable, up to a limit', () => {
    const body = '  out[i + 8u] = x[i + 10u];\n  out[i] = x[i + 12u];';
    const { sanitizer } = check({ body, grid: [1, 1, 1] });
    const error = sanitizer.take();
    expect(error).toBeInstanceOf(SanitizerError);
    expect(error?.message.split('\n')).toEqual([
      'The sanitizer found 2 faults.',
      'planted, line 11, invocation (4, 0, 0) of workgroup (0, 0, 0): it reads x[16], which has 16 elements',
      '  11 | out[i] = x[i + 12u];',
      'planted, line 10, invocation (6, 0, 0) of workgroup (0, 0, 0): it reads x[16], which has 16 elements',
      '  10 | out[i + 8u] = x[i + 10u];',
    ]);
    expect(sanitizer.take()).toBeUndefined();
    const limited = new Sanitizer({ buffer: new ArrayBuffer(256) }, { limit: 1 });
    const code = check({ body, grid: [1, 1, 1] }).code;
    limited.kernel('planted', code).run({
      bindings: [
        { address: 0, bytes: 64 },
        { address: 64, bytes: 64 },
      ],
      params: Uint32Array.of(0),
      grid: [1, 1, 1],
    });
    expect(limited.take()?.more).toBe(1);
  });
});
