/** The WGSL of every kernel of src/kernels: each variant of each, for several machines, written down without running anything. */
import type { DeviceInfo } from '../../../src/device/device.js';
import { adam } from '../../../src/kernels/adam.js';
import { bandExtremes, bandExtremesGrad } from '../../../src/kernels/band-extremes.js';
import { banded } from '../../../src/kernels/banded.js';
import { bandedColumns } from '../../../src/kernels/banded-columns.js';
import { batchNormGradSums, batchNormMoments } from '../../../src/kernels/batch-norm.js';
import { conv1dInputGrad, conv1dWeightGrad } from '../../../src/kernels/conv1d-grad.js';
import { conv1d } from '../../../src/kernels/conv1d.js';
import { conv2dInputGrad, conv2dWeightGrad } from '../../../src/kernels/conv2d-grad.js';
import { conv2d } from '../../../src/kernels/conv2d.js';
import { crossEntropy, crossEntropyGrad } from '../../../src/kernels/cross-entropy.js';
import { fft, irfft, rfft } from '../../../src/kernels/fft.js';
import { frameLevels } from '../../../src/kernels/frame-levels.js';
import { gather, gatherGrad } from '../../../src/kernels/gather.js';
import { defineLaunch, f32, u32, type Epilogue, type Kernel, type Spec } from '../../../src/kernels/launch.js';
import { lstmGrad } from '../../../src/kernels/lstm-grad.js';
import { lstm } from '../../../src/kernels/lstm.js';
import { mathFunctions } from '../../../src/kernels/math.js';
import { matmul } from '../../../src/kernels/matmul.js';
import { avgPool1d, avgPool1dGrad, maxPool1d, maxPool1dGrad } from '../../../src/kernels/pool1d.js';
import { avgPool2d, avgPool2dGrad, maxPool2d, maxPool2dGrad } from '../../../src/kernels/pool2d.js';
import { randomFunctions } from '../../../src/kernels/random.js';
import { rmsprop } from '../../../src/kernels/rmsprop.js';
import { sgd } from '../../../src/kernels/sgd.js';
import { logSoftmax, softmax } from '../../../src/kernels/softmax.js';
import { melSpectrum, stft } from '../../../src/kernels/stft.js';
import { f32Spec, u32Spec } from '../../support/run-kernel.js';

const LIMITS: DeviceInfo['limits'] = {
  maxBindingBytes: 2 ** 31 - 4,
  maxBufferBytes: 2 ** 31,
  maxStorageBindings: 10,
  maxInvocations: 256,
  maxWorkgroupBytes: 16384,
};
const machine = (kind: DeviceInfo['kind'], features: readonly string[]): DeviceInfo => ({
  device: 'webgpu',
  kind,
  vendor: 'test',
  architecture: 'test',
  description: 'test',
  limits: LIMITS,
  features,
});
const MACHINES = [
  machine('software', ['subgroups']),
  machine('hardware', []),
  machine('hardware', ['subgroups', 'shader-f16']),
  { ...machine('software', []), device: 'wasm' as const, limits: { ...LIMITS, maxWorkgroupBytes: 65536 } },
];

/** What the compiler fuses behind kernels, in small. */
const EPILOGUE: Epilogue = {
  code: `fn epilogue(value: f32, index: u32) -> f32 {
  let ev0 = eb0[index];
  return select(p.es0, value, ev0 != 0.0);
}`,
  bindings: [{ name: 'eb0', type: 'f32', ref: { kind: 'epilogue', index: 0 } }],
  params: [f32('es0', 0.5)],
};

interface Text {
  readonly name: string;
  readonly code: string;
}

class Collector {
  readonly texts = new Map<string, string>();

  add<Attrs>(kernel: Kernel<Attrs>, attrs: Attrs, inputs: readonly Spec[], outputs: readonly Spec[]): void {
    for (const device of MACHINES) {
      const problem = { inputs, outputs, attrs, device, epilogue: EPILOGUE };
      for (const variant of kernel.variants(problem)) {
        const { launches } = kernel.launch({ ...problem, variant });
        for (const { kernel: source } of launches) this.texts.set(source.code, source.name);
      }
    }
  }
}

const repeated = (count: number, spec: Spec): Spec[] => new Array<Spec>(count).fill(spec);
const scalars = (count: number): Spec[] => repeated(count, f32Spec());

function addUpdates(all: Collector): void {
  for (const n of [132, 133]) {
    for (const hasScale of [false, true]) {
      const scale = hasScale ? [f32Spec(1)] : [];
      for (const flag of [false, true]) {
        const arenas = (count: number): Spec[] => repeated(count + (flag ? 1 : 0), f32Spec(n));
        all.add(adam, { decoupled: flag, hasScale }, [...repeated(4, f32Spec(n)), ...scalars(7), ...scale], []);
        all.add(rmsprop, { momentum: flag, hasScale }, [...arenas(3), ...scalars(flag ? 5 : 4), ...scale], []);
        for (const nesterov of flag ? [false, true] : [false]) {
          all.add(sgd, { momentum: flag, nesterov, hasScale }, [...arenas(2), ...scalars(flag ? 3 : 2), ...scale], []);
        }
      }
    }
  }
}

function addProducts(all: Collector): void {
  for (const [m, k, n] of [
    [64, 32, 48],
    [7, 5, 3],
    [16, 4096, 16],
  ]) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const a = transposeA ? f32Spec(1, k, m) : f32Spec(1, m, k);
        const b = transposeB ? f32Spec(1, n, k) : f32Spec(1, k, n);
        all.add(matmul, { transposeA, transposeB }, [a, b], [f32Spec(1, m, n)]);
      }
    }
  }
  for (const [channels, filters, padding] of [
    [64, 32, 2],
    [3, 5, 0],
  ]) {
    const attrs = { stride: 1, dilation: 1, padLeft: padding, padRight: padding };
    const [x, w, y] = [f32Spec(2, 50, channels), f32Spec(5, channels, filters), f32Spec(2, 46 + 2 * padding, filters)];
    all.add(conv1d, attrs, [x, w], [y]);
    all.add(conv1dInputGrad, { ...attrs, inputLength: 50 }, [y, w], [x]);
    all.add(conv1dWeightGrad, { ...attrs, kernelSize: 5 }, [x, y], [w]);
  }
  for (const [channels, filters] of [
    [8, 12],
    [1, 5],
  ]) {
    const attrs = { stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1] } as const;
    const [x, w, y] = [f32Spec(2, 8, 7, channels), f32Spec(3, 3, channels, filters), f32Spec(2, 8, 7, filters)];
    all.add(conv2d, attrs, [x, w], [y]);
    all.add(conv2dInputGrad, { ...attrs, inputSize: [8, 7] }, [y, w], [x]);
    all.add(conv2dWeightGrad, { ...attrs, kernelSize: [3, 3] }, [x, y], [w]);
  }
  all.add(banded, { columns: 16 }, [f32Spec(5, 33), f32Spec(64), u32Spec(48)], [f32Spec(5, 16)]);
  all.add(bandedColumns, { columns: 16 }, [f32Spec(33, 300), f32Spec(64), u32Spec(48)], [f32Spec(16, 300)]);
}

function addPools(all: Collector): void {
  for (const channels of [4, 3]) {
    const attrs = { kernelSize: 2, stride: 2, padLeft: 0, padRight: 0 };
    const [x, y] = [f32Spec(2, 8, channels), f32Spec(2, 4, channels)];
    const indices = u32Spec(2, 4, channels);
    all.add(maxPool1d, attrs, [x], [y, indices]);
    all.add(maxPool1dGrad, { ...attrs, inputLength: 8 }, [y, indices], [x]);
    const flat = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 1, 0, 1] } as const;
    const [x2, y2] = [f32Spec(2, 8, 6, channels), f32Spec(2, 4, 3, channels)];
    const indices2 = u32Spec(2, 4, 3, channels);
    all.add(maxPool2d, flat, [x2], [y2, indices2]);
    all.add(maxPool2dGrad, { ...flat, inputSize: [8, 6] }, [y2, indices2], [x2]);
    for (const countIncludePad of [false, true]) {
      all.add(avgPool1d, { ...attrs, countIncludePad }, [x], [y]);
      all.add(avgPool1dGrad, { ...attrs, countIncludePad, inputLength: 8 }, [y], [x]);
      all.add(avgPool2d, { ...flat, countIncludePad }, [x2], [y2]);
      all.add(avgPool2dGrad, { ...flat, countIncludePad, inputSize: [8, 6] }, [y2], [x2]);
    }
  }
}

function addSequences(all: Collector): void {
  for (const hidden of [8, 7]) {
    for (const hasLengths of [false, true]) {
      for (const hasState of [false, true]) {
        const [rows, steps, directions] = [5, 3, 2];
        const gates = f32Spec(rows, steps, directions, hidden, 4);
        const weights = f32Spec(directions, hidden, hidden, 4);
        const cells = f32Spec(rows, steps, directions, hidden);
        const out = f32Spec(rows, steps, directions * hidden);
        const state = hasState ? [f32Spec(directions, rows, hidden)] : [];
        const lengths = hasLengths ? [u32Spec(rows)] : [];
        const attrs = { hasLengths, hasState };
        all.add(lstm, attrs, [gates, weights, ...state, ...state, ...lengths], [out, cells, gates]);
        all.add(lstmGrad, attrs, [out, weights, cells, gates, ...state, ...lengths], [gates, ...state, ...state]);
      }
    }
  }
}

function addRows(all: Collector): void {
  for (const [rows, columns] of [
    [300, 64],
    [5, 3],
  ]) {
    const [x, vector] = [f32Spec(rows, columns), f32Spec(columns)];
    all.add(batchNormMoments, {}, [x], [vector, vector]);
    all.add(batchNormGradSums, {}, [x, x, vector, vector], [vector, vector]);
    const labels: Spec = { shape: [rows], dtype: 'i32' };
    all.add(crossEntropy, {}, [x, labels, f32Spec()], [f32Spec(rows)]);
    all.add(crossEntropyGrad, {}, [x, labels, f32Spec(rows), f32Spec()], [x]);
    all.add(softmax, {}, [x], [x]);
    all.add(logSoftmax, {}, [x], [x]);
    all.add(gather, {}, [x, u32Spec(9)], [f32Spec(9, columns)]);
    all.add(gatherGrad, {}, [f32Spec(9, columns), u32Spec(9)], [x]);
  }
  for (const n of [16, 60, 77, 4096, 1009]) {
    const [half, twiddles] = [Math.floor(n / 2) + 1, f32Spec(n, 2)];
    for (const inverse of [false, true]) all.add(fft, { inverse }, [f32Spec(2, n, 2), twiddles], [f32Spec(2, n, 2)]);
    all.add(rfft, {}, [f32Spec(2, n), twiddles], [f32Spec(2, half, 2)]);
    all.add(irfft, { n }, [f32Spec(2, half, 2), twiddles], [f32Spec(2, n)]);
  }
  addFrames(all);
}

function addFrames(all: Collector): void {
  const [x, runs] = [f32Spec(2, 200), u32Spec(27)];
  for (const [nFft, mode] of [
    [64, 'constant'],
    [45, 'reflect'],
    [34, 'edge'],
  ] as const) {
    const [frames, bins] = [Math.floor((200 + 20 - nFft) / 8) + 1, Math.floor(nFft / 2) + 1];
    const [inputs, attrs] = [[x, f32Spec(nFft), f32Spec(nFft, 2)], { hop: 8, pad: 10, mode }];
    all.add(stft, { ...attrs, power: false }, inputs, [f32Spec(2, frames, bins, 2)]);
    all.add(stft, { ...attrs, power: true }, inputs, [f32Spec(2, frames, bins)]);
    all.add(melSpectrum, { ...attrs, columns: 9 }, [...inputs, f32Spec(40), runs], [f32Spec(2, frames, 9)]);
  }
  for (const hasLengths of [false, true]) {
    const attrs = { frameLength: 16, hop: 8, pad: 8, threshold: 0, hasLengths };
    all.add(frameLevels, attrs, hasLengths ? [x, f32Spec(2)] : [x], [f32Spec(2, 26, 2)]);
  }
  const [bands, extremes] = [u32Spec(3, 3), f32Spec(5, 3, 2)];
  all.add(bandExtremes, {}, [f32Spec(5, 33), bands], [extremes]);
  all.add(bandExtremesGrad, {}, [f32Spec(5, 33), bands, extremes], [f32Spec(5, 33)]);
}

/** The functions that generated code calls, in one module. */
const library = defineLaunch({
  name: 'library',
  bindings: [{ name: 'out', type: 'f32', ref: { kind: 'output', index: 0 } }],
  params: [u32('count', 1)],
  workgroupSize: [64, 1, 1],
  declarations: `${mathFunctions}\n${randomFunctions.slice(randomFunctions.indexOf('fn philox4'))}`,
  body: '  if (gid.x < p.count) { out[gid.x] = sin_(out[gid.x]) + random_normal(vec2<u32>(1u, 2u), gid.x); }',
  grid: [1, 1, 1],
}).kernel;

/** Every text once, by name and then by length. */
export function kernelTexts(): readonly Text[] {
  const all = new Collector();
  addUpdates(all);
  addProducts(all);
  addPools(all);
  addSequences(all);
  addRows(all);
  all.texts.set(library.code, library.name);
  return [...all.texts].map(([code, name]) => ({ name, code }));
}
