import { describe, expect, test } from 'vitest';
import { lex } from '../../src/wgsl/lexer.js';
import { parseWgsl } from '../../src/wgsl/parse.js';
import { bits } from '../support/generated.js';
import { kernelTexts } from './support/kernel-texts.js';
import { inMain, inModule, refusal } from './support/parsing.js';

const texts = kernelTexts();

describe('the kernels of the engine', () => {
  test('were found', () => {
    expect(new Set(texts.map((text) => text.name)).size).toBeGreaterThan(100);
  });

  test('are read, with their bindings, uniforms and sizes', () => {
    for (const { name, code } of texts) {
      const module = parseWgsl(code);
      expect(module.main.name, name).toBe('main');
      expect(module.bindings.length, name).toBeGreaterThan(0);
      const size = /@workgroup_size\((\d+), (\d+), (\d+)\)/.exec(code);
      expect(module.workgroupSize, name).toEqual(size?.slice(1).map(Number));
      const members = /struct Params \{ (.*) \}/.exec(code)?.[1].split(', ') ?? [];
      const offsets = module.uniform?.type.members.map((member) => `${member.name} at ${member.offset}`);
      expect(offsets ?? [], name).toEqual(members.map((member, i) => `${member.split(':')[0]} at ${4 * i}`));
    }
  });
});

/** Features that no kernel uses at present. */
const FEATURES = `enable f16; enable subgroups;
struct Inner { a: vec3f, b: f32, c: array<vec2u, 3> }
struct Params { count: u32, scale: f32, inner: Inner, m: mat3x3f }
@group(0) @binding(0) var<storage, read_write> data: array<f32>;
@group(0) @binding(1) var<storage, read> words: array<vec4<u32>>;
@group(0) @binding(2) var<uniform> p: Params;
@group(0) @binding(3) var<storage, read_write> counters: array<atomic<u32>, 8>;
var<workgroup> sums: array<f32, 64>;
var<private> state: vec2<u32> = vec2(1u, 2);
const N = 4u * 2; const TABLE = array(1.5, 2, 3.25f, LAST); const LAST: f32 = 0x1.8p1;
alias Row = array<f32, N>;
fn helper(x: f32, row: ptr<function, Row>) -> f32 {
  var sum = 0.0;
  for (var i = 0; i < 8; i++) { if i == 3 { continue; } (*row)[i] += x * f32(i); sum += row[i]; }
  return sum;
}
fn classify(v: i32) -> u32 {
  switch v { case 0, 1: { return 10u; } case -5 { return select(1u, 2u, v < 0); } default: { return u32(abs(v)) & 0xffu; } }
}
fn walk(start: u32) -> u32 {
  var x = start;
  loop { if x <= 1u { break; } let odd = (x & 1u) == 1u; continuing { x = select(x / 2u, x * 3u + 1u, odd); break if x > 50u; } }
  while (x < 1000u) { x <<= 1u; x |= 1u; }
  return x ^ start;
}
@compute @workgroup_size(8, N, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_index) lindex: u32) {
  var row: Row;
  let i = gid.x;
  let w = words[i].wzyx;
  sums[lindex] = helper(bitcast<f32>(w.x) + f32(w.y) * p.scale, &row) + subgroupAdd(1.5);
  let v = p.m * p.inner.a + vec3(p.inner.b);
  state.x = walk(state.x) % 7u + classify(-3);
  atomicAdd(&counters[i % 8u], 1u);
  workgroupBarrier();
  var m = mat2x3<f32>(vec3f(1, 2, 3), v);
  m[1].y *= 2.0;
  data[i] = clamp(dot(v, v.zyx), -1.0, 1.0) + TABLE[i & 3] + (transpose(m) * v).x + f32(f16(sums[0]));
}`;

interface Random {
  (below: number): number;
}

function randomOf(seed: number): Random {
  const word = bits(seed, 'mutations');
  let count = 0;
  return (below) => Math.floor((word(count++) / 2 ** 32) * below);
}

const tokensOf = (code: string): string[] => {
  const { texts: symbols, kinds } = lex(code);
  return symbols.slice(0, -1).map((text, i) => (kinds[i] === 'symbol' ? text.replace('template ', '') : text));
};

/** One token is dropped, doubled, exchanged with its neighbour or replaced by another of the text. */
function mutate(tokens: readonly string[], random: Random): string {
  const changed = [...tokens];
  const at = random(tokens.length - 1);
  switch (random(4)) {
    case 0:
      changed.splice(at, 1);
      break;
    case 1:
      changed.splice(at, 0, tokens[at]);
      break;
    case 2:
      changed.splice(at, 2, tokens[at + 1], tokens[at]);
      break;
    default:
      changed[at] = tokens[random(tokens.length)];
  }
  return changed.join(' ');
}

describe('texts with mistakes give a WgslError or a tree, and nothing else', () => {
  const victims = [...texts.filter(({ code }) => code.length < 4000), { name: 'features', code: FEATURES }];

  test('texts written out of their tokens are what they were', () => {
    for (const { code } of victims) expect(refusal(tokensOf(code).join(' '))).toBeUndefined();
  });

  test('mutations', () => {
    const random = randomOf(7);
    let refused = 0;
    let accepted = 0;
    const tokens = new Map(victims.map(({ code }) => [code, tokensOf(code)]));
    for (let round = 0; round < 1000; round++) {
      // Every third time the text with the many features.
      const { code } = round % 3 === 0 ? victims[victims.length - 1] : victims[random(victims.length)];
      // `refusal` lets other errors through.
      if (refusal(mutate(tokens.get(code) ?? [], random))) refused++;
      else accepted++;
    }
    expect(refused).toBeGreaterThan(500);
    expect(accepted).toBeGreaterThan(20);
  });

  test('texts cut off anywhere are refused', () => {
    const body = FEATURES.slice(0, -1);
    for (let end = 0; end < body.length; end += 3)
      expect(refusal(body.slice(0, end)), body.slice(0, end)).toBeDefined();
  });

  test('texts of random characters are refused', () => {
    const random = randomOf(8);
    const letters = ' \n"\\()[]{}<>=+-*/%&|^!~.,;:@_azZ09éλ😀\u0000\u2028';
    for (let round = 0; round < 300; round++) {
      const noise = Array.from({ length: 1 + random(60) }, () => letters[random(letters.length)]).join('');
      expect(refusal(inMain(`let a = 1 ${noise}`) + noise)).toBeDefined();
    }
  });

  test.each([
    ['parentheses', inMain(`let a = ${'('.repeat(50_000)}1${')'.repeat(50_000)};`)],
    ['signs', inMain(`let a = ${'- '.repeat(50_000)}1;`)],
    ['blocks', inMain('{'.repeat(50_000) + '}'.repeat(50_000))],
    ['ifs', inMain('if b { } else '.repeat(50_000) + '{ }')],
    ['arrays', inModule(`var<workgroup> a: ${'array<'.repeat(5000)}f32${', 1>'.repeat(5000)};`)],
    [
      'constants',
      inModule(Array.from({ length: 5000 }, (_, i) => `const c${i} = c${i + 1};`).join('\n') + 'const c5000 = 1;'),
    ],
    [
      'calls',
      inModule(Array.from({ length: 5000 }, (_, i) => `fn f${i}() { f${i + 1}(); }`).join('\n') + 'fn f5000() { }'),
    ],
    ['sums', inMain(`let a = x${' + x'.repeat(20_000)};`)],
    ['conditions', inMain(`let a = b${' && b'.repeat(20_000)};`)],
    ['bits', inMain(`let a = y${' ^ y'.repeat(20_000)};`)],
    ['a long number', inMain(`let a = ${'1'.repeat(100_000)};`)],
    ['comments', '/*'.repeat(50_000)],
    ['angle brackets', inMain(`let a = ${'x < '.repeat(20_000)} x;`)],
  ])('what is nested or long without bound is refused: %s', (_name, code) => {
    expect(refusal(code)).toBeDefined();
  });
});
