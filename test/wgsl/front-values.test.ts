import { describe, expect, test } from 'vitest';
import { typeName } from '../../src/wgsl/types.js';
import { expressionOf, inMain, refusal, valuesOf } from './support/parsing.js';

/** Expected values are worked out by hand from WGSL's specification; `f` marks what is rounded to f32. */
const f = Math.fround;

type Case = readonly [text: string, type: string, ...values: number[]];

const check = ([text, type, ...values]: Case): void => {
  const expression = expressionOf(text);
  expect(typeName(expression.type)).toBe(type);
  const found = valuesOf(expression);
  expect(found).toHaveLength(values.length);
  found.forEach((value, i) => expect(value).toBe(values[i]));
};

const table = (name: string, cases: readonly Case[]): void => {
  describe(name, () => test.each(cases)('%s', (...given) => check(given as unknown as Case)));
};

table('numbers as they are written', [
  ['0', 'i32', 0],
  ['4294967295u', 'u32', 4294967295],
  ['-2147483648', 'i32', -2147483648],
  ['0x10', 'i32', 16],
  ['0XffffFFFFu', 'u32', 4294967295],
  ['-0x7fffffff', 'i32', -2147483647],
  ['1.5', 'f32', 1.5],
  ['.5', 'f32', 0.5],
  ['5.', 'f32', 5],
  ['1e3', 'f32', 1000],
  ['1.25e-2', 'f32', f(0.0125)],
  ['0.1f', 'f32', f(0.1)],
  ['3f', 'f32', 3],
  ['0.1h', 'f16', 0.0999755859375],
  ['2049h', 'f16', 2048],
  ['2051h', 'f16', 2052],
  ['0x1p3', 'f32', 8],
  ['0x.8p1', 'f32', 1],
  ['0x1.8', 'f32', 1.5],
  ['0xA.p-1f', 'f32', 5],
  ['1e-46', 'f32', 0],
  ['true', 'bool', 1],
  ['5.96046448e-8', 'f32', 2 ** -24],
]);

table('arithmetic', [
  ['1 + 2 * 3', 'i32', 7],
  ['(1 + 2) * 3', 'i32', 9],
  ['10 - 4 - 3', 'i32', 3],
  ['1 + 1.5', 'f32', 2.5],
  ['1 + 2u', 'u32', 3],
  ['1 + 2f', 'f32', 3],
  ['5 / 2', 'i32', 2],
  ['-7 / 2', 'i32', -3],
  ['-7 % 2', 'i32', -1],
  ['7 % -2', 'i32', 1],
  ['5.0 / 2', 'f32', 2.5],
  ['-7.5 % 2', 'f32', -1.5],
  ['0 * -1', 'i32', 0],
  ['-(0)', 'i32', 0],
  ['3000000000 - 2999999999', 'i32', 1],
  ['1 << 20', 'i32', 1048576],
  ['(1 << 40) >> 38', 'i32', 4],
  ['2147483647i + 1i', 'i32', -2147483648],
  ['-(-2147483647i - 1i)', 'i32', -2147483648],
  ['0u - 1u', 'u32', 4294967295],
  ['65536i * 65537i', 'i32', 65536],
  ['4000000000u * 3u', 'u32', 3410065408],
  ['1f / 3f', 'f32', f(1 / 3)],
  ['1 / 3f * 3f', 'f32', f(f(1 / 3) * 3)],
  ['16777216f + 1f', 'f32', 16777216],
  ['1h / 3h', 'f16', 0.333251953125],
  ['-5 >> 1u', 'i32', -3],
  ['-1i >> 31u', 'i32', -1],
  ['0x80000000u >> 31u', 'u32', 1],
  ['~5', 'i32', -6],
  ['~5u', 'u32', 4294967290],
  ['(5 & 3) | 8', 'i32', 9],
  ['5u ^ 3u', 'u32', 6],
  ['0xffffffff & 0xff', 'i32', 255],
  ['true & false', 'bool', 0],
  ['1 < 2', 'bool', 1],
  ['1.5 >= 2', 'bool', 0],
  ['true != false', 'bool', 1],
  ['!(1 == 1u)', 'bool', 0],
  ['true && !false', 'bool', 1],
  ['false && 1 / 0 == 1', 'bool', 0],
  ['true || u32(-1) == 1', 'bool', 1],
]);

table('vectors and other composites', [
  ['vec2(1, 2)', 'vec2<i32>', 1, 2],
  ['vec2(1, 2.5)', 'vec2<f32>', 1, 2.5],
  ['vec3(1u)', 'vec3<u32>', 1, 1, 1],
  ['vec4<f32>()', 'vec4<f32>', 0, 0, 0, 0],
  ['vec4(vec2(1, 2), 3, 4)', 'vec4<i32>', 1, 2, 3, 4],
  ['vec2<f32>(1, 2) * 2', 'vec2<f32>', 2, 4],
  ['1 + vec2(1, 2)', 'vec2<i32>', 2, 3],
  ['vec2(1, 2) == vec2(1, 3)', 'vec2<bool>', 1, 0],
  ['vec3(1, 2, 3).zx', 'vec2<i32>', 3, 1],
  ['vec3(1, 2, 3).g', 'i32', 2],
  ['vec3(1, 2, 3)[2]', 'i32', 3],
  ['array(1, 2.5)', 'array<f32, 2>', 1, 2.5],
  ['array<u32, 2>(1, 2)[1]', 'u32', 2],
  ['mat2x2f(1, 2, 3, 4)[1]', 'vec2<f32>', 3, 4],
  ['-vec2(1, -2)', 'vec2<i32>', -1, 2],
  ['vec2(7u, 8u) >> vec2(1u, 2)', 'vec2<u32>', 3, 2],
]);

table('conversions', [
  ['i32(-1.9)', 'i32', -1],
  ['u32(-5.5)', 'u32', 0],
  ['u32(-1i)', 'u32', 4294967295],
  ['i32(4294967295u)', 'i32', -1],
  ['i32(1e10)', 'i32', 2147483647],
  // The largest i32 that is an f32.
  ['i32(1e10f)', 'i32', 2147483520],
  ['f32(16777217)', 'f32', 16777216],
  ['f32(true)', 'f32', 1],
  ['bool(0.5)', 'bool', 1],
  ['vec2<i32>(vec2(1.5, -1.5))', 'vec2<i32>', 1, -1],
  ['bitcast<u32>(1.0)', 'u32', 0x3f800000],
  ['bitcast<i32>(0xffffffffu)', 'i32', -1],
  ['bitcast<f32>(0x40490fdbu)', 'f32', f(Math.PI)],
  ['bitcast<vec2<u32>>(vec2(1f, 2f))', 'vec2<u32>', 0x3f800000, 0x40000000],
  ['bitcast<u32>(vec2(1h, -2h))', 'u32', 0xc0003c00],
]);

table('builtin functions', [
  ['min(1, 2u)', 'u32', 1],
  ['max(1, 2.5)', 'f32', 2.5],
  ['clamp(5, 1, 3)', 'i32', 3],
  ['abs(-2147483647i - 1i)', 'i32', -2147483648],
  ['sign(-2.5)', 'f32', -1],
  ['round(2.5)', 'f32', 2],
  ['round(-2.5)', 'f32', -2],
  ['round(3.5)', 'f32', 4],
  ['fract(-1.25)', 'f32', 0.75],
  ['floor(-1.5) + ceil(1.5) + trunc(-1.5)', 'f32', -1],
  ['saturate(vec2(-1.0, 2))', 'vec2<f32>', 0, 1],
  ['sqrt(2f)', 'f32', f(Math.SQRT2)],
  ['exp(1)', 'f32', f(Math.E)],
  ['pow(2, 10)', 'f32', 1024],
  ['fma(2f, 3f, 4f)', 'f32', 10],
  ['mix(1.0, 3.0, 0.25)', 'f32', 1.5],
  ['mix(vec2(0.0), vec2(4.0, 8), 0.5)', 'vec2<f32>', 2, 4],
  ['step(1.0, vec2(0.5, 1)[1])', 'f32', 1],
  ['smoothstep(0, 1, 0.25)', 'f32', 0.15625],
  ['ldexp(1.5, 2)', 'f32', 6],
  ['dot(vec3(1, 2, 3), vec3(4, 5, 6))', 'i32', 32],
  ['cross(vec3(1, 0, 0), vec3(0, 1, 0))', 'vec3<f32>', 0, 0, 1],
  ['length(vec2(3, 4)) + distance(1, 3)', 'f32', 7],
  ['normalize(vec2(3.0, 4))', 'vec2<f32>', f(0.6), f(0.8)],
  ['reflect(vec2(1.0, -1), vec2(0.0, 1))', 'vec2<f32>', 1, 1],
  ['faceForward(vec2(1.0, 2), vec2(1.0, 0), vec2(1.0, 0))', 'vec2<f32>', -1, -2],
  ['select(1, 2u, true)', 'u32', 2],
  ['select(vec2(1, 2), vec2(3, 4), vec2(true, false))', 'vec2<i32>', 3, 2],
  ['all(vec2(true, false))', 'bool', 0],
  ['any(vec2(true, false))', 'bool', 1],
  ['countOneBits(0xf0u)', 'u32', 4],
  ['countLeadingZeros(1)', 'i32', 31],
  ['countTrailingZeros(0u)', 'u32', 32],
  ['firstLeadingBit(-2)', 'i32', 0],
  ['firstLeadingBit(0u)', 'u32', 4294967295],
  ['firstTrailingBit(8u)', 'u32', 3],
  ['reverseBits(1u)', 'u32', 0x80000000],
  ['extractBits(0xabcdu, 4, 8)', 'u32', 0xbc],
  ['extractBits(8, 0, 4)', 'i32', -8],
  ['insertBits(0u, 0xff, 4, 4)', 'u32', 0xf0],
  ['pack2x16float(vec2(1, -2))', 'u32', 0xc0003c00],
  ['unpack2x16float(0xc0003c00u)', 'vec2<f32>', 1, -2],
]);

describe('const-expressions without a value are refused', () => {
  test.each([
    ['1 / 0', 'divided by zero'],
    ['1 % 0', 'divided by zero'],
    ['1u / 0u', 'divided by zero'],
    ['-2147483648 / -1i', 'cannot be represented as i32'],
    ['1.0 / 0.0', 'cannot be represented as abstract float'],
    ['1f / 0f', 'cannot be represented as f32'],
    ['2147483648', 'cannot be represented as i32'],
    ['2147483648i', 'cannot be represented as i32'],
    ['4294967296u', 'cannot be represented as u32'],
    ['u32(-1)', 'cannot be represented as u32'],
    ['1e39', 'cannot be represented as f32'],
    ['1e39f', 'cannot be represented as f32'],
    ['1e400', 'cannot be represented as abstract float'],
    ['65505h', 'cannot be represented as f16'],
    ['9223372036854775808', 'cannot be represented as abstract int'],
    ['9007199254740993', 'not supported here'],
    ['0x1.000001p0f', 'exactly'],
    ['1i << 31u', 'cannot be represented as i32'],
    ['2u << 31u', 'cannot be represented as u32'],
    ['1u << 32u', 'shift by 32'],
    ['1 << 63', 'cannot be represented as abstract int'],
    ['sqrt(-1)', 'cannot be represented'],
    ['log(0)', 'cannot be represented'],
    ['exp(100f)', 'cannot be represented as f32'],
    ['normalize(vec2(0.0))', 'cannot be represented'],
    ['bitcast<f32>(0x7f800000u)', 'cannot be represented as f32'],
    ['clamp(1, 3, 2)', 'lower bound'],
    ['extractBits(1u, 30, 3)', 'at most 32 bits'],
    ['ldexp(1f, 129)', 'at most 128'],
    ['vec2(1, 2)[2]', 'outside of'],
    // Wrong for every value of the other operand.
    ['y / 0', 'divided by zero'],
    ['z % vec2(1, 0)', 'divided by zero'],
    ['y << 32', 'shift by 32'],
    ['clamp(x, 1, 0)', 'lower bound'],
    ['smoothstep(1, 1, x)', 'two different edges'],
    ['v[4]', 'outside of'],
    ['o[-1]', 'outside of'],
    ['b && (1 / 0 == 1)', 'divided by zero'],
  ])('%s', (text, reason) => {
    const error = refusal(inMain(`let value_ = ${text};`));
    expect(error?.reason).toContain(reason);
    expect(error?.line).toBe(2);
  });
});
