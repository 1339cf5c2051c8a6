/** Formant itself, as built in dist/. `backend`: wasm or webgpu. */
import * as formant from '../../dist/index.js';
import { TableV } from '../../dist/ser/models/table-v.js';
import { convData, lstmData, matmulData, stepData, transpose } from './data.mjs';

export async function open(backend) {
  const device = await formant.init({ device: backend });
  const { Adam, crossEntropyLoss, conv1d, lstm, manualSeed, matmul, noGrad, readAll, tensor, variable } = formant;
  manualSeed(0);
  return {
    about: `${device.info.description}`,
    matmul() {
      const { n, a, b } = matmulData();
      const [x, y] = [variable(a, [n, n]), variable(b, [n, n])];
      return () => noGrad(() => matmul(x, y)).data();
    },
    conv1d() {
      const { x, w, xShape, wShape } = convData();
      const [input, kernel] = [variable(x, xShape), variable(w, wShape)];
      return () => noGrad(() => conv1d(input, kernel, { padding: 'same' })).data();
    },
    lstm() {
      const { x, w, u, xShape, hidden } = lstmData();
      const input = variable(x, xShape);
      // Here the four gates of a unit lie side by side.
      const side = (data, rows) => transpose(data, [rows, 4, hidden], [0, 2, 1]);
      const weightIh = variable(side(w, xShape[2]), [xShape[2], hidden * 4]);
      const weightHh = variable(side(u, hidden), [1, hidden, hidden, 4]);
      const bias = variable(new Float32Array(hidden * 4), [hidden * 4]);
      return () => noGrad(() => lstm(input, weightIh, weightHh, bias).output).data();
    },
    step() {
      const model = new TableV();
      const optimizer = new Adam(model.namedParameters());
      const { x, labels } = stepData();
      return async () => {
        optimizer.zeroGrad();
        const loss = crossEntropyLoss(model.forward({ x: tensor(x, [32, 350, 1]) }), tensor(labels));
        loss.backward();
        optimizer.step();
        return (await readAll([loss]))[0];
      };
    },
  };
}
