/** What a name can stand for, and which names stand for something by themselves. */
import type { Binding, Expression, FunctionDeclaration, Statement, Uniform, Value, Variable } from '../ast.js';
import { BUILTINS } from '../check/builtins.js';
import type { Constant } from '../check/constant.js';
import type { Builtin } from '../check/rules.js';
import { vector, type Size } from '../check/types.js';
import type { Place } from '../error.js';
import { BOOL, F16, F32, I32, U32, type Type } from '../types.js';

/** A function of the text while its body is being read. */
export interface FunctionEntity {
  readonly kind: 'function';
  readonly declaration: FunctionDeclaration & { readonly body: Statement[] };
  readonly mustUse: boolean;
  readonly workgroupSize: readonly [number, number, number] | undefined;
  readonly calls: { readonly target: FunctionEntity; readonly at: Place }[];
}

/** A type that wants arguments in angle brackets, or takes them from its values: `vec3`, `array`. */
export interface GeneratorEntity {
  readonly kind: 'generator';
  readonly name: string;
  readonly shape: 'vector' | 'matrix' | 'array' | 'atomic' | 'pointer' | 'bitcast';
  /** Of vectors and matrices: size or columns, and rows. */
  readonly columns: Size;
  readonly rows: Size;
}

export type Entity =
  | Value
  | Variable
  | Binding
  | Uniform
  | Constant
  | FunctionEntity
  | GeneratorEntity
  | { readonly kind: 'type'; readonly type: Type }
  /** `let p = &x;` is another name for `&x`. */
  | { readonly kind: 'pointer'; readonly address: Expression }
  | { readonly kind: 'builtin function'; readonly check: Builtin }
  | { readonly kind: 'unsupported'; readonly what: string };

function predeclared(): ReadonlyMap<string, Entity> {
  const names = new Map<string, Entity>();
  const type = (name: string, value: Type): void => void names.set(name, { kind: 'type', type: value });
  const generator = (name: string, shape: GeneratorEntity['shape'], columns: Size = 2, rows: Size = 2): void =>
    void names.set(name, { kind: 'generator', name, shape, columns, rows });
  const unsupported = (words: string, what: (word: string) => string): void => {
    for (const word of words.split(' ')) names.set(word, { kind: 'unsupported', what: what(word) });
  };
  for (const scalar of [F32, F16, I32, U32, BOOL]) type(scalar.name, scalar);
  for (const columns of [2, 3, 4] as const) {
    generator(`vec${columns}`, 'vector', columns);
    for (const [letter, element] of [
      ['f', F32],
      ['h', F16],
      ['i', I32],
      ['u', U32],
    ] as const) {
      type(`vec${columns}${letter}`, vector(columns, element));
    }
    for (const rows of [2, 3, 4] as const) {
      generator(`mat${columns}x${rows}`, 'matrix', columns, rows);
      type(`mat${columns}x${rows}f`, { kind: 'matrix', columns, rows, element: F32 });
      type(`mat${columns}x${rows}h`, { kind: 'matrix', columns, rows, element: F16 });
    }
  }
  generator('array', 'array');
  generator('atomic', 'atomic');
  generator('ptr', 'pointer');
  generator('bitcast', 'bitcast');
  for (const [name, check] of BUILTINS) names.set(name, { kind: 'builtin function', check });
  unsupported(OTHER_FUNCTIONS, (word) => `the builtin function ${word}() is`);
  unsupported(OTHER_TYPES, (word) => `textures and samplers (${word}) are`);
  return names;
}

const OTHER_FUNCTIONS =
  'acosh asinh atanh atomicCompareExchangeWeak determinant dot4I8Packed dot4U8Packed dpdx dpdxCoarse dpdxFine dpdy dpdyCoarse dpdyFine ' +
  'frexp fwidth fwidthCoarse fwidthFine modf pack2x16snorm pack2x16unorm pack4x8snorm pack4x8unorm pack4xI8 pack4xI8Clamp pack4xU8 ' +
  'pack4xU8Clamp quadBroadcast quadSwapDiagonal quadSwapX quadSwapY quantizeToF16 refract subgroupBallot subgroupBroadcastFirst ' +
  'subgroupElect subgroupExclusiveMul subgroupInclusiveMul textureBarrier textureDimensions textureGather textureGatherCompare textureLoad ' +
  'textureNumLayers textureNumLevels textureNumSamples textureSample textureSampleBaseClampToEdge textureSampleBias textureSampleCompare ' +
  'textureSampleCompareLevel textureSampleGrad textureSampleLevel textureStore unpack2x16snorm unpack2x16unorm unpack4x8snorm ' +
  'unpack4x8unorm unpack4xI8 unpack4xU8';
const OTHER_TYPES =
  'sampler sampler_comparison texture_1d texture_2d texture_2d_array texture_3d texture_cube texture_cube_array texture_depth_2d ' +
  'texture_depth_2d_array texture_depth_cube texture_depth_cube_array texture_depth_multisampled_2d texture_external ' +
  'texture_multisampled_2d texture_storage_1d texture_storage_2d texture_storage_2d_array texture_storage_3d';

/** Names that WGSL declares; the text may declare them again. */
export const PREDECLARED = predeclared();
