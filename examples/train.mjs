// Trains a small network to tell two rings of points apart. Run: node examples/train.mjs (after npm ci)
import { Adam, CrossEntropyLoss, Linear, ReLU, Sequential, init, manualSeed, noGrad, shutdown, tensor } from 'formant';

await init(); // a graphics card, or else all cores of the CPU
manualSeed(1);
const labels = Int32Array.from({ length: 256 }, (_, i) => i % 2);
const points = Array.from(labels, (ring, i) => [(1 + ring) * Math.cos(i), (1 + ring) * Math.sin(i)]);
const [x, y] = [tensor(points), tensor(labels)];

const model = new Sequential(new Linear(2, 32), new ReLU(), new Linear(32, 2));
const optimizer = new Adam(model.parameters(), { lr: 0.02 });
const criterion = new CrossEntropyLoss();
for (let step = 1; step <= 150; step++) {
  optimizer.zeroGrad();
  const loss = criterion.forward(model.forward(x), y);
  loss.backward();
  optimizer.step(); // runs the whole step on the device, in one submit
  if (step % 50 === 0) console.log(`step ${step}  loss ${(await loss.item()).toFixed(4)}`);
}
const said = await noGrad(() => model.forward(x).argmax(1)).data();
console.log(`${said.filter((ring, i) => ring === labels[i]).length} of ${labels.length} points are told right`);
shutdown();
