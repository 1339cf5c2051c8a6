/**
 * One epoch of real features as the trainer would feed them to Table V, for its PyTorch twin (tools/reference/tablev_epoch.py):
 *
 *     npm run build && node tools/export-epoch.mjs --data <RAVDESS> --out <folder outside the repository>/epoch.safetensors
 *
 * Actors 19–22 are left out for testing and two more for validation; the rest's 350 statistics a clip, normalised over the training clips, come
 * in the trainer's own seeded order. Written: `x` (steps, 32, 350, 1) F32, `labels` (steps, 32) I32, the trainer's starting weights under PyTorch's
 * names, and as metadata the options that test/ser/models/epoch.test.ts makes the same from. The features of real speech are not to be published:
 * keep the file outside.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ndarray, writeSafetensors } from '../dist/io/index.js';
import { torchStateDict } from '../dist/nn/index.js';
import { epochOrder } from '../dist/ser/run/epoch-order.js';
import { createModel } from '../dist/ser/models/index.js';
import { resolveConfig } from '../dist/ser/run/config.js';
import { loadDataset } from '../dist/ser/run/dataset.js';
import { trainingBatch } from '../dist/ser/run/training-batch.js';
import { init, manualSeed, readAll, shutdown } from '../dist/tensor/index.js';

/** Table VI without what is drawn by chance (dropout, noise) and what it does not name (clipping of gradients). */
const OPTIONS = {
  recipe: 'paper',
  model: 'cnn-bilstm',
  features: 'paper',
  protocol: 'speaker',
  testSpeakers: ['RAVDESS/19', 'RAVDESS/20', 'RAVDESS/21', 'RAVDESS/22'],
  seed: 0,
  dropout: 0,
  clipGrad: 0,
  augment: '',
};

const { values: given } = parseArgs({ options: { data: { type: 'string' }, out: { type: 'string' } } });
if (!given.data || !given.out) {
  process.stderr.write('Give --data <folder of RAVDESS> and --out <file.safetensors outside the repository>.\n');
  process.exit(2);
}
// WebAssembly gives the same bits on every machine.
const { info } = await init({ device: 'wasm' });
const work = mkdtempSync(join(tmpdir(), 'formant-epoch-'));
const config = resolveConfig({ ...OPTIONS, data: [given.data], out: work }, info.description);
const data = await loadDataset(work, config, {});
const order = epochOrder(data.train.labels, { seed: config.seed, epoch: 0, balanced: config.balanced });
const rows = config.batchSize;
const steps = Math.floor(order.length / rows);
const { width } = data.train.items[0];
const { model: name, features, size, dropout } = config;
manualSeed(config.seed);
const model = createModel({ model: name, features, width, classes: data.classes.length, size, dropout });
const weights = await torchStateDict(model);
const x = new Float32Array(steps * rows * width);
const labels = new Int32Array(steps * rows);
for (let step = 0; step < steps; step++) {
  const batch = trainingBatch(data, order.slice(step * rows, (step + 1) * rows), config, {
    frames: 1,
    epoch: 0,
    step,
    repeats: false,
  });
  const [inputs, classes] = await readAll([batch.input.x, batch.labels]);
  x.set(inputs, step * rows * width);
  labels.set(classes, step * rows);
}
writeSafetensors(
  given.out,
  [
    ['x', ndarray([steps, rows, width, 1], x)],
    ['labels', ndarray([steps, rows], labels)],
    ...Object.entries(weights).map(([entry, { shape, data: values }]) => [entry, ndarray([...shape], values)]),
  ],
  { options: JSON.stringify(OPTIONS), classes: JSON.stringify(data.classes) },
);
shutdown();
process.stdout.write(`${given.out}: ${steps} batches of ${rows} clips, ${data.classes.length} classes\n`);
