/** Training clips that were recognised as they were trained on, for the training accuracy of an epoch. */
import { Tensor, assign, noGrad, variable } from '../../tensor/index.js';

/**
 * A count on the device. A step adds to it in its own program, as it moves running statistics, so that it costs no submit; it is read together
 * with losses.
 */
export class HitCount {
  private readonly hits = variable(new Float32Array(1), [], { label: 'hits' });

  /**
   * Adds the rows whose greatest logit is at their label; call it before `optimizer.step()`, which commits it.
   * @param logits (N, C), of the model in training: with its dropout, on altered clips, before the step's change of weights
   * @param labels class numbers (N) i32, or shares of the classes (N, C) f32, where the greatest share is the label
   */
  add(logits: Tensor, labels: Tensor): void {
    noGrad(() => {
      const truth = labels.rank === 2 ? labels.argmax(1) : labels;
      assign(this.hits, this.hits.add(logits.argmax(1).toFloat().eq(truth.toFloat()).sum()));
    });
  }

  /** For `readAll`, after a commit: one number, exact up to 2²⁴. */
  get value(): Tensor {
    return new Tensor(this.hits.leaf);
  }

  /** Starts from `count`. */
  set(count: number): void {
    this.hits.set(Float32Array.of(count));
  }

  [Symbol.dispose](): void {
    this.hits[Symbol.dispose]();
  }
}
