import { describe, expect, test } from 'vitest';
import * as b from '../../src/wgsl/build.js';
import { WgslError } from '../../src/wgsl/error.js';
import type { Expr, IrFunction, Memory, Stmt } from '../../src/wgsl/ir.js';
import { lower } from '../../src/wgsl/lower/lower.js';
import { parseWgsl } from '../../src/wgsl/parse.js';
import { printIr } from '../../src/wgsl/print.js';
import { vectorize } from '../../src/wgsl/vectorize.js';
import { runStrictly } from './support/strict-run.js';

const GROUPS = 3;
const WORDS = 512;

interface Snippet {
  readonly body: string;
  readonly functions?: string;
  /** p.n, p.m, p.k, one dispatch each. */
  readonly params?: readonly (readonly [number, number, number])[];
}

/** `id`: the invocation, 0 … 47; `lane`: its number in the workgroup of 16. */
const kernel = ({ body, functions = '' }: Snippet): string => `${body.includes('subgroup') ? 'enable subgroups;' : ''}
@group(0) @binding(0) var<storage, read_write> reals: array<f32>;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read_write> outWords: array<u32>;
struct Params { n: u32, m: u32, k: u32 }
@group(0) @binding(4) var<uniform> p: Params;
var<workgroup> shared_: array<f32, 16>;
${functions}
@compute @workgroup_size(16, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_index) lane: u32,
        @builtin(workgroup_id) wid: vec3<u32>) {
  let id = wid.x * 16u + lane;
${body}
}`;

function lowered(snippet: Snippet): IrFunction {
  return lower(parseWgsl(kernel(snippet)), { name: 'test', packed: false });
}

function dispatch(ir: IrFunction, params: readonly number[]): number[][] {
  const reals = Float32Array.from({ length: WORDS }, (_, i) => ((i * 37) % 101) / 8 - 5);
  const words = Uint32Array.from({ length: WORDS }, (_, i) => (i * 2654435761) % 97);
  const [out, outWords] = [new Float32Array(WORDS).fill(-1), new Uint32Array(WORDS).fill(77)];
  const bits = (a: Float32Array | Uint32Array): Uint32Array => new Uint32Array(a.buffer);
  runStrictly(ir, [reals, words, out, outWords].map(bits), Uint32Array.from(params), [GROUPS, 1, 1]);
  return [[...out], [...outWords]];
}

const PARAMS = [
  [48, 4, 1],
  [48, 8, 5],
  [45, 5, 4],
  [2, 3, 2],
  [17, 16, 7],
  [0, 0, 0],
  [100, 1, 12],
] as const;

const SNIPPETS: Record<string, Snippet> = {
  'a guard': { body: 'if (id >= p.n) { return; } out[id] = reals[id] * 2.0;' },
  'a guard and positions by division': {
    body: `if (id >= p.n) { return; }
      let column = id % p.m; let row = id / p.m;
      out[id] = reals[column] + reals[row * 2u + column] - reals[row];`,
  },
  'padding: a choice between addresses': {
    body: `if (id >= p.n) { return; }
      let column = id % 20u; let before = column - p.k; let inside = before < p.m;
      let at = select(0u, before, inside);
      out[id] = select(-3.0, reals[at + id / 20u * p.m], inside) + reals[min(id, p.k)] + reals[max(id, p.m)];`,
  },
  'division by constants, aligned and not': {
    body: `let next = id + 1u;
      outWords[id] = (id / 4u) * 1000u + (id % 4u) * 100u + next / 8u * 10u + next % 3u + (id & 6u) + (id >> 3u) + (next & 7u);
      outWords[id + 64u] = id / 12u + id % 12u * 16u; outWords[id + 128u] = u32((i32(id) - 20) >> 2u) + u32((i32(id) - 20) / 4);
      outWords[id + 192u] = ((id >> 2u) + lane) / 4u + (select(p.k, 8u, p.n > 20u) + lane) / 4u * 100u;`,
  },
  'division around 2³²': {
    body: `let x = id + 2u - 20u;
      outWords[id] = x / p.m; outWords[64u + id] = x % p.m;`,
    params: [
      [48, 7, 1],
      [48, 4, 1],
    ],
  },
  'comparison around 2³²': {
    body: 'let x = id + 2u - 20u; out[id] = reals[select(3u, x, x < p.k)];',
  },
  'limits around 2³²': { body: 'let x = id + 1u - 20u; out[id] = reals[min(x, p.m)] + reals[max(x, p.k) & 255u];' },
  'what happened before a guess failed happens once': {
    body: `out[id] += 1.0; outWords[id] = words[id % p.m];
      for (var j = 0u; j < 3u; j++) { outWords[64u + id] += words[(id + j) % p.m]; }
      var total = 0u;
      if (p.n > 4u) { total += 1u; total += words[(id + 2u) % p.m]; }
      if (p.n > 5u) { total += 1u; if (p.n > 6u) { total += words[id % p.m] + words[(id + 1u) / p.m]; } }
      if (p.n > 7u) { for (var j = 0u; j < 3u; j++) { total += words[(id + j) % p.m] * 100u; } }
      outWords[128u + id] = total;`,
  },
  'loads: broadcast, strided, scattered, backward': {
    body: `out[id] = reals[p.k] + reals[id * 3u] + reals[id * p.m % 512u] + reals[words[id]] + reals[47u - id]
        + reals[select(7u, id * 3u, p.n > 20u)];
      outWords[id] = words[id] + words[2u * id + 1u] + words[words[id] & 15u] + words[id ^ 1u];`,
  },
  'loads of the last words': {
    body: `if (id >= p.n) { return; }
      out[id] = reals[id + 512u - p.n]; for (var j = 0u; j < 2u; j++) { out[64u + id + 48u * j] = reals[id + 512u - p.n]; }
      outWords[id] = words[select(id, id + 512u - p.n, words[id] < 1000u)];`,
  },
  'loads under a mask, in a loop': {
    body: `if (words[id] % 3u == 0u) { return; }
      var sum = 0.0;
      for (var j = 0u; j < p.m; j++) { sum += reals[id + j * 16u] * reals[j] - reals[id * 2u + j]; }
      out[id] = sum;`,
  },
  'stores: side by side, apart, everywhere, all to one word': {
    body: `out[id] = f32(id); out[64u + id * 3u] = reals[id]; out[256u + (id ^ 3u)] = 0.5;
      outWords[0] = id; outWords[1] = p.n; outWords[64u + id * p.k] = id;
      outWords[words[id] % 2u + 2u * id + 400u] = 5u;`,
    params: [
      [48, 4, 1],
      [9, 4, 2],
      [9, 4, 7],
    ],
  },
  'stores under a mask': {
    body: `if (words[id] % 2u == 1u) {
        out[id] = 1.0; out[100u + 2u * id] = 2.0; outWords[0] = id; outWords[1] = 9u; outWords[200u + (id ^ 1u)] = id; outWords[490u + id / 4u] = id;
        for (var j = 0u; j < 3u; j++) { outWords[300u + id + 48u * j] = j; }
      }`,
  },
  'a loop left at different times': {
    body: `var sum = 0.0; var j = 0u;
      loop { if (j >= id % 7u) { break; } sum += reals[id + j]; j++; }
      out[id] = sum; outWords[id] = j;`,
  },
  'break and continue at several places': {
    body: `var sum = 0u;
      for (var j = 0u; j < 9u; j++) {
        if ((id + j) % 3u == 0u) { continue; }
        if (words[id + j] > 90u) { break; }
        sum += j; if (sum > 2u * p.m && id % 2u == 0u) { sum += 100u; break; }
        if (sum % 5u == 1u) { if (j % 2u == 0u) { continue; } sum += 7u; }
        sum += words[j];
      }
      outWords[id] = sum;`,
  },
  'returns out of loops and branches': {
    body: `for (var j = 0u; j < p.m; j++) {
        for (var l = 0u; l < 3u; l++) {
          if (words[id] == j * 3u + l) { out[id] = f32(j); return; }
          if (j * l > id) { outWords[id] = l; return; }
        }
        outWords[id + 64u] = j;
      }
      out[id] = 50.0;`,
  },
  'where nobody comes': {
    body: `for (var j = 0u; j < 3u; j++) { if (words[id] < 200u + j) { out[id] = 1.0; return; } }
      outWords[0] = 5u; outWords[1] = words[outWords[2] * 1000u];`,
  },
  'functions with early returns': {
    functions: `fn step(x: f32) -> f32 { if (x < 0.0) { return -x; } if (x > 3.0) { return 3.0; } return x * 0.5; }
      fn find(x: u32) -> u32 { for (var j = 0u; j < 8u; j++) { if (words[j] % 8u == x % 8u) { return j; } } return 99u; }`,
    body: 'out[id] = step(reals[id]) + step(f32(p.k) - 3.0); outWords[id] = find(id) + find(p.n);',
  },
  'arms that all lanes take, none, or some': {
    body: `if (id / 8u == 1u) { out[id] = reals[id]; } else if (id < 3u) { out[id] = reals[p.k]; } else { out[id] = reals[id * 2u]; outWords[id] = 3u; }
      if (p.n > 20u) { if (id % p.m == 0u) { outWords[id] = words[id]; } }`,
  },
  'a variable that goes up in one way or another': {
    body: `var at = id; if (p.n > 20u) { at = id * 2u; } out[id] = reals[at];
      var w = 3u * id; for (var j = 0u; j < p.m; j++) { out[64u + id] += reals[w]; w += 2u; if (j == 1u) { w = id; } }`,
  },
  'variables: equal for all, going up evenly, and neither': {
    body: `var w = id; var at = p.k; var odd = 0u; var sum = 0.0;
      for (var j = 0u; j < 5u; j++) {
        sum += reals[w] * reals[at]; w += p.m; at += 2u; odd += words[id] & 1u;
        if (words[id + j] % 2u == 0u) { sum += reals[at + 1u]; odd += 1u; at += 0u; }
      }
      out[id] = sum; outWords[id] = w + odd * 1000u + at;`,
  },
  'a variable of the iteration': {
    body: `for (var j = 0u; j < p.m; j++) {
        var best = -100.0; var seen = 0u;
        for (var l = 0u; l < 4u; l++) { if (reals[id + l + j] > best) { best = reals[id + l + j]; } else { seen++; } }
        outWords[id + j * 48u] = seen; if (best > 5.0) { continue; } out[id + j * 48u] = best;
      }`,
    params: [
      [1, 4, 1],
      [1, 0, 1],
      [1, 9, 1],
    ],
  },
  'variables that waiting lanes read later, or when they come round again': {
    body: `var a = id;
      if (words[id] % 2u == 0u) { a = 7u; outWords[id] = a; } else { outWords[id] = a; }
      var b = id;
      for (var j = 0u; j < 4u; j++) { outWords[64u + id * 4u + j] = b; if ((words[id] + j) % 3u == 0u) { b = j + 100u; } }
      var c = id; var j = 0u;
      loop {
        j++;
        if (j > 5u) { break; }
        outWords[256u + id * 5u + j] = c;
        if ((words[id] + j) % 3u == 0u) { continue; }
        c = j * 10u;
      }
      for (var l = 0u; l < 4u; l++) {
        var r = 1.0;
        if (words[id] % 2u == 0u) { if ((words[id] + l) % 3u == 0u) { continue; } out[id] = f32(l); } else { r = 2.0; }
        out[64u + id * 4u + l] = r;
      }`,
  },
  'arrays of one invocation': {
    body: `var own: array<f32, 6>;
      for (var j = 0u; j < 6u; j++) { own[j] = reals[id + j]; }
      own[id % 6u] = 9.0; if (id % 2u == 0u) { own[2] = -9.0; own[words[id] % 6u] += 0.5; }
      var sum = 0.0; for (var j = 0u; j < 6u; j++) { sum = sum * 0.5 + own[j] + own[(j * p.k + id) % 6u]; }
      out[id] = sum;`,
  },
  'random bits': {
    functions: `fn rounds(counter: u32) -> u32 {
        var c = vec2<u32>(counter >> 2u, p.k);
        for (var j = 0u; j < 6u; j++) { c = vec2<u32>(c.y ^ (c.x * 0xd2511f53u), (c.x >> 7u) + c.y * 0xcd9e8d57u); }
        return select(c.x, c.y, (counter & 1u) == 1u) ^ select(0u, 0xffu, (counter & 2u) == 2u);
      }`,
    body: 'if (id >= p.n) { return; } outWords[id] = rounds(id); outWords[64u + id] = rounds(id + p.m);',
  },
  'workgroup memory and barriers': {
    body: `out[200u + id] = reals[id % p.m]; shared_[lane] = reals[id]; workgroupBarrier();
      for (var half = 8u; half > 0u; half /= 2u) {
        if (lane < half) { shared_[lane] += shared_[lane + half]; }
        workgroupBarrier();
      }
      if (lane == 0u) { out[wid.x] = shared_[0]; } out[id + 100u] = shared_[id % 4u];`,
  },
  'whole numbers with signs': {
    body: `let s = i32(id) - 20; var steps = 0u;
      outWords[id] = u32(s / 3 + s % 5 * 100 + (-s) * 1000 + abs(s) + clamp(s, -4, i32(p.m)));
      if (s < i32(p.k)) { outWords[id + 64u] = u32(s * 2); }
      for (var j = s; j < 4; j += 5) { steps++; } outWords[id + 128u] = steps;`,
  },
  switch: {
    body: `switch (words[id] % 5u) {
        case 0u: { out[id] = reals[id]; } case 1u, 2u: { if (id > p.n) { break; } out[id] = 2.0; outWords[id] = 4u; } default: { out[id] = f32(id); }
      }`,
  },
  'true and false': {
    body: `var seen = false; let far = id > p.m;
      for (var j = 0u; j < 4u; j++) { seen = seen || words[id + j] > 80u; if (far && seen != (j == 2u)) { outWords[id] = j; } }
      out[id] = select(1.0, 2.0, seen && !far);`,
  },
  'subgroups: sums and folds': {
    body: `let x = words[id]; let r = reals[id];
      outWords[id] = subgroupAdd(x) + subgroupMax(x) * 1000u; out[id] = subgroupAdd(r) + subgroupMin(r) * 8.0;
      outWords[64u + id] = subgroupExclusiveAdd(x) + subgroupInclusiveAdd(x) * 1000u; outWords[128u + id] = subgroupExclusiveAdd(1u) % 4u;
      outWords[192u + id] = subgroupOr(x) + subgroupAnd(x) * 256u + subgroupXor(x) * 65536u + subgroupInclusiveAdd(p.m);
      outWords[256u + id] = u32(subgroupAll(x > 5u)) + 2u * u32(subgroupAny(x > 90u)) + 4u * subgroupAdd(id) + subgroupMul(x % 4u);`,
  },
  'subgroups: lanes of others': {
    body: `let x = words[id]; let r = reals[id];
      out[id] = subgroupBroadcast(r, 2u) + subgroupShuffleXor(r, 1u) * 3.0 + subgroupShuffle(r, x & 3u) * 5.0;
      outWords[id] = subgroupBroadcast(id, 3u) + subgroupShuffle(x, p.m & 3u) * 100u + subgroupShuffleXor(x, id & 2u) * 10000u;
      for (var j = 0u; j < 4u; j++) { outWords[64u + id * 4u + j] = words[subgroupBroadcast(x, 1u) + j]; }`,
  },
  'subgroups: of some lanes only': {
    body: `if (words[id] % 3u != 0u) {
        outWords[id] = subgroupAdd(words[id]) + subgroupMax(id) * 100u + subgroupMin(id) * 10000u; outWords[64u + id] = subgroupExclusiveAdd(1u);
        outWords[128u + id] = u32(subgroupAll(words[id] < 80u)) + 2u * u32(subgroupAny(words[id] > 60u));
      }`,
  },
};

describe('four invocations side by side do what each does alone', () => {
  test.each(Object.entries(SNIPPETS))('%s', (_, snippet) => {
    const ir = lowered(snippet);
    const wide = vectorize(ir);
    expect(wide.width).toBe(4);
    for (const params of snippet.params ?? PARAMS)
      expect(dispatch(wide, params), `params ${params.join()}\n${printIr(wide)}`).toEqual(dispatch(ir, params));
  });
});

describe('what is not lowered from WGSL, but may be written', () => {
  const u = b.u32;
  const [reals, words, out, outWords] = ['reals', 'words', 'out', 'outWords'].map((name, index): Memory => ({
    kind: 'binding',
    index,
    name,
  }));
  const id = b.add(b.mul(b.builtin('wid.x'), u(16)), b.builtin('lid.x'));
  const word = b.load(words, id, 'u32', 1);
  const isThird = (e: Expr): Expr => b.eq(b.rem(b.add(word, e), u(3)), u(0));
  const check = (body: readonly Stmt[]): void => {
    const ir = { ...lowered({ body: '' }), body };
    for (const params of PARAMS) expect(dispatch(vectorize(ir), params)).toEqual(dispatch(ir, params));
  };

  test('starting a loop again from the middle', () => {
    const fresh = new b.Fresh();
    const [c, j] = [fresh.local('c', 'u32', true), fresh.local('j', 'u32', true)];
    const body = [
      ...b.when(b.ge(b.read(j), u(5)), [b.branch(0)]),
      b.set(j, b.add(b.read(j), u(1))),
      b.store(outWords, b.add(b.mul(id, u(6)), b.read(j)), b.read(c), 1),
      ...b.when(isThird(b.read(j)), [b.branch(1)]),
      b.set(c, b.mul(b.read(j), u(10))),
      b.branch(1),
    ];
    check([b.set(c, id), b.set(j, u(0)), b.block(0, [b.loop(1, body)])]);
  });

  test('falling out of a loop at its end, or leaving for further away', () => {
    const fresh = new b.Fresh();
    const [c, j] = [fresh.local('c', 'u32', true), fresh.local('j', 'u32', true)];
    const body = [
      b.set(j, b.add(b.read(j), u(1))),
      b.set(c, b.add(b.read(c), b.read(j))),
      ...b.when(
        b.gt(b.read(j), b.rem(word, u(5))),
        [...b.when(isThird(u(1)), [b.branch(0)]), b.store(outWords, id, b.read(c), 1)],
        [b.branch(1)],
      ),
    ];
    check([
      b.set(c, id),
      b.set(j, u(0)),
      b.block(0, [
        b.loop(1, body),
        b.store(outWords, b.add(id, u(64)), b.read(c), 1),
        b.store(outWords, u(500), u(3), 1),
      ]),
      b.store(outWords, b.add(id, u(128)), b.add(b.mul(b.read(c), u(100)), b.read(j)), 1),
    ]);
  });

  test('a value that is set in a block and used behind it', () => {
    const v = new b.Fresh().local('v', 'f32');
    const inner = [...b.when(isThird(u(0)), [b.branch(0)]), b.set(v, b.load(reals, word, 'f32', 1))];
    check([b.block(0, [b.block(1, inner), b.store(out, id, b.read(v), 1)])]);
  });
});

/** Kinds of accesses, of the statements for all lanes and where all guesses hold: of an `if` the first arm, of a block with a block in it the inner. */
function quickAccesses(ir: IrFunction): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (kind: string): unknown => (counts[kind] = (counts[kind] ?? 0) + 1);
  const quick = (list: readonly Stmt[]): readonly Stmt[] =>
    list.flatMap((s): readonly Stmt[] => {
      if (s.kind === 'if') return quick(s.yes);
      const [first] = s.kind === 'block' ? s.body : [];
      return s.kind === 'block' && first?.kind === 'block' ? quick(first.body) : [s];
    });
  b.forEachStmt(quick(ir.body), (s) => {
    if (s.kind === 'store') count(s.value.type.length === 5 ? 'packed store' : 'scalar store');
    if (s.kind === 'scatter') count('scatter');
    b.forEachRoot(s, (root) => {
      b.forEachExpr(root, (e) => {
        if (e.kind === 'load') count(e.type.length === 5 ? 'packed load' : 'scalar load');
        if (e.kind === 'gather') count('gather');
      });
    });
  });
  return counts;
}

describe('what is regular stays so', () => {
  const accesses = (body: string): Record<string, number> => quickAccesses(vectorize(lowered({ body })));

  test('neighbours are loaded and stored together', () => {
    const body = 'if (id >= p.n) { return; } out[id] = reals[id] + reals[p.k] + reals[id + p.m * 2u];';
    expect(accesses(body)).toEqual({ 'packed load': 2, 'scalar load': 1, 'packed store': 1 });
  });

  test('positions by division, where no multiple lies between the lanes', () => {
    const body = `if (id >= p.n) { return; } let column = id % p.m; let row = id / p.m;
      out[id] = reals[column] + reals[row] + reals[row % 5u * 7u + column];`;
    expect(accesses(body)).toEqual({ 'packed load': 2, 'scalar load': 1, 'packed store': 1 });
  });

  test('variables that go up evenly', () => {
    const body = `var w = id; var sum = 0.0; for (var j = 0u; j < p.m; j++) { sum += reals[w] * reals[j]; w += p.k; }
      out[id] = sum;`;
    expect(accesses(body)).toEqual({ 'packed load': 1, 'scalar load': 1, 'packed store': 1 });
  });

  test('under a mask, what only the lanes in it see: a loop counts once for all', () => {
    const ir = vectorize(
      lowered({
        body: 'if (words[id] > 9u) { var sum = 0.0; for (var j = 0u; j < p.m; j++) { sum += reals[j]; } out[id] = sum; }',
      }),
    );
    const text = printIr(ir);
    expect(text).not.toContain('gather reals');
    expect(text).not.toContain('again');
  });

  test('a lane of a packed four is a scalar', () => {
    const text = printIr(
      vectorize(lowered({ body: 'let x = reals[id]; out[id] = reals[u32(subgroupBroadcast(x, 2u))];' })),
    );
    expect(text).not.toContain('gather');
  });
});

describe('what cannot be', () => {
  test('a barrier that not all lanes reach', () => {
    const ir = lowered({ body: 'if (words[id] > 5u) { return; }\nworkgroupBarrier();\nout[id] = 1.0;' });
    const at = kernel({ body: '' }).split('\n').length;
    expect(() => vectorize(ir)).toThrow(WgslError);
    expect(() => vectorize(ir)).toThrow(`WGSL line ${at}:1: barrier in non-uniform control flow`);
  });

  test('four at once of a workgroup that is no multiple of 4 wide, or of what is four already', () => {
    const ir = lowered({ body: 'out[id] = 1.0;' });
    expect(() => vectorize({ ...ir, workgroupSize: [6, 2, 1] })).toThrow('multiple of 4');
    expect(() => vectorize(vectorize(ir))).toThrow('once');
  });
});
