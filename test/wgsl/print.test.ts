import { expect, test } from 'vitest';
import type { Expr, IrFunction, Local, Memory } from '../../src/wgsl/ir.js';
import { printExpr, printIr } from '../../src/wgsl/print.js';

const u32 = (value: number): Expr => ({ kind: 'const', type: 'u32', value });
const read = (local: Local): Expr => ({ kind: 'local', type: local.type, local });

test('a kernel reads as one statement a line', () => {
  const i: Local = { id: 0, name: 'i', type: 'u32', mutable: false };
  const sum: Local = { id: 1, name: 'sum', type: 'f32', mutable: true };
  const a: Memory = { kind: 'binding', index: 0, name: 'a' };
  const ir: IrFunction = {
    name: 'total',
    width: 1,
    workgroupSize: [64, 1, 1],
    bindings: [{ name: 'a', index: 0 }],
    paramWords: 1,
    body: [
      {
        kind: 'set',
        local: i,
        value: {
          kind: 'binary',
          type: 'u32',
          op: 'add',
          a: {
            kind: 'binary',
            type: 'u32',
            op: 'mul',
            a: { kind: 'builtin', type: 'u32', name: 'wid.x' },
            b: u32(64),
          },
          b: { kind: 'builtin', type: 'u32', name: 'lid.x' },
        },
      },
      { kind: 'set', local: sum, value: { kind: 'const', type: 'f32', value: -0 } },
      {
        kind: 'block',
        label: 3,
        body: [
          {
            kind: 'if',
            condition: {
              kind: 'binary',
              type: 'bool',
              op: 'lt',
              a: read(i),
              b: { kind: 'param', type: 'u32', word: 0 },
            },
            yes: [
              {
                kind: 'set',
                local: sum,
                value: { kind: 'load', type: 'f32', memory: a, index: read(i), line: 1 },
              },
            ],
            no: [{ kind: 'branch', label: 3 }],
          },
          { kind: 'barrier', line: 4 },
          {
            kind: 'store',
            memory: a,
            index: { kind: 'base', type: 'u32', memory: a },
            value: read(sum),
            line: 2,
            bytes: true,
          },
        ],
      },
    ],
  };
  expect(printIr(ir)).toBe(
    [
      'kernel total(width 1, workgroup 64 1 1)',
      'let i.0: u32 = (wid.x * 64u) + lid.x',
      'sum.1 := -0.0',
      'block 3 {',
      '  if i.0 < p[0] {',
      '    sum.1 := a.f32[i.0]',
      '  } else {',
      '    branch 3',
      '  }',
      '  barrier',
      '  a@[&a] = sum.1',
      '}',
    ].join('\n'),
  );
});

test('packed values, conversions and negative operands read unambiguously', () => {
  const four: Expr = { kind: 'splat', type: 'vec4f', a: { kind: 'param', type: 'f32', word: 2 } };
  const lane: Expr = { kind: 'extract', type: 'f32', a: four, lane: 3 };
  expect(
    printExpr({ kind: 'unary', type: 'f32', op: 'neg', a: { kind: 'unary', type: 'f32', op: 'neg', a: lane } }),
  ).toBe('-(-splat(p.f32[2]).w)');
  expect(
    printExpr({
      kind: 'shuffle',
      type: 'vec4f',
      a: four,
      b: { kind: 'const', type: 'vec4f', value: 0 },
      lanes: [0, 4, 1, 5],
    }),
  ).toBe('shuffle(splat(p.f32[2]), vec4f(0), 0 4 1 5)');
  expect(printExpr({ kind: 'bitcast', type: 'f32', a: { kind: 'convert', type: 'u32', a: lane } })).toBe(
    'bitcast<f32>(u32(splat(p.f32[2]).w))',
  );
});
