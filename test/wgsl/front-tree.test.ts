import { describe, expect, test } from 'vitest';
import type { Expression, Statement } from '../../src/wgsl/ast.js';
import { alignOf, sizeOf } from '../../src/wgsl/check/layout.js';
import { parseWgsl } from '../../src/wgsl/parse.js';
import { typeName, type StructType } from '../../src/wgsl/types.js';
import { expressionOf, functionOf, parseMain, parseModule } from './support/parsing.js';

/** A tree in short: operators, names and literals. */
function short(e: Expression): string {
  switch (e.kind) {
    case 'literal':
      return `${e.value}${e.type.kind === 'scalar' ? { f32: 'f', f16: 'h', i32: 'i', u32: 'u', bool: 'b' }[e.type.name] : ''}`;
    case 'name':
      return e.target.name;
    case 'member':
      return `${short(e.object)}.${e.member}`;
    case 'swizzle':
      return `${short(e.object)}.${e.components.map((c) => 'xyzw'[c]).join('')}`;
    case 'index':
      return `${short(e.object)}[${short(e.index)}]`;
    case 'unary':
      return `${e.operator}${short(e.operand)}`;
    case 'binary':
      return `(${short(e.left)} ${e.operator} ${short(e.right)})`;
    case 'construct':
      return `${typeName(e.type)}(${e.arguments.map(short).join(', ')})`;
    case 'convert':
      return `${typeName(e.type)}<-${short(e.operand)}`;
    case 'bitcast':
      return `${typeName(e.type)}<=${short(e.operand)}`;
    case 'builtin':
      return `${e.name}(${e.arguments.map(short).join(', ')})`;
    case 'call':
      return `${e.target.name}(${e.arguments.map(short).join(', ')})`;
    case 'address':
      return `&${short(e.operand)}`;
    case 'dereference':
      return `*${short(e.operand)}`;
  }
}

function line(s: Statement): string {
  switch (s.kind) {
    case 'let':
      return `let ${s.value.name}: ${typeName(s.value.type)} = ${short(s.initial)}`;
    case 'var':
      return `var ${s.variable.name}: ${typeName(s.variable.type)}${s.variable.initial ? ` = ${short(s.variable.initial)}` : ''}`;
    case 'assign':
      return `${s.place ? short(s.place) : '_'} ${s.operator ?? ''}= ${short(s.value)}`;
    case 'call':
      return short(s.call);
    case 'if':
      return `if ${short(s.condition)} ${list(s.yes)} else ${list(s.no)}`;
    case 'loop':
      return `loop ${list(s.initial)} ${list(s.body)} ${list(s.continuing)}${s.breakIf ? ` until ${short(s.breakIf)}` : ''}`;
    case 'switch':
      return `switch ${short(s.selector)} ${s.cases.map((c) => `${c.values.join()}${c.isDefault ? ' default' : ''} ${list(c.body)}`).join(' ')}`;
    case 'block':
      return list(s.body);
    case 'return':
      return s.value ? `return ${short(s.value)}` : 'return';
    case 'barrier':
      return s.storage ? 'storage barrier' : 'barrier';
    default:
      return s.kind;
  }
}

const list = (statements: readonly Statement[]): string => `{${statements.map(line).join('; ')}}`;

describe('expressions', () => {
  test.each([
    ['x + 1', '(x + 1f)'],
    ['1 - y', '(1u - y)'],
    ['x * x + x / 2', '((x * x) + (x / 2f))'],
    ['-x * -x', '(-x * -x)'],
    ['x - x - x', '((x - x) - x)'],
    ['y << 1', '(y << 1u)'],
    ['1 << y', '(1i << y)'],
    ['x < 1 && z == 2 && b', '(((x < 1f) && (z == 2i)) && b)'],
    ['v * x', '(v * x)'],
    ['v.zyx', 'v.zyx'],
    ['v.rg.x', 'v.xy.x'],
    ['v[z]', 'v[z]'],
    ['o[y + 1]', 'o[(y + 1u)]'],
    ['o[1]', 'o[1i]'],
    ['vec4(x)', 'vec4<f32>(x)'],
    ['vec4<f32>(1.0)', 'vec4<f32>(1f)'],
    ['vec4<f32>()', 'vec4<f32>()'],
    ['vec3(v.xy, 1)', 'vec3<f32>(v.xy, 1f)'],
    ['vec4u(v)', 'vec4<u32><-v'],
    ['i32(y)', 'i32<-y'],
    ['bitcast<f32>(y)', 'f32<=y'],
    ['select(0, 1.5, b)', 'select(0f, 1.5f, b)'],
    ['max(y, 1)', 'max(y, 1u)'],
    ['array(1, x)', 'array<f32, 2>(1f, x)'],
    ['array(1, 2, 3)[z]', 'array<i32, 3>(1i, 2i, 3i)[z]'],
    ['subgroupBroadcast(x, 2)', 'subgroupBroadcast(x, 2i)'],
    ['arrayLength(&o)', 'arrayLength(&o)'],
    ['workgroupUniformLoad(&w[1])', 'workgroupUniformLoad(&w[1i])'],
    ['atomicAdd(&counter, 1)', 'atomicAdd(&counter, 1u)'],
    ['mat2x2f(v, v.xy, v.xy)', undefined],
    ['mat2x2f(v.xy, v.zw) * v.xy', '(mat2x2<f32>(v.xy, v.zw) * v.xy)'],
    ['transpose(mat2x3f())', 'transpose(mat2x3<f32>())'],
    ['(y < 3) == (y > (1))', '((y < 3u) == (y > 1u))'],
    ['*&x', 'x'],
  ])('%s', (text, expected) => {
    if (expected === undefined) expect(() => expressionOf(text)).toThrow('takes 2 columns, 4 numbers or a matrix');
    else expect(short(expressionOf(text))).toBe(expected);
  });

  test('products of matrices and vectors have the shapes of algebra', () => {
    const typeOf = (text: string): string => typeName(expressionOf(text).type);
    expect(typeOf('mat3x2f() * vec3f()')).toBe('vec2<f32>');
    expect(typeOf('vec2f() * mat3x2f()')).toBe('vec3<f32>');
    expect(typeOf('mat3x2f() * mat2x3f()')).toBe('mat2x2<f32>');
    expect(typeOf('mat3x2f() * 2')).toBe('mat3x2<f32>');
    expect(typeOf('mat3x2f(1, 2, 3, 4, 5, 6)[z]')).toBe('vec2<f32>');
  });
});

describe('statements', () => {
  test.each([
    ['let a = 1; let c = 1.5; let d = 1u;', 'let a: i32 = 1i; let c: f32 = 1.5f; let d: u32 = 1u'],
    ['let a: f32 = 1; let c: vec2u = vec2(1);', 'let a: f32 = 1f; let c: vec2<u32> = vec2<u32>(1u)'],
    ['var a: f32; var c = 1h; var d: array<f32, 3>;', 'var a: f32; var c: f16 = 1h; var d: array<f32, 3>'],
    ['const k = 3; var a = array<f32, k * 2>(); a[k] = k;', 'var a: array<f32, 6> = array<f32, 6>(); a[3i] = 3f'],
    ['x += 1; y <<= 1; v *= x;', 'x += 1f; y <<= 1u; v *= x'],
    ['x = 1; v.x = 2; v[z] = x; o[y] -= 1;', 'x = 1f; v.x = 2f; v[z] = x; o[y] -= 1f'],
    ['z++; y--; (z)++;', 'z += 1i; y -= 1u; z += 1i'],
    ['_ = x; _ = 1; _ = &o;', '_ = x'],
    ['if b { x = 1; } else if y > 1 { } else { x = 2; }', 'if b {x = 1f} else {if (y > 1u) {} else {x = 2f}}'],
    [
      'for (var i = 0; i < 3; i++) { x += 1; continue; }',
      'loop {var i: i32 = 0i} {if !(i < 3i) {break} else {}; x += 1f; continue} {i += 1i}',
    ],
    ['for (;;) { break; }', 'loop {} {break} {}'],
    ['while b { x = 1; }', 'loop {} {if !b {break} else {}; x = 1f} {}'],
    ['while true { x = 1; }', 'loop {} {x = 1f} {}'],
    ['loop { let a = x; continuing { x += a; break if x > 9; } }', 'loop {} {let a: f32 = x} {x += a} until (x > 9f)'],
    ['switch y { case 1, 2: { x = 1; } case 3, default { break; } }', 'switch y 1,2 {x = 1f} 3 default {break}'],
    ['{ let x = 1; { let x = 2u; } }', '{let x: i32 = 1i; {let x: u32 = 2u}}'],
    ['return; x = 1;', 'return; x = 1f'],
    ['workgroupBarrier(); storageBarrier();', 'barrier; storage barrier'],
    ['atomicStore(&counter, 1); atomicAdd(&counter, y);', 'atomicStore(&counter, 1u); atomicAdd(&counter, y)'],
    ['let p = &x; *p = 1; let q = p; *q += x;', 'x = 1f; x += x'],
    ['let p = &v; p.x = 1; (*p)[1] = 2;', 'v.x = 1f; v[1i] = 2f'],
    ['const_assert 1 < 2; ; let f32 = 1;', 'let f32: i32 = 1i'],
  ])('%s', (text, expected) => {
    expect(parseMain(text).map(line).join('; ')).toBe(expected);
  });

  test('a name is its innermost declaration, by identity', () => {
    const [outer, block, after] = parseMain('let a = 1; { let a = 2; x = f32(a); } x = f32(a);');
    if (outer.kind !== 'let' || block.kind !== 'block' || after.kind !== 'assign') throw new Error('other statements');
    const [inner, use] = block.body;
    const targetOf = (s: Statement): unknown =>
      s.kind === 'assign' && s.value.kind === 'convert' && s.value.operand.kind === 'name' && s.value.operand.target;
    expect(targetOf(use)).toBe(inner.kind === 'let' && inner.value);
    expect(targetOf(after)).toBe(outer.value);
  });

  test('places are those of the text', () => {
    const [, second] = parseMain('let a = 1;\n  x = x +\n    o[y];');
    if (second.kind !== 'assign' || second.value.kind !== 'binary') throw new Error('another statement');
    expect(second.at).toEqual({ line: 3, column: 3 });
    expect(second.value.at).toEqual({ line: 3, column: 9 });
    expect(second.value.right.at).toEqual({ line: 4, column: 6 });
  });
});

describe('modules', () => {
  test('declarations may use those that follow them', () => {
    const module = parseModule(`
      fn first(a: T) -> f32 { return second(a) + LAST; }
      fn second(a: T) -> f32 { return a.x; }
      const LAST = NEXT * 2.0;
      const NEXT: f32 = 3;
      alias T = S;
      struct S { x: f32 }`);
    expect(functionOf(module, 'first').body.map(line)).toEqual(['return (second(a) + 6f)']);
    expect(module.functions.map((fn) => fn.name)).toEqual(['first', 'second', 'main']);
  });

  test('bindings, uniform, variables and the entry point', () => {
    const module = parseWgsl(`enable subgroups;
      struct P { count: u32, scale: f32 }
      @group(0) @binding(2) var<uniform> p: P;
      @group(0) @binding(0) var<storage, read_write> a: array<vec4<f32>>;
      @binding(1) @group(0) var<storage> c: array<u32>;
      var<workgroup> w: array<f32, N>;
      var<private> s = vec2(1, 2.5);
      const N = 4 * 8;
      @compute @workgroup_size(N, 2)
      fn start(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(subgroup_size) size: u32) {}`);
    expect(module.bindings.map(({ name, index, type, writable }) => [name, index, typeName(type), writable])).toEqual([
      ['a', 0, 'array<vec4<f32>>', true],
      ['c', 1, 'array<u32>', false],
    ]);
    expect([module.uniform?.name, module.uniform?.index, module.uniform?.type.bytes]).toEqual(['p', 2, 8]);
    expect(module.variables.map((v) => [v.name, v.space, typeName(v.type), v.initial && short(v.initial)])).toEqual([
      ['w', 'workgroup', 'array<f32, 32>', undefined],
      ['s', 'private', 'vec2<f32>', 'vec2<f32>(1f, 2.5f)'],
    ]);
    expect(module.main.name).toBe('start');
    expect(module.main.parameters.map((q) => q.builtin)).toEqual(['global_invocation_id', 'subgroup_size']);
    expect(module.workgroupSize).toEqual([32, 2, 1]);
    expect(module.enables).toEqual(['subgroups']);
  });

  test('layout by WGSL’s rules', () => {
    // A has 24 bytes at multiples of 8, so its array has a stride of 24.
    const source = `
      struct A { u: f32, v: f32, w: vec2<f32>, x: f32 }
      struct B { a: vec2<f32>, b: vec3<f32>, c: f32, d: f32, e: A, f: vec3<f32>, g: array<A, 3>, h: i32 }
      struct C { m: mat3x3<f32>, @align(32) n: f32, @size(16) o: u32, q: u32, r: array<vec3<f32>, 2>, s: mat2x2<f32> }
      struct D { x: vec3<f16>, y: f16, z: vec2<f16>, all: array<f32> }
      var<workgroup> b: B; var<workgroup> c: C;
      @group(0) @binding(0) var<storage> d: D;`;
    const module = parseModule(`enable f16;${source}`);
    const struct = (type: unknown): StructType => type as StructType;
    const [b, c] = module.variables.map((v) => struct(v.type));
    expect(b.members.map((m) => m.offset)).toEqual([0, 16, 28, 32, 40, 64, 80, 152]);
    expect([b.bytes, b.align]).toEqual([160, 16]);
    expect(c.members.map((m) => m.offset)).toEqual([0, 64, 68, 84, 96, 128]);
    expect([c.bytes, c.align]).toEqual([160, 32]);
    const d = struct(module.bindings[0].type);
    expect(d.members.map((m) => m.offset)).toEqual([0, 6, 8, 12]);
    expect([sizeOf(d), alignOf(d)]).toEqual([16, 8]);
  });

  test('comments, blanks and letters beyond ASCII', () => {
    const text = '/* a /* nested */ */ // line\n\tconst größe\u2028= 2; fn f() -> i32 { return größe; }';
    const module = parseModule(text);
    expect(functionOf(module, 'f').body.map(line)).toEqual(['return 2i']);
  });

  test('angle brackets are template arguments only where they enclose some', () => {
    const module = parseModule(`
      fn f(a: i32, c: i32) -> bool { return a < c; }
      fn g(a: i32, c: array<vec2<i32>, (4 >> 1)>) -> bool { return a < c[0].x && c[1].y > (a); }`);
    expect(functionOf(module, 'f').body.map(line)).toEqual(['return (a < c)']);
    expect(functionOf(module, 'g').body.map(line)).toEqual(['return ((a < c[0i].x) && (c[1i].y > a))']);
  });
});
