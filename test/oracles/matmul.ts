import { zeros, type NdArray } from '../support/nd-array.js';

export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Batched product of a (B, M, K) and b (B, K, N), either given transposed in its last two axes, either with a batch of 1. */
export function matmul(
  a: NdArray,
  b: NdArray,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): NdArray {
  const [m, depth] = transposeA ? [a.shape[2], a.shape[1]] : [a.shape[1], a.shape[2]];
  const n = transposeB ? b.shape[1] : b.shape[2];
  const batch = a.shape[0] === 1 ? b.shape[0] : a.shape[0];
  const out = zeros(batch, m, n);
  for (let i = 0; i < batch; i++) {
    const aStart = a.shape[0] === 1 ? 0 : i * m * depth;
    const bStart = b.shape[0] === 1 ? 0 : i * depth * n;
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) {
          const left = a.data[aStart + (transposeA ? k * m + row : row * depth + k)];
          const right = b.data[bStart + (transposeB ? column * depth + k : k * n + column)];
          sum += left * right;
        }
        out.data[(i * m + row) * n + column] = sum;
      }
    }
  }
  return out;
}
