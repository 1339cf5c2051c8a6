import { describe, expect, test } from 'vitest';
import { classWeights } from '../../../src/ser/run/class-balance.js';

/** 30 clips of class 0, 10 of class 1, 4 of class 3; none of class 2. */
const labels = [...new Array<number>(30).fill(0), ...new Array<number>(10).fill(1), ...new Array<number>(4).fill(3)];

describe('class weights', () => {
  test('are clips / (classes · clips of the class), as scikit-learn’s; their mean over the clips is 1', () => {
    const weights = classWeights(labels, 4);
    expect(weights).toEqual([44 / 90, 44 / 30, 0, 44 / 12]);
    expect(labels.reduce((sum, label) => sum + weights[label], 0) / labels.length).toBeCloseTo(1, 12);
  });
});
