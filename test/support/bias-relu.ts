import type { Epilogue } from '../../src/kernels/launch.js';
import { randomArray } from './compare.js';
import { f32Input, type KernelInput } from './run-kernel.js';

/** An epilogue with a binding, params of both kinds and a value from outside: max(0, value + bias[index mod columns]) · scale. */
export function biasRelu(columns: number): {
  options: { epilogue: Epilogue; epilogueInputs: KernelInput[]; epilogueScalars: number[] };
  apply: (values: ArrayLike<number>) => Float64Array;
} {
  const bias = randomArray(columns, 77);
  const scale = 1.5;
  return {
    options: {
      epilogue: {
        code: 'fn epilogue(value: f32, index: u32) -> f32 { return max(0.0, value + bias[index % p.biasColumns]) * p.scale; }',
        bindings: [{ name: 'bias', type: 'f32', ref: { kind: 'epilogue', index: 0 } }],
        params: [
          { name: 'biasColumns', type: 'u32', value: columns },
          { name: 'scale', type: 'f32', value: { epilogueScalar: 0 } },
        ],
      },
      epilogueInputs: [f32Input([columns], bias)],
      epilogueScalars: [scale],
    },
    apply: (values) => Float64Array.from(values, (value, i) => Math.max(0, value + bias[i % columns]) * scale),
  };
}
