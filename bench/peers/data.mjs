/**
 * The workloads, the same for every library: shapes, and numbers by formula, so that all must come to the same result. Inputs are
 * channels-last; `transpose` gives the layouts that others want.
 */
export const WORKLOADS = {
  matmul: 'matrix product 512 × 512 × 512',
  conv1d: 'conv1d, batch 32, length 350, 64 → 128 channels, kernel 5',
  lstm: 'LSTM forward, batch 32, 43 steps, 128 → 256, one direction',
  step: 'training step of Table V (CNN-BiLSTM, 350 × 1 → 7 classes), batch 32, Adam',
};

/** Between −scale and scale, without a pattern that a kernel could meet by luck. */
export const wave = (count, scale, phase = 0) =>
  Float32Array.from({ length: count }, (_, k) => scale * Math.sin(k * 1.7 + (k % 97) * k * 0.013 + phase));

export function transpose(data, shape, order) {
  const to = order.map((axis) => shape[axis]);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = new Float32Array(data.length);
  const index = to.map(() => 0);
  for (let k = 0; k < result.length; k++) {
    let at = 0;
    for (let i = 0; i < order.length; i++) at += index[i] * strides[order[i]];
    result[k] = data[at];
    for (let i = to.length - 1; i >= 0 && ++index[i] === to[i]; i--) index[i] = 0;
  }
  return result;
}

/** Of the LSTM's 4 gates (i, f, g, o; the slowest axis of its columns), another order: `gates(w, 'iofg')`. */
export function gates(data, order, hidden = 256) {
  const from = [...order].map((gate) => 'ifgo'.indexOf(gate));
  return Float32Array.from(data, (_, k) => {
    const column = k % (4 * hidden);
    return data[k - column + from[Math.floor(column / hidden)] * hidden + (column % hidden)];
  });
}

export const matmulData = () => ({ n: 512, a: wave(512 * 512, 1), b: wave(512 * 512, 1, 1) });

/** x (N, L, C), w (K, C, D). */
export const convData = () => ({
  x: wave(32 * 350 * 64, 1),
  w: wave(5 * 64 * 128, 0.1, 1),
  xShape: [32, 350, 64],
  wShape: [5, 64, 128],
});

/** x (N, T, F), w (F, 4H), u (H, 4H), no bias. */
export const lstmData = () => ({
  x: wave(32 * 43 * 128, 1),
  w: wave(128 * 1024, 0.1, 1),
  u: wave(256 * 1024, 0.05, 2),
  xShape: [32, 43, 128],
  hidden: 256,
});

/** A batch: x (32, 350, 1), labels 0 … 6. */
export const stepData = () => ({
  x: wave(32 * 350, 1),
  labels: Int32Array.from({ length: 32 }, (_, i) => (i * 5) % 7),
});

/** What every library's result is held against. */
export const meanSize = (values) => values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length;
