/** One float64 step of RMSprop on plain arrays, in place. */
export interface RmspropSettings {
  readonly lr: number;
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentum: number;
}

export interface RmspropState {
  readonly params: Float64Array;
  readonly square: Float64Array;
  readonly velocity: Float64Array;
}

export function rmspropOracle(state: RmspropState, grads: ArrayLike<number>, settings: RmspropSettings): void {
  const { params, square, velocity } = state;
  const { lr, alpha, eps, weightDecay, momentum } = settings;
  for (let i = 0; i < params.length; i++) {
    const g = grads[i] + weightDecay * params[i];
    square[i] = alpha * square[i] + (1 - alpha) * g * g;
    velocity[i] = momentum * velocity[i] + g / (Math.sqrt(square[i]) + eps);
    params[i] -= lr * velocity[i];
  }
}
