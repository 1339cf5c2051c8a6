import { describe, expect, test } from 'vitest';
import { runOutcome } from '../../../src/ser/cli/result.js';
import { confusionMatrix, scoresOf, summarizeTest } from '../../../src/ser/metrics/index.js';
import type { EvaluateOptions } from '../../../src/ser/run/types.js';
import { formant, sampleResult } from './harness.js';

/** Lines with their runs of blanks made one. */
const lines = (text: string): string[] => text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());

describe('what train and evaluate print', () => {
  const classes = ['angry', 'happy', 'sad'];
  const speakers = ['A/1', 'A/2', 'A/3', 'A/4'];
  const truth = [0, 0, 0, 1, 1, 1, 0, 1];
  const said = [0, 0, 1, 1, 1, 0, 0, 1];
  const clips = truth.map((_, i) => ({ corpus: 'A', speaker: speakers[i % 4], gender: i % 2 ? 'male' : 'female' }));
  const probabilities = said.map((c) => classes.map((_, i) => (i === c ? 0.8 : 0.1)));
  const confusion = confusionMatrix(truth, said, 3);
  const { accuracy, uar, macro } = scoresOf(confusion);
  const result = sampleResult({
    classes,
    test: {
      clips: 8,
      speakers,
      accuracy,
      uar,
      macroF1: macro.f1,
      confusion,
      ...summarizeTest(clips, truth, probabilities, classes),
    },
  });

  test('classes with precision, recall, F1 and AUC; a class without clips has dashes', () => {
    const shown = lines(runOutcome(result).text);
    expect(shown).toContain('class precision recall F1 AUC clips');
    expect(shown).toContain('angry 75.0 % 75.0 % 0.750 0.750 4');
    expect(shown).toContain('sad 0.0 % - 0.000 - 0');
  });

  test('scores with intervals, and parts of the test', () => {
    const shown = lines(runOutcome(result).text);
    expect(shown.find((line) => line.startsWith('accuracy'))).toMatch(/^accuracy 75\.0 % \[\d+\.\d–\d+\.\d\]$/);
    expect(shown).toContain('intervals 95 %, bootstrap over speakers');
    expect(shown).toContain('mean AUC 0.750');
    expect(shown).toContain('calibration error 0.050 (0: confidence comes true)');
    expect(shown).toContain('part accuracy 95 % UAR clips');
    expect(shown.find((line) => line.startsWith('female'))).toMatch(/^female \d+\.\d % \[.*\] \d+\.\d % 4$/);
    expect(shown.filter((line) => line.startsWith('A/'))).toHaveLength(4);
    // One corpus is the whole test again.
    expect(shown.some((line) => line.startsWith('A '))).toBe(false);
  });

  test('a result without the details prints what it has', () => {
    const shown = lines(runOutcome(sampleResult()).text);
    expect(shown).toContain('class recall clips');
    expect(shown).toContain('angry 66.7 % 3');
    expect(shown).toContain('accuracy 71.4 %');
  });
});

test('evaluate passes on where the report goes, and what stands beside', async () => {
  const calls: EvaluateOptions[] = [];
  const evaluateRun = (options: EvaluateOptions) => {
    calls.push(options);
    return Promise.resolve(sampleResult());
  };
  const args = 'evaluate --run r --report page.html --beside a b --beside c'.split(' ');
  expect((await formant(args, { runs: { evaluateRun } })).code).toBe(0);
  expect(calls).toEqual([{ run: 'r', report: 'page.html', beside: ['a', 'b', 'c'] }]);
});
