/** One float64 step of Adam or AdamW on plain arrays, in place. */
export interface AdamSettings {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly decoupled: boolean;
}

export interface AdamState {
  readonly params: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

/** `step` counts from 1. */
export function adamOracle(state: AdamState, grads: ArrayLike<number>, step: number, settings: AdamSettings): void {
  const { params, m, v } = state;
  const { lr, beta1, beta2, eps, weightDecay, decoupled } = settings;
  for (let i = 0; i < params.length; i++) {
    let g = grads[i];
    if (decoupled) params[i] *= 1 - lr * weightDecay;
    else g += weightDecay * params[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    const mHat = m[i] / (1 - beta1 ** step);
    const vHat = v[i] / (1 - beta2 ** step);
    params[i] -= (lr * mHat) / (Math.sqrt(vHat) + eps);
  }
}
