/** ONNX Runtime for the web, WebAssembly. It runs models that are trained; each workload is a model of one node, written by onnx.mjs. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { convData, gates, lstmData, matmulData, transpose } from './data.mjs';
import { model } from './onnx.mjs';

export async function open() {
  const ort = createRequire(import.meta.url)('onnxruntime-web');
  ort.env.wasm.numThreads = availableParallelism();
  ort.env.logLevel = 'error';
  const tensor = (data, dims) => new ort.Tensor('float32', data, dims);
  const runner = async (node, feeds, output, layout = (data) => data) => {
    const session = await ort.InferenceSession.create(model(node, feeds, output), { executionProviders: ['wasm'] });
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, [data, dims]]) => [name, tensor(data, dims)]));
    return async () => layout((await session.run(inputs)).y.data);
  };
  return {
    about: `ONNX Runtime Web ${ort.env.versions.web}, ${ort.env.wasm.numThreads} threads`,
    missing: { step: 'runs models, does not train' },
    matmul() {
      const { n, a, b } = matmulData();
      return runner({ op: 'MatMul', inputs: ['a', 'b'] }, { a: [a, [n, n]], b: [b, [n, n]] }, [n, n]);
    },
    conv1d() {
      const { x, w, xShape, wShape } = convData();
      const [n, l, c] = xShape;
      const [k, , d] = wShape;
      const feeds = {
        x: [transpose(x, xShape, [0, 2, 1]), [n, c, l]],
        w: [transpose(w, wShape, [2, 1, 0]), [d, c, k]],
      };
      return runner({ op: 'Conv', inputs: ['x', 'w'], ints: { pads: [2, 2], kernel_shape: [5] } }, feeds, [n, d, l]);
    },
    lstm() {
      const { x, w, u, xShape, hidden } = lstmData();
      const [n, t, f] = xShape;
      // Gates in the order i, o, f, g, weights (directions, 4H, from), steps first.
      const rows = (data, from) => transpose(gates(data, 'iofg'), [from, 4 * hidden], [1, 0]);
      const feeds = {
        x: [transpose(x, xShape, [1, 0, 2]), [t, n, f]],
        w: [rows(w, f), [1, 4 * hidden, f]],
        r: [rows(u, hidden), [1, 4 * hidden, hidden]],
      };
      return runner({ op: 'LSTM', inputs: ['x', 'w', 'r'], int: { hidden_size: hidden } }, feeds, [t, 1, n, hidden]);
    },
  };
}
