import { describe, expect, it } from 'vitest';
import { MetricError } from '../../../src/ser/metrics/index.js';
import { renderReport, ReportError, type ReportData } from '../../../src/ser/report/index.js';

const data: ReportData = {
  date: '1 May 2026',
  run: {
    name: 'demo',
    model: 'cnn-bilstm',
    features: 'frames',
    protocol: 'speaker',
    normalize: 'speaker',
    seed: 42,
    parameters: 93415,
    epochs: 3,
    bestEpoch: 2,
    seconds: 83.4,
    adapter: 'a software adapter',
    settings: { batch: 16 },
  },
  data: {
    train: { clips: 40, speakers: ['A/1', 'A/2'] },
    validation: { clips: 10, speakers: ['A/3'] },
    test: { clips: 10, speakers: ['A/4'] },
    seconds: 75,
    duplicates: 1,
    rejected: [{ file: 'x/bad.wav', reason: 'truncated' }],
  },
  classes: ['angry', 'sad', 'happy'],
  confusion: [
    [4, 0, 0],
    [1, 2, 0],
    [0, 0, 3],
  ],
  history: [
    { epoch: 1, trainLoss: 1.1, trainAccuracy: 0.4, validationLoss: 1.0, validationAccuracy: 0.5 },
    { epoch: 2, trainLoss: 0.6, trainAccuracy: 0.7, validationLoss: 0.7, validationAccuracy: 0.8 },
    { epoch: 3, trainLoss: 0.4, trainAccuracy: 0.9, validationLoss: 0.8, validationAccuracy: 0.7 },
  ],
  baselines: [{ name: 'nearest centroid on mean spectra', accuracy: 0.5 }],
  groups: [{ name: 'A/4', clips: 10, accuracy: 0.9 }],
  roc: [
    {
      name: 'angry',
      auc: 0.987,
      points: [
        { falsePositiveRate: 0, truePositiveRate: 0 },
        { falsePositiveRate: 0.1, truePositiveRate: 0.9 },
        { falsePositiveRate: 1, truePositiveRate: 1 },
      ],
    },
  ],
  top2: 0.95,
  notes: ['No test speaker was heard in training.'],
};

/** The text of a page, without tags and styles. */
function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

describe('the report', () => {
  it('shows the scores of the confusion matrix, every class, the notes, settings and rejected files', async () => {
    const text = textOf(await renderReport(data));
    // 9 of 10; recalls 1, 2/3, 1; F1 8/9, 4/5, 1.
    for (const expected of [
      '90.0% accuracy',
      '88.9% unweighted average recall',
      '0.896 macro F1',
      '95.0% right among the first two',
      'angry 0.800 1.000 0.889 4',
      'sad 1.000 0.667 0.800 3',
      'macro average 0.933 0.889 0.896 10',
      'weighted average 0.920 0.900 0.896 10',
      'No test speaker was heard in training.',
      'nearest centroid on mean spectra',
      '50.0%',
      'always the largest class',
      '40.0%',
      'parameters 93,415',
      '3 (best: 2)',
      'training time 1 min 23 s',
      'a software adapter',
      'batch 16',
      '40 clips of 2 speakers: A/1, A/2',
      'x/bad.wav truncated',
      'angry 0.987',
      'Wilson, over clips',
    ]) {
      expect(text).toContain(expected);
    }
  });

  it('draws five pictures, and fewer where there is nothing to draw', async () => {
    const pictures = (html: string): string[] => [...html.matchAll(/aria-label="([^"]*)"/g)].map(([, label]) => label);
    const full = pictures(await renderReport(data));
    expect(full).toEqual(
      expect.arrayContaining([
        'accuracy beside baselines',
        'confusion matrix',
        'loss over epochs',
        'accuracy over epochs',
        'ROC curves',
      ]),
    );
    const { roc: _roc, groups: _groups, baselines: _baselines, top2: _top2, ...less } = data;
    const html = await renderReport({ ...less, history: [], notes: [] });
    const few = pictures(html);
    expect(few).toContain('confusion matrix');
    expect(few.some((label) => /epochs|ROC/.test(label))).toBe(false);
    expect(textOf(html)).not.toContain('By speaker');
  });

  it('puts the counts into the confusion picture in the order of the classes', async () => {
    const html = await renderReport(data);
    const picture = html.slice(html.indexOf('aria-label="confusion matrix"'));
    const svg = picture.slice(0, picture.indexOf('</svg>'));
    const numbers = [...svg.matchAll(/>(\d+)<\/text>/g)].map(([, digits]) => Number(digits));
    expect(numbers).toEqual([4, 0, 0, 1, 2, 0, 0, 0, 3]);
    const order = data.classes.map((name) => svg.indexOf(`>${name}</text>`));
    expect(order[0]).toBeGreaterThan(0);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
  });

  it('loads nothing and runs nothing', async () => {
    const html = await renderReport(data);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\((?!#)|\son\w+=/i);
    const addresses = [...html.matchAll(/https?:\/\/[^"'\s<]+/g)].map(([address]) => address);
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink']));
  });

  it('gives every picture ids of its own', async () => {
    const ids = [...(await renderReport(data)).matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(0);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('escapes every text that comes from outside', async () => {
    const evil = `<script>alert("x")</script>'&\\`;
    const html = await renderReport({
      ...data,
      title: evil,
      date: evil,
      run: {
        ...data.run,
        name: evil,
        model: evil,
        features: evil,
        protocol: evil,
        normalize: evil,
        adapter: evil,
        settings: { [evil]: evil },
      },
      data: {
        train: { clips: 1, speakers: [evil] },
        validation: { clips: 1, speakers: [evil] },
        test: { clips: 1, speakers: [evil] },
        rejected: [{ file: evil, reason: evil }],
      },
      classes: [evil, `${evil}2`, 'happy'],
      baselines: [{ name: evil, accuracy: 0.5 }],
      groups: [{ name: evil, clips: 1, accuracy: 1 }],
      roc: data.roc?.map((curve) => ({ ...curve, name: evil })),
      intervalMethod: evil,
      notes: [evil],
    });
    expect(html).not.toContain('<script');
    expect(html.split('&lt;script&gt;').length).toBeGreaterThan(15);
  });

  it('serves one class row with no clips, one epoch, and infinite losses', async () => {
    const html = await renderReport({
      ...data,
      confusion: [
        [3, 0, 0],
        [0, 0, 0],
        [0, 0, 2],
      ],
      history: [{ epoch: 1, trainLoss: Infinity, validationLoss: NaN }],
    });
    expect(textOf(html)).toContain('100.0% accuracy');
    expect(textOf(html)).toContain('sad 0.000 0.000 0.000 0');
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('refuses figures that contradict each other', async () => {
    await expect(renderReport({ ...data, classes: ['angry', 'sad'] })).rejects.toThrow(ReportError);
    await expect(renderReport({ ...data, interval: { low: 0.1, high: 0.2 } })).rejects.toThrow(
      /does not hold the accuracy/,
    );
    await expect(
      renderReport({
        ...data,
        confusion: [
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ],
      }),
    ).rejects.toThrow(MetricError);
  });
});
