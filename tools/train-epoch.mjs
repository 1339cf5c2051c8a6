/**
 * Formant's side of tools/reference/tablev_epoch.py on the very file that PyTorch trained on, several times with the clips of each batch in other
 * orders: how far float32 is from PyTorch's float64 when nothing but the order of sums changes.
 *
 *     npm run build && node tools/train-epoch.mjs <file of export-epoch.mjs> [--orders 6]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readSafetensors } from '../dist/io/index.js';
import { Adam, crossEntropyLoss, loadTorchStateDict } from '../dist/nn/index.js';
import { TableV } from '../dist/ser/models/index.js';
import { Random } from '../dist/ser/random.js';
import { init, readAll, shutdown, tensor } from '../dist/tensor/index.js';

const { values, positionals } = parseArgs({
  options: { orders: { type: 'string', default: '6' } },
  allowPositionals: true,
});
if (positionals.length !== 1) {
  process.stderr.write('Give the file that tools/export-epoch.mjs wrote.\n');
  process.exit(2);
}
const fixture = JSON.parse(readFileSync(new URL('../test/fixtures/tablev/epoch.json', import.meta.url), 'utf8'));
const arrays = readSafetensors(positionals[0]).tensors;
const [x, labels] = ['x', 'labels'].map((name) => arrays.get(name));
const weights = Object.fromEntries([...arrays].filter(([name]) => name.includes('.')));
const [steps, rows, width] = x.shape;
const { info } = await init();

/** Mean loss of the epoch. @param order 0 leaves the batches as they are */
async function epoch(order) {
  const model = new TableV();
  const optimizer = new Adam(model.namedParameters(), { lr: fixture.lr });
  loadTorchStateDict(model, weights);
  const losses = [];
  for (let step = 0; step < steps; step++) {
    const all = Array.from({ length: rows }, (_, row) => step * rows + row);
    const chosen = order > 0 ? new Random(order, 'rows', step).shuffle(all) : all;
    const data = new Float32Array(rows * width);
    chosen.forEach((row, at) => data.set(x.data.subarray(row * width, (row + 1) * width), at * width));
    optimizer.zeroGrad();
    const logits = model.forward({ x: tensor(data, [rows, width, 1]) });
    const loss = crossEntropyLoss(logits, tensor(Int32Array.from(chosen, (row) => labels.data[row])));
    loss.backward();
    optimizer.step();
    losses.push(loss);
  }
  const read = await readAll(losses);
  model[Symbol.dispose]();
  optimizer[Symbol.dispose]();
  return read.reduce((sum, [loss]) => sum + loss, 0) / steps;
}

const rms = (list) => Math.sqrt(list.reduce((sum, v) => sum + v * v, 0) / list.length);
const gaps = [];
for (let order = 0; order < Number(values.orders); order++) {
  gaps.push((await epoch(order)) - fixture.float64.mean);
  process.stdout.write(`order ${order}: ${gaps.at(-1).toExponential(2)} from PyTorch's float64\n`);
}
shutdown();
process.stdout.write(
  `${info.description}: r.m.s. ${rms(gaps).toExponential(2)} over ${gaps.length} orders; PyTorch's float32 ${fixture.gap.meanRms.toExponential(2)} over ${fixture.gap.means.length}\n`,
);
