import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  areaUnderCurve,
  argmax,
  aucPerClass,
  bootstrapInterval,
  bootstrapIntervals,
  confusionMatrix,
  expectedCalibrationError,
  fitCentroids,
  macroAuc,
  MetricError,
  nearestCentroid,
  nearestCentroidAccuracy,
  reliability,
  rocCurve,
  scoresOf,
  topKAccuracy,
  wilsonInterval,
} from '../../../src/ser/metrics/index.js';

interface Case {
  name: string;
  truth: number[];
  probabilities: number[][];
  predicted: number[];
  confusion: number[][];
  accuracy: number;
  uar: number;
  perClass: number[][];
  macro: number[];
  weighted: number[];
  auc: (number | null)[];
  macroAuc: number | null;
  rocClass: number;
  rocFalsePositive: number[] | null;
  rocTruePositive: number[] | null;
  top2: number | null;
  calibrationError: number;
  /** Of the bins that hold clips: its number, clips, mean confidence, share that is right. */
  reliability: [number, number, number, number][];
  wilson: [number, number];
}

interface Fixture {
  cases: Case[];
  centroids: {
    train: number[][];
    labels: number[];
    test: number[][];
    testLabels: number[];
    predicted: number[];
    accuracy: number;
  };
  intervals: {
    truth: number[];
    predicted: number[];
    speakers: number[];
    clips: Record<'accuracy' | 'uar', [number, number]>;
    groups: Record<'accuracy' | 'uar', [number, number]>;
  };
}

const fixture = JSON.parse(readFileSync(new URL('../../fixtures/metrics.json', import.meta.url), 'utf8')) as Fixture;

/** Both sides are float64 sums in different orders. */
const CLOSE = 1e-12;

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(CLOSE));
}

describe.each(fixture.cases)('metrics of $name agree with scikit-learn', (reference) => {
  const classes = reference.confusion.length;
  const { truth, probabilities, predicted } = reference;
  const confusion = confusionMatrix(truth, predicted, classes);
  const scores = scoresOf(confusion);

  it('takes the first of the most probable classes', () => {
    expect(probabilities.map(argmax)).toEqual(predicted);
  });

  it('counts the confusion matrix', () => {
    expect(confusion).toEqual(reference.confusion);
  });

  it('gives accuracy and unweighted average recall', () => {
    expectClose([scores.accuracy, scores.uar], [reference.accuracy, reference.uar]);
  });

  it('gives precision, recall, F1 and support of every class', () => {
    scores.perClass.forEach(({ precision, recall, f1, support }, c) => {
      expectClose([precision, recall, f1, support], reference.perClass[c]);
    });
  });

  it('gives macro and weighted averages', () => {
    const { macro, weighted } = scores;
    expectClose([macro.precision, macro.recall, macro.f1], reference.macro);
    expectClose([weighted.precision, weighted.recall, weighted.f1], reference.weighted);
  });

  it('gives the area under every ROC curve, and none where a class is absent', () => {
    const auc = aucPerClass(truth, probabilities, classes);
    expect(auc.map((value) => value === null)).toEqual(reference.auc.map((value) => value === null));
    expectClose(
      auc.filter((value) => value !== null),
      reference.auc.filter((value) => value !== null),
    );
  });

  it.skipIf(reference.macroAuc === null)('gives the mean area', () => {
    expectClose([macroAuc(aucPerClass(truth, probabilities, classes)) ?? NaN], [reference.macroAuc ?? NaN]);
  });

  it('gives the points of a ROC curve, and refuses one where all clips are on one side', () => {
    const draw = () =>
      rocCurve(
        truth.map((label) => label === reference.rocClass),
        probabilities.map((row) => row[reference.rocClass]),
      );
    if (reference.rocFalsePositive === null || reference.rocTruePositive === null) {
      expect(draw).toThrow(MetricError);
      return;
    }
    expectClose(
      draw().map((point) => point.falsePositiveRate),
      reference.rocFalsePositive,
    );
    expectClose(
      draw().map((point) => point.truePositiveRate),
      reference.rocTruePositive,
    );
  });

  it('gives the bins of a reliability diagram', () => {
    const bins = reliability(truth, probabilities);
    expect(bins.map(({ low }) => low)).toEqual(Array.from({ length: 15 }, (_, b) => b / 15));
    const filled = bins.flatMap(({ clips, confidence, accuracy }, b) =>
      confidence === null || accuracy === null ? [] : [[b, clips, confidence, accuracy]],
    );
    expect(filled.length).toBe(reference.reliability.length);
    filled.forEach((row, i) => expectClose(row, reference.reliability[i]));
    expect(bins.filter(({ clips }) => clips === 0).every(({ confidence }) => confidence === null)).toBe(true);
  });

  it('gives calibration error and the Wilson interval', () => {
    expectClose([expectedCalibrationError(truth, probabilities)], [reference.calibrationError]);
    const { low, high } = wilsonInterval(Math.round(scores.accuracy * truth.length), truth.length);
    expectClose([low, high], reference.wilson);
  });

  it.skipIf(reference.top2 === null)('gives top-2 accuracy', () => {
    expectClose([topKAccuracy(truth, probabilities, 2)], [reference.top2 ?? NaN]);
  });
});

describe('nearest centroid', () => {
  const { train, labels, test, testLabels, predicted, accuracy } = fixture.centroids;

  it('predicts as scikit-learn does', () => {
    const centroids = fitCentroids(train, labels, 7);
    expect(test.map((vector) => nearestCentroid(centroids, vector))).toEqual(predicted);
    expect(nearestCentroidAccuracy({ vectors: train, labels }, { vectors: test, labels: testLabels }, 7)).toBeCloseTo(
      accuracy,
      12,
    );
  });

  it('never answers a class without an example', () => {
    const centroids = fitCentroids([[0], [10]], [0, 2], 3);
    expect([[-5], [4.9], [5.1], [20]].map((vector) => nearestCentroid(centroids, vector))).toEqual([0, 0, 2, 2]);
  });

  it('refuses NaN vectors and ragged ones', () => {
    const centroids = fitCentroids([[0], [1]], [0, 1], 2);
    expect(() => nearestCentroid(centroids, [NaN])).toThrow(MetricError);
    expect(() => fitCentroids([[1, 2], [1]], [0, 1], 2)).toThrow(MetricError);
    expect(() => fitCentroids([], [], 2)).toThrow(MetricError);
  });
});

describe('intervals', () => {
  const truth = Array.from({ length: 200 }, (_, i) => i % 4);
  const predicted = truth.map((label, i) => (i % 10 === 0 ? (label + 1) % 4 : label));
  const accuracy = (scores: { accuracy: number }): number => scores.accuracy;

  it('the bootstrap over clips is about as wide as the binomial interval', () => {
    const drawn = bootstrapInterval(truth, predicted, 4, accuracy, { rounds: 2000 });
    const exact = wilsonInterval(180, 200);
    expect(Math.abs(drawn.low - exact.low)).toBeLessThan(0.015);
    expect(Math.abs(drawn.high - exact.high)).toBeLessThan(0.015);
  });

  it('the bootstrap over clips and over speakers is near that of SciPy', () => {
    const { clips, groups, speakers, ...own } = fixture.intervals;
    const scores = { accuracy, uar: (s: { uar: number }) => s.uar };
    const draw = (over?: readonly string[]) =>
      bootstrapIntervals(own.truth, own.predicted, 4, scores, { rounds: 4000, groups: over });
    for (const [drawn, reference] of [
      [draw(), clips],
      [draw(speakers.map(String)), groups],
    ] as const) {
      for (const name of ['accuracy', 'uar'] as const) {
        // Two Monte Carlo estimates of a 2.5 % quantile: each off by some 0.002.
        expect(Math.abs(drawn[name].low - reference[name][0])).toBeLessThan(0.01);
        expect(Math.abs(drawn[name].high - reference[name][1])).toBeLessThan(0.01);
      }
    }
  });

  it('the same seed draws the same interval, another seed another', () => {
    const draw = (seed: number) => bootstrapInterval(truth, predicted, 4, (s) => s.macro.f1, { rounds: 200, seed });
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });

  it('drawing whole speakers is wider where the errors sit with one speaker', () => {
    const groups = truth.map((_, i) => `speaker ${Math.floor(i / 20)}`);
    const clustered = truth.map((label, i) => (i < 20 ? (label + 1) % 4 : label));
    const options = { rounds: 1000 };
    const byClip = bootstrapInterval(truth, clustered, 4, accuracy, options);
    const bySpeaker = bootstrapInterval(truth, clustered, 4, accuracy, { ...options, groups });
    expect(bySpeaker.high - bySpeaker.low).toBeGreaterThan(1.5 * (byClip.high - byClip.low));
  });

  it('the Wilson interval stays in 0–1 at the ends', () => {
    expect(wilsonInterval(0, 10).low).toBe(0);
    expect(wilsonInterval(10, 10).high).toBe(1);
    expect(wilsonInterval(10, 10).low).toBeLessThan(0.8);
  });
});

describe('metrics refuse nonsense', () => {
  it.each([
    ['unequal lengths', () => confusionMatrix([0, 1], [0], 2)],
    ['an index that is no class', () => confusionMatrix([0, 2], [0, 1], 2)],
    ['a fractional index', () => confusionMatrix([0.5], [0], 2)],
    [
      'an empty matrix',
      () =>
        scoresOf([
          [0, 0],
          [0, 0],
        ]),
    ],
    ['a matrix that is not square', () => scoresOf([[1, 0]])],
    ['a ROC curve of one side', () => rocCurve([true, true], [0.1, 0.2])],
    ['a NaN score', () => rocCurve([true, false], [NaN, 0.2])],
    ['a NaN probability', () => topKAccuracy([0], [[NaN, 1]], 1)],
    ['rows of the wrong width', () => aucPerClass([0, 1], [[1, 0], [1]], 2)],
    ['no clips', () => expectedCalibrationError([], [])],
    ['no bins', () => reliability([0], [[1, 0]], 0)],
    ['no clips to draw', () => bootstrapInterval([], [], 2, (s) => s.accuracy)],
    ['more hits than clips', () => wilsonInterval(3, 2)],
  ])('%s', (_, attempt) => {
    expect(attempt).toThrow(MetricError);
  });

  it('a perfect ranking has an area of 1, a reversed one of 0', () => {
    expect(areaUnderCurve(rocCurve([true, true, false], [3, 2, 1]))).toBe(1);
    expect(areaUnderCurve(rocCurve([true, true, false], [1, 2, 3]))).toBe(0);
  });
});
