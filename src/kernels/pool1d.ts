/**
 * Max and average pooling over windows of (N, L, C): pooling of (N, 1, L, C) in pool2d.ts, with windows one line high. The same WGSL, hence
 * the same pipelines.
 */
import type { Kernel, Problem, Spec } from './launch.js';
import { avgPool2d, avgPool2dGrad, maxPool2d, maxPool2dGrad } from './pool2d.js';
import type { Pool2dAttrs } from './pool2d.js';

export interface Pool1dAttrs {
  readonly kernelSize: number;
  readonly stride: number;
  /** Every window must hold at least one element that is not padding. */
  readonly padLeft: number;
  readonly padRight: number;
}

export interface AvgPool1dAttrs extends Pool1dAttrs {
  /** True (PyTorch's default): divide by the size of the window; false: by the number of its elements that are not padding. */
  readonly countIncludePad: boolean;
}

export type MaxPool1dGradAttrs = Pool1dAttrs & { readonly inputLength: number };
export type AvgPool1dGradAttrs = AvgPool1dAttrs & { readonly inputLength: number };

/** x (N, L, C) → [y (N, Lo, C), indices (N, Lo, C) u32 = position in L of the maximum, the first on ties]. Padding never wins. */
export const maxPool1d: Kernel<Pool1dAttrs> = oneLine('maxPool1d', maxPool2d, window);

/** dy (N, Lo, C), indices (N, Lo, C) u32 → dx (N, L, C). */
export const maxPool1dGrad: Kernel<MaxPool1dGradAttrs> = oneLine('maxPool1dGrad', maxPool2dGrad, (attrs) => ({
  ...window(attrs),
  inputSize: [1, attrs.inputLength] as const,
}));

/** x (N, L, C) → means over the windows (N, Lo, C). */
export const avgPool1d: Kernel<AvgPool1dAttrs> = oneLine('avgPool1d', avgPool2d, (attrs) => ({
  ...window(attrs),
  countIncludePad: attrs.countIncludePad,
}));

/** dy (N, Lo, C) → dx (N, L, C). */
export const avgPool1dGrad: Kernel<AvgPool1dGradAttrs> = oneLine('avgPool1dGrad', avgPool2dGrad, (attrs) => ({
  ...window(attrs),
  countIncludePad: attrs.countIncludePad,
  inputSize: [1, attrs.inputLength] as const,
}));

function window(attrs: Pool1dAttrs): Pool2dAttrs {
  return {
    kernelSize: [1, attrs.kernelSize],
    stride: [1, attrs.stride],
    padding: [0, 0, attrs.padLeft, attrs.padRight],
  };
}

/** A kernel over (N, L, C) made of one over (N, H, W, C). */
function oneLine<Attrs1d, Attrs2d>(
  name: string,
  kernel: Kernel<Attrs2d>,
  attrs2d: (attrs: Attrs1d) => Attrs2d,
): Kernel<Attrs1d> {
  const image = (spec: Spec): Spec => ({ ...spec, shape: [spec.shape[0], 1, spec.shape[1], spec.shape[2]] });
  const lift = (problem: Problem<Attrs1d>): Problem<Attrs2d> => ({
    ...problem,
    inputs: problem.inputs.map(image),
    outputs: problem.outputs.map(image),
    attrs: attrs2d(problem.attrs),
  });
  return {
    name,
    fusesEpilogue: kernel.fusesEpilogue,
    variants: (problem) => kernel.variants(lift(problem)),
    choose: (problem) => kernel.choose(lift(problem)),
    launch: (problem) => kernel.launch(lift(problem)),
    cost: (problem) => kernel.cost(lift(problem)),
  };
}
