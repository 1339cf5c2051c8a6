import { describe, expect, test } from 'vitest';
import { WgslError } from '../../src/wgsl/error.js';
import { parseWgsl } from '../../src/wgsl/parse.js';
import { inMain, inModule, refusal } from './support/parsing.js';

type Case = readonly [text: string, reason: string, column?: number];

/** `text` is refused in its first line (line 2 of the whole text where it stands in a function), with that reason. */
const table = (name: string, wrap: (text: string) => string, line: number, cases: readonly Case[]): void => {
  describe(name, () => {
    test.each(cases.map(([text, reason, column]) => ({ text, reason, column })))(
      '$text',
      ({ text, reason, column }) => {
        const error = refusal(wrap(text));
        expect(error?.reason ?? 'accepted').toContain(reason);
        expect(error?.line).toBe(line);
        if (column !== undefined) expect(error?.column).toBe(column);
      },
    );
  });
};

const statements = (name: string, cases: readonly Case[]): void => table(name, inMain, 2, cases);
const declarations = (name: string, cases: readonly Case[]): void => table(name, inModule, 1, cases);

statements('names', [
  ['x = nothing;', "'nothing' is not declared", 5],
  ['let a = a;', "'a' is not declared", 9],
  ['let a = 1; let a = 2;', "'a' is declared twice", 16],
  ['{ let a = 1; } x = a;', "'a' is not declared"],
  ['for (var i = 0; i < 1; i++) {} z = i;', "'i' is not declared"],
  ['let target = 1;', 'reserved word'],
  ['let __a = 1;', 'two underscores'],
  ['let _ = 1;', 'expected a name'],
  ['let a = f32;', 'is not a value'],
  ['let a = vec3;', 'is not a value'],
  ['let a = min;', 'is a builtin function'],
  ['let min = 1; x = min(1, 2);', 'is not a function'],
  ['x(1);', "'x' is not a function, but a variable"],
  ['main();', 'entry point'],
]);

statements('types', [
  ['x = 1u;', 'is f32, but u32 was found', 5],
  ['y = 1.5;', 'is u32, but abstract float was found'],
  ['let a: f32 = 1i;', "'a' is f32, but i32 was found"],
  ['x = x + 1u;', 'the operator + does not take f32 and u32', 7],
  ['x = v;', 'is f32, but vec4<f32> was found'],
  ['let a = v + v.xy;', 'the operator + does not take vec4<f32> and vec2<f32>'],
  ['let a = y + z;', 'the operator + does not take u32 and i32'],
  ['let a = b + b;', 'the operator + does not take bool and bool'],
  ['let a = y && b;', 'the operator && does not take u32 and bool'],
  ['let a = v == 1.0;', 'the operator == does not take'],
  ['let a = b < b;', 'the operator < does not take'],
  ['let a = true ^ false;', 'the operator ^ does not take'],
  ['let a = x & 1;', 'the operator & does not take'],
  ['let a = x << 1;', 'the operator << does not take'],
  ['let a = y << z;', 'takes u32 on its right, but i32'],
  ['let a = vec2(y) << 1u;', 'takes vec2<u32> on its right'],
  ['let a = -y;', 'takes a signed number'],
  ['let a = !x;', 'takes a bool'],
  ['let a = ~x;', 'takes an integer'],
  ['let a = o;', 'cannot hold a value of type array<f32>'],
  ['let a = counter;', 'cannot hold a value of type atomic<u32>'],
  ['var a: array<f32>;', 'cannot be of type array<f32>'],
  ['var a: array<f32, 0>;', 'at least 1'],
  ['var a: array<f32, y>;', 'const-expression'],
  ['var a: array<f32, 1.0>;', 'is i32 or u32, but abstract float'],
  ['var a: array<f32, 100000>;', 'not supported here'],
  ['var a: vec3<vec3<f32>>;', 'elements of a scalar type'],
  ['var a: mat2x2<i32>;', 'f32 or f16'],
  ['var a: x;', 'expected a type'],
  ['var a;', 'needs a type or a value'],
  ['let a: i32;', "expected '='"],
  ['const a = x;', 'const-expression'],
  ['if y { }', 'the condition of if is bool, but u32'],
  ['while 1 { }', 'the condition of while is bool'],
  ['for (;y;) { }', 'the condition of for is bool'],
  ['switch x { default { } }', 'i32 or u32, but f32'],
  ['switch y { case -1 { } default { } }', 'cannot be represented as u32'],
  ['switch y { case 1i { } default { } }', 'but i32 was found'],
  ['return 1;', 'returns no value'],
]);

statements('parts and pointers', [
  ['x = v.q;', "no component 'q'"],
  ['x = v.xg;', "no component 'xg'"],
  ['x = v.xy.z;', "no 'z'"],
  ['x = v.xyzwx;', 'up to four letters'],
  ['x.y = 1;', "f32 has no member 'y'"],
  ['x[0] = 1;', 'is indexed, but f32'],
  ['x = v[1.0];', 'an index is i32 or u32'],
  ['x = o[b];', 'an index is i32 or u32'],
  ['x = w[4];', 'outside of array<f32, 4>', 7],
  ['let p = &1;', 'a value was found'],
  ['let p = &v.x;', 'single component'],
  ['let p = &(x + 1);', 'a value was found'],
  ['let a = *x;', 'takes a pointer'],
  ['let p = &o[y];', 'computed index'],
  ['var p = &x;', 'cannot be of type ptr'],
  ['let p = arrayLength(o);', 'a pointer to an array without a length'],
  ['let p = arrayLength(&w);', 'a pointer to an array without a length'],
]);

statements('assignments', [
  ['let a = x; a = 1;', "'a' is a let or a parameter", 12],
  ['const a = 1; a = 2;', 'a constant cannot be assigned'],
  ['u[0] = 1;', 'read only'],
  ['let a = v; a.x = 1;', 'cannot be assigned'],
  ['v.xy = vec2f();', 'not supported here'],
  ['1 = x;', 'expected a statement'],
  ['f32(x) = 1;', 'cannot be assigned'],
  ['counter = 1;', 'cannot be assigned'],
  ['x++;', '++ and -- take an i32 or u32'],
  ['x += v;', 'but vec4<f32> was found'],
  ['x;', "expected '='"],
  ['x == 1;', "expected '='"],
  ['x = 1 y = 2;', "expected ';'", 7],
  ['x = ;', 'expected an expression'],
  ['x = (1;', "expected ')'"],
  ['x = min(1, 2;', "expected ')'"],
  ['_ = o;', "'_' cannot be assigned"],
]);

statements('calls', [
  ['x = min(x);', 'min() takes 2 arguments, but 1 were found'],
  ['x = min(x, y);', 'min() takes 2 of one type'],
  ['x = max(v, 0.0).x;', 'max() takes 2 of one type'],
  ['x = sqrt(y);', 'sqrt() takes a floating-point number'],
  ['x = dot(x, x);', 'dot() takes'],
  ['v = cross(v, v);', 'two vec3'],
  ['x = select(x, 1, x);', 'select() takes'],
  ['x = select(x, 1, vec2(true));', 'select() takes'],
  ['min(x, 1);', 'not used'],
  ['vec2f(1);', 'not used'],
  ['x = vec2f(1);', 'but vec2<f32> was found'],
  ['v = vec4f(1, 2, 3);', 'takes 4 components'],
  ['v = vec4f(v.xyz, y);', 'takes components of type f32'],
  ['v = vec4<f32>(z, 1, 2, 3);', 'takes components of type f32'],
  ['x = f32(x, 1);', 'takes one scalar'],
  ['let a = array<f32, 2>(1);', 'takes 2 values'],
  ['let a = array(1, true);', 'elements of one type'],
  ['let a = array();', 'needs elements'],
  ['let a = bitcast<u32>(b);', 'as many bits'],
  ['let a = bitcast<vec2<u32>>(x);', 'as many bits'],
  ['x = subgroupBroadcast(x, y);', 'must be a constant'],
  ['x = subgroupBroadcast(x, 128);', '0 … 127'],
  ['x = subgroupShuffleXor(x, z);', 'a u32'],
  ['atomicAdd(&x, 1);', 'a pointer to an atomic'],
  ['atomicAdd(&counter, 1.5);', 'a u32'],
  ['x = workgroupUniformLoad(&x);', 'workgroup variable'],
  ['let a = workgroupBarrier();', 'a function without a result'],
  ['x = modf(x).fract;', 'modf() is not supported here'],
  ['let a = atomicCompareExchangeWeak(&counter, 1, 2);', 'not supported here'],
]);

statements('control flow', [
  ['break;', "'break' stands only in a loop", 1],
  ['continue;', "'continue' stands only in a loop"],
  ['switch y { default { continue; } }', "'continue' stands only in a loop"],
  ['loop { }', 'never ends', 1],
  ['for (;;) { continue; }', 'never ends'],
  ['loop { break if b; }', "at the end of 'continuing'"],
  ['loop { continuing { break; } }', "'break if'"],
  ['loop { continuing { return; } }', "cannot stand in 'continuing'"],
  ['loop { continuing { continue; } }', "cannot stand in 'continuing'"],
  ['loop { continuing { break if b; x = 1; } }', 'last statement'],
  ['loop { break; continuing { } x = 1; }', "expected '}'"],
  ['loop { if b { continue; } let a = 1; continuing { break if a > 1; } }', "goes past the declaration of 'a'"],
  ['switch y { case 1 { } }', "no 'default'"],
  ['switch y { default { } default { } }', "second 'default'"],
  ['switch y { case 1, 1 { } default { } }', 'two cases for 1'],
  ['switch y { case z { } default { } }', 'const-expression'],
  ['if (b) return;', "expected '{'"],
  ['discard;', 'fragment'],
  ['x = y ? 1 : 2;', "unexpected character '?'"],
  ['const_assert 1 > 2;', 'is false'],
  ['for (var i = 0; i < 1; let k = 1) { }', 'an assignment or a call'],
]);

statements('operators that WGSL wants in parentheses', [
  ['let a = y & 1u | 2u;', 'parentheses', 16],
  ['let a = y & 1u == 1u;', 'parentheses'],
  ['let a = y << 1u << 1u;', 'parentheses'],
  ['let a = y << 1u + 1u;', 'parentheses'],
  ['let a = x < 1 == b;', 'parentheses'],
  ['let a = b && b || b;', 'parentheses'],
]);

statements('text', [
  ['let a = 01;', 'begins with a zero'],
  ['let a = 1.5u;', 'is not a number'],
  ['let a = 1e;', 'is not a number'],
  ['let a = 0x;', 'is not a number'],
  ['let a = 0xfg;', 'is not a number'],
  ['let a = 1_000;', 'is not a number'],
  ['let a = "text";', "unexpected character '\"'"],
  ['let a = x # y;', "unexpected character '#'"],
  ['let a = 😀;', "unexpected character '😀'"],
  ['/* open', 'this comment has no end', 1],
]);

declarations('declarations', [
  ['const a = 1; const a = 2;', "'a' is declared twice", 20],
  ['const a = c; const c = a;', 'by means of itself'],
  ['struct S { a: T } struct T { a: S }', 'by means of itself'],
  ['alias a = a;', 'by means of itself'],
  ['fn f() { f(); }', 'no recursion', 10],
  ['fn f() { g(); } fn g() { f(); }', 'no recursion'],
  ['override a: f32 = 1;', "'override' declarations are not supported here"],
  ['enable nothing;', "'nothing' is not supported here"],
  ['requires something;', 'not supported here'],
  ['const a = 1; enable f16;', 'expected a declaration'],
  ['let a = 1;', 'expected a declaration'],
  ['const a = f(); fn f() -> f32 { return 1; }', 'cannot be called here'],
  ['var a: f32;', 'address space'],
  ['@group(0) @binding(0) var t: texture_2d<f32>;', 'not supported here'],
  ['fn f(t: texture_2d<f32>) { }', 'not supported here'],
  ['fn f(s: sampler) { }', 'not supported here'],
  ['var<storage> a: array<f32>;', 'needs @group(0) and @binding'],
  ['@group(1) @binding(0) var<storage> a: array<f32>;', 'bind groups other than 0 (1) are not supported here'],
  ['@group(0) @binding(0) var<storage, write> a: array<f32>;', 'read or read_write'],
  ['@group(0) @binding(0) var<storage> a: array<bool>;', 'cannot lie in a buffer'],
  ['@group(0) @binding(0) var<storage> a: array<atomic<u32>>;', 'read_write'],
  ['@group(0) @binding(0) var<uniform> a: f32;', 'not a struct (f32) are not supported here'],
  ['@group(0) @binding(0) var<storage> a: f32; @group(0) @binding(0) var<storage> c: f32;', 'both have @binding(0)'],
  ['var<workgroup> a: f32 = 1;', 'no initial value'],
  ['var<private> a = c; var<private> c = 1;', 'const-expression'],
  ['var<function> a: f32;', 'expected an address space'],
  ['struct S { }', 'has no members'],
  ['struct S { a: f32, a: f32 }', "two members 'a'"],
  ['struct S { a: array<f32>, b: f32 }', 'must be the last member'],
  ['struct S { @align(3) a: f32 }', 'not a power of two'],
  ['struct S { @size(2) a: f32 }', 'less than the 4 bytes'],
  ['struct S { @location(0) a: f32 }', '@location is not supported here'],
  ['struct S { a: f32; }', "expected '}'"],
  ['fn f() -> f32 { }', 'without returning a value of type f32', 17],
  ['fn f() -> f32 { if true { return 1; } }', 'without returning'],
  ['fn f() -> f32 { while true { return 1; } }', 'without returning'],
  ['fn f() -> f32 { loop { if true { break; } return 1; } }', 'without returning'],
  ['fn f() -> f32 { switch 1 { case 1 { return 1; } default { break; } } }', 'without returning'],
  ['fn f() -> f32 { return; }', 'returns a value of type f32'],
  ['fn f() -> f32 { return 1u; }', 'is f32, but u32 was found'],
  ['fn f(a: f32) { a = 1; }', 'let or a parameter'],
  ['fn f(a: f32) { let a = 1; }', 'declared twice'],
  ['fn f(a: f32, a: f32) { }', "two parameters 'a'"],
  ['fn f(a: array<f32>) { }', 'a parameter cannot be of type'],
  ['fn f(@builtin(local_invocation_index) a: u32) { }', '@builtin is not supported here'],
  ['fn f(a: f32) { } fn g() { f(1u); }', "the parameter 'a' of 'f' is f32, but u32 was found", 29],
  ['fn f(a: f32) { } fn g() { f(); }', "'f' takes 1 argument, but 0 were found"],
  ['fn f() { } fn g() { let a = f(); }', 'without a result'],
  ['@must_use fn f() -> f32 { return 1; } fn g() { f(); }', 'not used'],
  [
    'fn f(a: ptr<function, f32>, c: ptr<function, f32>) {} fn g() { var x = 1.0; f(&x, &x); }',
    'two pointers to one variable',
  ],
  ['fn f(a: ptr<storage, array<f32>>) { a[0] = 1; }', 'read only'],
  ['fn f(a: f16) { }', 'enable f16;'],
  ['fn f() { let a = subgroupAdd(1); }', 'enable subgroups;'],
  ['@fragment fn f() { }', '@fragment is not supported here'],
  ['@vertex fn f() { }', '@vertex is not supported here'],
  ['@workgroup_size(1) fn f() { }', 'go together'],
  ['fn f() { ', 'never closed'],
]);

describe('entry points', () => {
  test.each([
    ['', 'no entry point'],
    ['@compute @workgroup_size(1) fn a() {} @compute @workgroup_size(1) fn b() {}', 'several entry points are not'],
    ['fn main() {}', 'no entry point'],
    ['@compute fn main() {}', 'go together'],
    ['@compute @workgroup_size(0) fn main() {}', 'at least 1'],
    ['@compute @workgroup_size(1, 1, 1, 1) fn main() {}', "expected ')'"],
    ['@compute @workgroup_size(1) fn main() -> f32 { return 1; }', 'returns nothing'],
    ['@compute @workgroup_size(1) fn main(a: f32) {}', 'without @builtin'],
    ['@compute @workgroup_size(1) fn main(@builtin(position) a: vec4f) {}', "'position' is not supported here"],
    ['@compute @workgroup_size(1) fn main(@builtin(workgroup_id) a: vec3f) {}', 'is vec3<u32>, but vec3<f32>'],
  ])('%s', (text, reason) => expect(refusal(text)?.reason).toContain(reason));
});

test('an error shows the line and points into it', () => {
  const code = '@compute @workgroup_size(1)\nfn main() {\n  let a = 1 + true;\n}';
  expect(() => parseWgsl(code)).toThrow(WgslError);
  expect(refusal(code)?.message).toBe(
    'WGSL line 3:13: the operator + does not take abstract int and bool\n3 |   let a = 1 + true;\n  |             ^',
  );
});
