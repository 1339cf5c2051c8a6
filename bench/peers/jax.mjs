/**
 * jax-js, backends wasm and webgpu. An array given to a function belongs to that function; `.ref` keeps it for another use. It has no LSTM,
 * no batch norm and no loop that `jit` understands, so they are written out here.
 */
import { convData, lstmData, matmulData, stepData, transpose, wave } from './data.mjs';
import { provideWebGpu } from './webgpu.mjs';

export async function open(backend) {
  if (backend === 'webgpu') provideWebGpu();
  const jax = await import('@jax-js/jax');
  const { jit, lax, nn, numpy: np, valueAndGrad } = jax;
  const devices = await jax.init(backend);
  if (!devices.includes(backend)) throw new Error(`jax-js has no ${backend} here`);
  jax.defaultDevice(backend);
  const array = (data, shape) => np.array(data).reshape(shape);

  /** Hidden states (each N, H) of an LSTM over x (N, T, F), gates i, f, g, o. Consumes its arguments. */
  const lstm = (x, { w, u, b }, hidden, reverse = false) => {
    const [n, t] = x.shape;
    const projected = np.matmul(x, w).add(b);
    let h = np.zeros([n, hidden]);
    let c = np.zeros([n, hidden]);
    const states = [];
    for (let k = 0; k < t; k++) {
      const all = projected.ref.slice([], reverse ? t - 1 - k : k, []).add(np.matmul(h, u.ref));
      const gate = (i) => (i < 3 ? all.ref : all).slice([], [i * hidden, (i + 1) * hidden]);
      const [i, f, g, o] = [nn.sigmoid(gate(0)), nn.sigmoid(gate(1)), np.tanh(gate(2)), nn.sigmoid(gate(3))];
      c = f.mul(c).add(i.mul(g));
      h = o.mul(np.tanh(c.ref));
      states.push(h.ref);
    }
    for (const used of [projected, u, h, c]) used.dispose();
    return states;
  };

  const model = (p, x) => {
    const conv = (h, { w, b }) => nn.relu(lax.convGeneralDilated(h, w, [1], [[2, 2]]).add(b.reshape([1, -1, 1])));
    /** Over all axes but `axis`. */
    const norm = (h, { scale, shift }, axis) => {
      const shape = h.shape.map((n, i) => (i === axis ? n : 1));
      const axes = h.shape.flatMap((_, i) => (i === axis ? [] : [i]));
      const centred = h.ref.sub(np.mean(h, axes, { keepdims: true }));
      const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
      return centred
        .div(np.sqrt(variance.add(1e-5)))
        .mul(scale.reshape(shape))
        .add(shift.reshape(shape));
    };
    const linear = (h, { w, b }) => np.matmul(h, w).add(b);
    let h = conv(conv(conv(x, p.conv1), p.conv2), p.conv3);
    h = conv(norm(h, p.bn1, 1), p.conv4);
    const [n, c] = h.shape;
    h = np.max(h.slice([], [], [0, 344]).reshape([n, c, 43, 8]), 3).transpose([0, 2, 1]);
    const ends = [lstm(h.ref, p.forward, 256), lstm(h, p.backward, 256, true)].map((states) => {
      const last = states.pop();
      for (const state of states) state.dispose();
      return last;
    });
    h = norm(nn.relu(linear(np.concatenate(ends, 1), p.fc1)), p.bn2, 1);
    return linear(nn.relu(linear(h, p.fc2)), p.fc3);
  };

  return {
    about: 'jax-js 0.1.25',
    notes: { step: 'LSTM and batch norm written out, as it has none' },
    matmul() {
      const { n, a, b } = matmulData();
      const [x, y] = [array(a, [n, n]), array(b, [n, n])];
      return () => np.matmul(x.ref, y.ref).data();
    },
    conv1d() {
      const { x, w, xShape, wShape } = convData();
      const [n, l, c] = xShape;
      const [k, , d] = wShape;
      const input = array(transpose(x, xShape, [0, 2, 1]), [n, c, l]);
      const kernel = array(transpose(w, wShape, [2, 1, 0]), [d, c, k]);
      return () => lax.convGeneralDilated(input.ref, kernel.ref, [1], [[2, 2]]).data();
    },
    lstm() {
      const { x, w, u, xShape, hidden } = lstmData();
      const input = array(x, xShape);
      const weights = [array(w, [xShape[2], 4 * hidden]), array(u, [hidden, 4 * hidden])];
      const run = jit((v, a, b) => np.stack(lstm(v, { w: a, u: b, b: np.zeros([4 * hidden]) }, hidden), 1));
      return () => run(input.ref, weights[0].ref, weights[1].ref).data();
    },
    step() {
      const { x, labels } = stepData();
      let phase = 0;
      const random = (shape, fan) =>
        array(
          wave(
            shape.reduce((a, b) => a * b, 1),
            1 / Math.sqrt(fan),
            phase++,
          ),
          shape,
        );
      const conv = (i, o) => ({ w: random([o, i, 5], 5 * i), b: np.zeros([o]) });
      const linear = (i, o) => ({ w: random([i, o], i), b: np.zeros([o]) });
      const bn = (n) => ({ scale: np.ones([n]), shift: np.zeros([n]) });
      const cell = () => ({ w: random([128, 1024], 256), u: random([256, 1024], 256), b: np.zeros([1024]) });
      const { tree } = jax;
      let params = {
        ...{ conv1: conv(1, 16), conv2: conv(16, 32), conv3: conv(32, 64), bn1: bn(64), conv4: conv(64, 128) },
        ...{ forward: cell(), backward: cell() },
        ...{ fc1: linear(512, 128), bn2: bn(128), fc2: linear(128, 64), fc3: linear(64, 7) },
      };
      const zeros = () => tree.map((a) => np.zeros(a.shape), params);
      let [m, v] = [zeros(), zeros()];
      const loss = (p, input, hot) => np.mean(nn.logSoftmax(model(p, input), 1).mul(hot).sum(1)).neg();
      const step = jit((p, m1, m2, rate, input, hot) => {
        const [value, grads] = valueAndGrad(loss)(tree.ref(p), input, hot);
        const first = tree.map((a, g) => a.mul(0.9).add(g.mul(0.1)), m1, tree.ref(grads));
        const second = tree.map((a, g) => a.mul(0.999).add(np.square(g).mul(0.001)), m2, grads);
        const move = (a, b, c) => a.sub(b.div(np.sqrt(c).add(1e-8)).mul(rate.ref));
        const next = tree.map(move, p, tree.ref(first), tree.ref(second));
        rate.dispose();
        return [value, next, first, second];
      });
      let t = 0;
      return async () => {
        t++;
        // Both corrections of Adam's moments in the step's size.
        const rate = np.array((1e-3 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t));
        const hot = nn.oneHot(np.array(labels, { dtype: np.int32 }), 7);
        let value;
        [value, params, m, v] = step(params, m, v, rate, array(x, [32, 1, 350]), hot);
        await jax.blockUntilReady(params);
        return value.data();
      };
    },
  };
}
