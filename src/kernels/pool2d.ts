/**
 * Max and average pooling over windows of (N, H, W, C), channels last, floor mode.
 *
 * Every kernel is a gather: one invocation owns one element of the result (variant `naive`) or four neighbouring channels of it (`vec4`,
 * where C is a multiple of 4) and walks over what contributes to it, in a fixed order, so that gradients need no atomics and come
 * out the same every time. Neighbours in a workgroup are neighbouring channels, so that loads are contiguous.
 */
import type { Cost, Epilogue, Kernel, LaunchPlan, Param, Problem, Spec } from './launch.js';
import { defineLaunch, flatIndex, gridFor, input, numel, output, u32 } from './launch.js';

export interface Pool2dAttrs {
  /** Along y, x. */
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Top, bottom, left, right. Every window must hold at least one element that is not padding. */
  readonly padding: readonly [number, number, number, number];
}

export interface AvgPool2dAttrs extends Pool2dAttrs {
  /** True (PyTorch's default): divide by the size of the window; false: by the number of its elements that are not padding. */
  readonly countIncludePad: boolean;
}

export interface PoolGradSize {
  /** H, W. */
  readonly inputSize: readonly [number, number];
}

export type MaxPool2dGradAttrs = Pool2dAttrs & PoolGradSize;
export type AvgPool2dGradAttrs = AvgPool2dAttrs & PoolGradSize;

/**
 * x (N, H, W, C) → [y (N, Ho, Wo, C), indices (N, Ho, Wo, C) u32 = y·W + x of the maximum]. On ties the first in reading order wins, as in
 * PyTorch; padding never wins. A NaN wins only where it comes first (WGSL promises nothing about comparing NaN).
 */
export const maxPool2d: Kernel<Pool2dAttrs> = {
  name: 'maxPool2d',
  fusesEpilogue: false,
  variants: ({ inputs: [x] }) => ladder(x),
  choose: ({ inputs: [x] }) => best(x),
  launch(problem) {
    const { inputs, outputs, attrs } = problem;
    const form = formOf(problem, inputs[0]);
    return gather('maxPool2d', form, outputs[0], {
      bindings: [
        { name: 'x', type: form.vector, ref: input(0) },
        { name: 'y', type: form.vector, ref: output(0) },
        { name: 'indices', type: form.indices, ref: output(1) },
      ],
      params: poolParams(attrs, inputs[0], outputs[0]),
      code: '',
      body: `
  let top = i32(line * p.strideY) - i32(p.padTop);
  let left = i32(column * p.strideX) - i32(p.padLeft);
  let lastY = min(top + i32(p.kernelY), i32(p.height));
  let lastX = min(left + i32(p.kernelX), i32(p.width));
  let firstY = max(top, 0);
  let firstX = max(left, 0);
  var winner = ${form.index}(u32(firstY) * p.width + u32(firstX));
  var maximum = x[((item * p.height + u32(firstY)) * p.width + u32(firstX)) * p.channels + channel];
  for (var iy = firstY; iy < lastY; iy++) {
    for (var ix = firstX; ix < lastX; ix++) {
      let place = u32(iy) * p.width + u32(ix);
      let value = x[(item * p.height * p.width + place) * p.channels + channel];
      let wins = value > maximum;
      maximum = select(maximum, value, wins);
      winner = select(winner, ${form.index}(place), wins);
    }
  }
  y[index] = maximum;
  indices[index] = winner;`,
    });
  },
  cost: poolCost,
};

/** dy (N, Ho, Wo, C), indices (N, Ho, Wo, C) u32 → dx (N, H, W, C): each element gathers from the windows that cover it and chose it. */
export const maxPool2dGrad: Kernel<MaxPool2dGradAttrs> = {
  name: 'maxPool2dGrad',
  fusesEpilogue: true,
  variants: ({ inputs: [dy] }) => ladder(dy),
  choose: ({ inputs: [dy] }) => best(dy),
  launch(problem) {
    const { inputs, outputs, attrs, epilogue } = problem;
    const form = formOf(problem, inputs[0]);
    return gather('maxPool2dGrad', form, outputs[0], {
      bindings: [
        { name: 'dy', type: form.vector, ref: input(0) },
        { name: 'indices', type: form.indices, ref: input(1) },
        { name: 'dx', type: form.vector, ref: output(0) },
        ...epilogue.bindings,
      ],
      params: [...poolParams(attrs, outputs[0], inputs[0]), ...epilogue.params],
      code: epilogue.code + COVERING,
      body: `
  let own = ${form.index}(line * p.width + column);
  let lines = covering(line + p.padTop, p.kernelY, p.strideY, p.outHeight);
  let columns = covering(column + p.padLeft, p.kernelX, p.strideX, p.outWidth);
  var sum = ${form.vector}();
  for (var iy = lines.x; iy < lines.y; iy++) {
    for (var ix = columns.x; ix < columns.y; ix++) {
      let window = ((item * p.outHeight + iy) * p.outWidth + ix) * p.channels + channel;
      sum += select(${form.vector}(), dy[window], indices[window] == own);
    }
  }
  ${form.store('dx', 'sum')}`,
    });
  },
  cost: poolCost,
};

/** x (N, H, W, C) → means over the windows (N, Ho, Wo, C). */
export const avgPool2d: Kernel<AvgPool2dAttrs> = {
  name: 'avgPool2d',
  fusesEpilogue: true,
  variants: ({ inputs: [x] }) => ladder(x),
  choose: ({ inputs: [x] }) => best(x),
  launch(problem) {
    const { inputs, outputs, attrs, epilogue } = problem;
    const form = formOf(problem, inputs[0]);
    return gather('avgPool2d', form, outputs[0], {
      bindings: [
        { name: 'x', type: form.vector, ref: input(0) },
        { name: 'y', type: form.vector, ref: output(0) },
        ...epilogue.bindings,
      ],
      params: [...poolParams(attrs, inputs[0], outputs[0]), countParam(attrs), ...epilogue.params],
      code: epilogue.code + WINDOW_COUNT,
      body: `
  let top = i32(line * p.strideY) - i32(p.padTop);
  let left = i32(column * p.strideX) - i32(p.padLeft);
  let lastY = min(top + i32(p.kernelY), i32(p.height));
  let lastX = min(left + i32(p.kernelX), i32(p.width));
  var sum = ${form.vector}();
  for (var iy = max(top, 0); iy < lastY; iy++) {
    for (var ix = max(left, 0); ix < lastX; ix++) {
      sum += x[((item * p.height + u32(iy)) * p.width + u32(ix)) * p.channels + channel];
    }
  }
  let mean = sum / windowCount(line, column);
  ${form.store('y', 'mean')}`,
    });
  },
  cost: poolCost,
};

/** dy (N, Ho, Wo, C) → dx (N, H, W, C): each element gathers its share of every window that covers it. */
export const avgPool2dGrad: Kernel<AvgPool2dGradAttrs> = {
  name: 'avgPool2dGrad',
  fusesEpilogue: true,
  variants: ({ inputs: [dy] }) => ladder(dy),
  choose: ({ inputs: [dy] }) => best(dy),
  launch(problem) {
    const { inputs, outputs, attrs, epilogue } = problem;
    const form = formOf(problem, inputs[0]);
    return gather('avgPool2dGrad', form, outputs[0], {
      bindings: [
        { name: 'dy', type: form.vector, ref: input(0) },
        { name: 'dx', type: form.vector, ref: output(0) },
        ...epilogue.bindings,
      ],
      params: [...poolParams(attrs, outputs[0], inputs[0]), countParam(attrs), ...epilogue.params],
      code: epilogue.code + COVERING + WINDOW_COUNT,
      body: `
  let lines = covering(line + p.padTop, p.kernelY, p.strideY, p.outHeight);
  let columns = covering(column + p.padLeft, p.kernelX, p.strideX, p.outWidth);
  var sum = ${form.vector}();
  for (var iy = lines.x; iy < lines.y; iy++) {
    for (var ix = columns.x; ix < columns.y; ix++) {
      sum += dy[((item * p.outHeight + iy) * p.outWidth + ix) * p.channels + channel] / windowCount(iy, ix);
    }
  }
  ${form.store('dx', 'sum')}`,
    });
  },
  cost: poolCost,
};

/** The windows [first, past) along one direction that cover the element at `place` of the padded input. */
const COVERING = `
fn covering(place: u32, kernelSize: u32, stride: u32, windows: u32) -> vec2<u32> {
  let first = select(0u, (place - kernelSize) / stride + 1u, place >= kernelSize);
  return vec2<u32>(first, min(place / stride + 1u, windows));
}`;

/** What the sum over window (line, column) is divided by. */
const WINDOW_COUNT = `
fn windowCount(line: u32, column: u32) -> f32 {
  if (p.countIncludePad == 1u) { return f32(p.kernelY * p.kernelX); }
  let top = i32(line * p.strideY) - i32(p.padTop);
  let left = i32(column * p.strideX) - i32(p.padLeft);
  let rows = min(top + i32(p.kernelY), i32(p.height)) - max(top, 0);
  let columns = min(left + i32(p.kernelX), i32(p.width)) - max(left, 0);
  return f32(rows * columns);
}`;

/** The text that differs between one channel and four channels an invocation. */
interface Form {
  readonly variant: string;
  readonly lanes: 1 | 4;
  readonly vector: string;
  /** Type of one invocation's indices, which is also the constructor that spreads a single index. */
  readonly index: string;
  readonly indices: string;
  /** A statement that passes `value` through the epilogue and stores it. */
  store(name: string, value: string): string;
}

const FORMS: Record<string, Form> = {
  naive: {
    variant: 'naive',
    lanes: 1,
    vector: 'f32',
    index: 'u32',
    indices: 'u32',
    store: (name, value) => `${name}[index] = epilogue(${value}, index);`,
  },
  vec4: {
    variant: 'vec4',
    lanes: 4,
    vector: 'vec4<f32>',
    index: 'vec4<u32>',
    indices: 'vec4<u32>',
    store: (name, value) => `let at = 4u * index;
  ${name}[index] = vec4<f32>(epilogue(${value}.x, at), epilogue(${value}.y, at + 1u), epilogue(${value}.z, at + 2u), epilogue(${value}.w, at + 3u));`,
  },
};

const ladder = (image: Spec): string[] => (image.shape[3] % 4 === 0 ? ['naive', 'vec4'] : ['naive']);
const best = (image: Spec): string => ladder(image)[ladder(image).length - 1];
const formOf = (problem: Problem, image: Spec): Form => FORMS[problem.variant ?? best(image)];

/** Sizes of the padded side (`image`: what the windows slide over) and of the windows' side. */
function poolParams(attrs: Pool2dAttrs, image: Spec, windows: Spec): Param[] {
  return [
    u32('kernelY', attrs.kernelSize[0]),
    u32('kernelX', attrs.kernelSize[1]),
    u32('strideY', attrs.stride[0]),
    u32('strideX', attrs.stride[1]),
    u32('padTop', attrs.padding[0]),
    u32('padLeft', attrs.padding[2]),
    u32('height', image.shape[1]),
    u32('width', image.shape[2]),
    u32('outHeight', windows.shape[1]),
    u32('outWidth', windows.shape[2]),
  ];
}

const countParam = (attrs: AvgPool2dAttrs): Param => u32('countIncludePad', attrs.countIncludePad ? 1 : 0);

interface Gather {
  readonly bindings: Parameters<typeof defineLaunch>[0]['bindings'];
  readonly params: readonly Param[];
  readonly code: Epilogue['code'];
  /** Sees `index` (of the result, in units of the form), `item`, `line`, `column`, `channel`. */
  readonly body: string;
}

/** One invocation an element (or four channels) of `result`. */
function gather(name: string, form: Form, result: Spec, work: Gather): LaunchPlan {
  const count = numel(result.shape) / form.lanes;
  if (count === 0) return { launches: [] };
  const [, lines, columns, channels] = result.shape;
  const launch = defineLaunch({
    name: `${name}.${form.variant}`,
    bindings: work.bindings,
    params: [
      u32('count', count),
      u32('channels', channels / form.lanes),
      u32('columns', columns),
      u32('lines', lines),
      ...work.params,
    ],
    workgroupSize: [64, 1, 1],
    grid: gridFor(count, 64),
    declarations: work.code,
    body: `
  let index = ${flatIndex(64)};
  if (index >= p.count) { return; }
  let channel = index % p.channels;
  let column = index / p.channels % p.columns;
  let line = index / p.channels / p.columns % p.lines;
  let item = index / p.channels / p.columns / p.lines;
  ${work.body.trim()}`,
  });
  return { launches: [launch] };
}

/** One FLOP (comparison or addition) an element of each window; bytes as if each tensor crossed the memory bus once. */
function poolCost({ inputs, outputs, attrs }: Problem<Pool2dAttrs>): Cost {
  const bytes = 4 * [...inputs, ...outputs].reduce((sum, spec) => sum + numel(spec.shape), 0);
  const windows = Math.min(numel(inputs[0].shape), numel(outputs[0].shape));
  return { flops: windows * attrs.kernelSize[0] * attrs.kernelSize[1], bytes };
}
