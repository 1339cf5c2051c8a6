/** TensorFlow.js, backends wasm and webgpu. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { convData, lstmData, matmulData, stepData } from './data.mjs';
import { provideWebGpu } from './webgpu.mjs';

export async function open(backend) {
  if (backend === 'webgpu') await provideWebGpu();
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs');
  let threads = '';
  if (backend === 'wasm') {
    const wasm = require('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/wasm-out/`);
    wasm.setThreadsCount(availableParallelism());
    await tf.setBackend('wasm');
    await tf.ready();
    threads = `, ${wasm.getThreadsCount()} threads`;
  } else {
    require('@tensorflow/tfjs-backend-webgpu');
    await tf.setBackend('webgpu');
    await tf.ready();
  }
  if (tf.getBackend() !== backend) throw new Error(`TensorFlow.js took ${tf.getBackend()} instead of ${backend}`);
  /** Reads what `make` computes and frees everything. */
  const reading = (make) => async () => {
    const result = tf.tidy(make);
    const data = await result.data();
    result.dispose();
    return data;
  };
  return {
    about: `TensorFlow.js ${tf.version.tfjs}${threads}`,
    matmul() {
      const { n, a, b } = matmulData();
      const [x, y] = [tf.tensor(a, [n, n]), tf.tensor(b, [n, n])];
      return reading(() => tf.matMul(x, y));
    },
    conv1d() {
      const { x, w, xShape, wShape } = convData();
      const [input, kernel] = [tf.tensor(x, xShape), tf.tensor(w, wShape)];
      return reading(() => tf.conv1d(input, kernel, 1, 'same'));
    },
    lstm() {
      const { x, w, u, xShape, hidden } = lstmData();
      const layer = tf.layers.lstm({
        units: hidden,
        returnSequences: true,
        recurrentActivation: 'sigmoid',
        recurrentInitializer: 'zeros',
        inputShape: xShape.slice(1),
      });
      const model = tf.sequential({ layers: [layer] });
      const [f] = xShape.slice(2);
      layer.setWeights([tf.tensor(w, [f, 4 * hidden]), tf.tensor(u, [hidden, 4 * hidden]), tf.zeros([4 * hidden])]);
      const input = tf.tensor(x, xShape);
      return reading(() => model.predict(input, { batchSize: xShape[0] }));
    },
    step() {
      const { x, labels } = stepData();
      const model = tableV(tf);
      model.compile({ optimizer: tf.train.adam(1e-3), loss: 'sparseCategoricalCrossentropy' });
      return async () => {
        const [input, target] = [tf.tensor(x, [32, 350, 1]), tf.tensor(Float32Array.from(labels), [32, 1])];
        const loss = await model.trainOnBatch(input, target);
        input.dispose();
        target.dispose();
        return [loss];
      };
    },
  };
}

function tableV(tf) {
  const { layers } = tf;
  const conv = (filters, options = {}) =>
    layers.conv1d({ filters, kernelSize: 5, padding: 'same', activation: 'relu', ...options });
  return tf.sequential({
    layers: [
      conv(16, { inputShape: [350, 1] }),
      conv(32),
      conv(64),
      layers.batchNormalization(),
      conv(128),
      layers.maxPooling1d({ poolSize: 8 }),
      layers.bidirectional({
        layer: layers.lstm({ units: 256, recurrentActivation: 'sigmoid', recurrentInitializer: 'glorotUniform' }),
        mergeMode: 'concat',
      }),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.batchNormalization(),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dense({ units: 7, activation: 'softmax' }),
    ],
  });
}
