/** A plain array with a shape, row-major: what the float64 oracles take and return. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Zeros of a shape, to be filled by an oracle. */
export function zeros(...shape: number[]): { readonly shape: number[]; readonly data: Float64Array } {
  return { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}
