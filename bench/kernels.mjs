/**
 * Times every variant of the heavy kernels at the shapes of the models, on the adapter in use: `npm run bench` (after `npm ci`).
 * Prints one line a variant; `--json` prints the rows of `formant bench kernels`' contract instead. Other words choose cases and variants
 * whose names contain them: `npm run bench -- matmul tile`.
 */
import { Bench } from 'tinybench';
import { openDevice } from '../dist/device/index.js';
import { identityEpilogue, numel } from '../dist/kernels/launch.js';
import { matmul } from '../dist/kernels/matmul.js';
import { conv1d } from '../dist/kernels/conv1d.js';
import { lstm } from '../dist/kernels/lstm.js';
import { lstmGrad } from '../dist/kernels/lstm-grad.js';
import { conv1dInputGrad, conv1dWeightGrad } from '../dist/kernels/conv1d-grad.js';

const f32 = (...shape) => ({ shape, dtype: 'f32' });
const same5 = { stride: 1, dilation: 1, padLeft: 2, padRight: 2 };

/** Kernel, attributes, inputs and outputs: a square product, and what a Table V step at batch 32 is made of. */
const CASES = [
  [
    'matmul 512³',
    matmul,
    { transposeA: false, transposeB: false },
    [f32(1, 512, 512), f32(1, 512, 512)],
    [f32(1, 512, 512)],
  ],
  [
    'LSTM projection',
    matmul,
    { transposeA: false, transposeB: false },
    [f32(1, 1376, 128), f32(1, 128, 2048)],
    [f32(1, 1376, 2048)],
  ],
  ['conv1d 64→128', conv1d, same5, [f32(32, 350, 64), f32(5, 64, 128)], [f32(32, 350, 128)]],
  [
    'its input gradient',
    conv1dInputGrad,
    { ...same5, inputLength: 350 },
    [f32(32, 350, 128), f32(5, 64, 128)],
    [f32(32, 350, 64)],
  ],
  [
    'its weight gradient',
    conv1dWeightGrad,
    { ...same5, kernelSize: 5 },
    [f32(32, 350, 64), f32(32, 350, 128)],
    [f32(5, 64, 128)],
  ],
  [
    'LSTM 43 × 256',
    lstm,
    { hasLengths: false, hasState: false },
    [f32(32, 43, 1, 256, 4), f32(1, 256, 256, 4)],
    [f32(32, 43, 256), f32(32, 43, 1, 256), f32(32, 43, 1, 256, 4)],
  ],
  [
    'its gradient',
    lstmGrad,
    { hasLengths: false, hasState: false },
    [f32(32, 43, 256), f32(1, 256, 256, 4), f32(32, 43, 1, 256), f32(32, 43, 1, 256, 4)],
    [f32(32, 43, 1, 256, 4)],
  ],
];
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const wanted = (label, kernel, variant) =>
  words.every((word) => `${label} ${kernel.name} ${variant}`.toLowerCase().includes(word.toLowerCase()));

const device = await openDevice();
const rows = [];
for (const [label, kernel, attrs, inputs, outputs] of CASES) {
  const problem = { inputs, outputs, attrs, device: device.info, epilogue: identityEpilogue };
  const cost = kernel.cost(problem);
  const chosen = kernel.choose(problem);
  const buffers = [...inputs, ...outputs].map((s) => device.createBuffer(numel(s.shape) * 4, label));
  inputs.forEach((s, i) =>
    device.write(
      buffers[i],
      0,
      Float32Array.from({ length: numel(s.shape) }, (_, k) => Math.sin(k)),
    ),
  );
  for (const variant of kernel.variants(problem).filter((name) => wanted(label, kernel, name))) {
    const plan = kernel.launch({ ...problem, variant });
    const temps = (plan.temps ?? []).map((bytes) => device.createBuffer(bytes, 'temp'));
    const slice = (ref) => {
      const buffer =
        ref.kind === 'input'
          ? buffers[ref.index]
          : ref.kind === 'output'
            ? buffers[inputs.length + ref.index]
            : temps[ref.index];
      return { buffer, offset: 0, bytes: buffer.bytes };
    };
    const word = new DataView(new ArrayBuffer(4));
    const bits = ({ type, value }) => (type === 'f32' ? (word.setFloat32(0, value), word.getUint32(0)) : value >>> 0);
    const program = device.createProgram(
      variant,
      plan.launches.map((l) => ({
        kernel: l.kernel,
        buffers: l.buffers.map(slice),
        params: Uint32Array.from(l.params, bits),
        grid: l.grid,
      })),
    );
    device.run(program);
    await device.sync();
    const bench = new Bench({ time: 300, iterations: 7, warmup: false });
    bench.add(variant, async () => {
      device.run(program);
      await device.sync();
    });
    await bench.run();
    const medianMs = bench.tasks[0].result.latency.p50;
    rows.push({
      kernel: kernel.name,
      variant,
      shape: label,
      chosen: variant === chosen,
      medianMs,
      gflops: cost.flops / medianMs / 1e6,
      gbps: cost.bytes / medianMs / 1e6,
    });
    program.destroy();
    for (const t of temps) t.destroy();
  }
  for (const b of buffers) b.destroy();
}
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(rows, null, 1));
} else {
  console.log(device.info.description);
  for (const r of rows) {
    console.log(
      `${r.shape.padEnd(20)} ${r.variant.padEnd(18)} ${r.medianMs.toFixed(1).padStart(9)} ms ${r.gflops.toFixed(2).padStart(8)} GFLOP/s${r.chosen ? '  ← chosen' : ''}`,
    );
  }
}
device.destroy();
