import { describe, expect, it } from 'vitest';
import { macroAuc, MetricError, summarizeTest, type TestedClip } from '../../../src/ser/metrics/index.js';

const CLASSES = ['angry', 'happy', 'sad'];
const clip = (speaker: string, gender?: string): TestedClip => ({ corpus: speaker.split('/')[0], speaker, gender });

/** Certain of `said`, but for a little. */
const sure = (said: number): number[] => CLASSES.map((_, c) => (c === said ? 0.8 : 0.1));

describe('the summary of a test', () => {
  const clips = [
    clip('A/1', 'male'),
    clip('A/1', 'male'),
    clip('A/2', 'female'),
    clip('A/2', 'female'),
    clip('B/9'),
    clip('B/9'),
  ];
  const truth = [0, 1, 0, 1, 0, 1];
  const said = [0, 1, 0, 0, 1, 1];
  const summary = summarizeTest(clips, truth, said.map(sure), CLASSES, { rounds: 200 });

  it('scores classes, corpora, genders and speakers', () => {
    expect(summary.perClass.map(({ emotion, support, recall }) => [emotion, support, recall])).toEqual([
      ['angry', 3, 2 / 3],
      ['happy', 3, 2 / 3],
      ['sad', 0, 0],
    ]);
    const shown = (groups: typeof summary.byCorpus) =>
      groups.map(({ name, clips: n, accuracy }) => [name, n, accuracy]);
    expect(shown(summary.byCorpus)).toEqual([
      ['A', 4, 3 / 4],
      ['B', 2, 1 / 2],
    ]);
    expect(shown(summary.byGender)).toEqual([
      ['female', 2, 1 / 2],
      ['male', 2, 1],
      ['unknown', 2, 1 / 2],
    ]);
    expect(shown(summary.bySpeaker)).toEqual([
      ['A/1', 2, 1],
      ['A/2', 2, 1 / 2],
      ['B/9', 2, 1 / 2],
    ]);
    expect(summary.macro.support).toBe(6);
    // Of two equal probabilities the first class comes first.
    expect(summary.top2).toBe(1);
  });

  it('has no area for a class without clips, and leaves it out of the mean', () => {
    expect(summary.perClass.map(({ auc }) => auc === null)).toEqual([false, false, true]);
    const [angry, happy] = summary.perClass.map(({ auc }) => auc ?? NaN);
    expect(summary.macro.auc).toBeCloseTo((angry + happy) / 2, 12);
    expect(macroAuc([null, null])).toBeNull();
  });

  it('draws intervals over clips where there are three speakers, over speakers where there are four', () => {
    expect(summary.intervals.over).toBe('clips');
    expect(summary.bySpeaker.every(({ intervals }) => intervals.over === 'clips')).toBe(true);
    const more = [...clips, clip('B/10'), clip('B/10')];
    const { intervals, byCorpus } = summarizeTest(more, [...truth, 0, 1], [...said, 0, 1].map(sure), CLASSES);
    expect(intervals.over).toBe('speakers');
    expect(byCorpus.map((corpus) => corpus.intervals.over)).toEqual(['clips', 'clips']);
    for (const { low, high } of [intervals.accuracy, intervals.uar, intervals.macroF1]) {
      expect(low).toBeLessThan(high);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
    }
  });

  it('is the same for the same seed, another for another', () => {
    const draw = (seed: number) => summarizeTest(clips, truth, said.map(sure), CLASSES, { seed });
    expect(draw(1)).toEqual(draw(1));
    expect(JSON.stringify(draw(1))).not.toBe(JSON.stringify(draw(2)));
  });

  it('serves one clip, and clips of one class', () => {
    const one = summarizeTest([clip('A/1')], [2], [sure(2)], CLASSES);
    expect(one.macro).toMatchObject({ f1: 1, auc: null });
    expect(one.top2).toBe(1);
    expect(one.intervals).toEqual({
      over: 'clips',
      accuracy: { low: 1, high: 1 },
      uar: { low: 1, high: 1 },
      macroF1: { low: 1, high: 1 },
    });
    expect(one.calibration.error).toBeCloseTo(0.2, 12);
    const same = summarizeTest(clips, [1, 1, 1, 1, 1, 1], said.map(sure), CLASSES);
    expect(same.perClass.map(({ auc }) => auc)).toEqual([null, null, null]);
    expect(JSON.stringify(same)).not.toContain('NaN');
  });

  it('of two classes has no top-2 accuracy, which would always be 1', () => {
    expect(summarizeTest([clip('A/1')], [0], [[0.6, 0.4]], ['angry', 'sad']).top2).toBeNull();
  });

  it('refuses nothing at all', () => {
    expect(() => summarizeTest([], [], [], CLASSES)).toThrow(MetricError);
  });
});
