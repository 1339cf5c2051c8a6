/** Between element types, by value. */
import type { DType } from '../../kernels/launch.js';
import type { ElementwiseOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';

export interface CastAttrs {
  readonly to: DType;
}

export const castOp: ElementwiseOp<CastAttrs> = {
  kind: 'elementwise',
  name: 'cast',
  weight: 1,
  shape: ([x], { to }) => [{ shape: x.shape, dtype: to }],
  expression: ([x], { to }) => `${to}(${x})`,
  gradient: ({ inputs: [x], attrs, grad }) => [attrs.to === 'f32' && x.dtype === 'f32' ? grad : null],
};

/** `x` as another element type; float to integer truncates. */
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : record(castOp, [x], { to }));
