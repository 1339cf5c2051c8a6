import { unzlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { MetricError } from '../../../src/ser/metrics/index.js';
import { renderReport, ReportError, spectrogramPicture, type ReportData } from '../../../src/ser/report/index.js';
import { sampleReport } from './sample.js';

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
    counts: [
      { side: 'training', corpus: 'A', counts: [20, 10, 10] },
      { side: 'test', corpus: 'A', counts: [3, 3, 1] },
      { side: 'test', corpus: 'B', counts: [1, 0, 2] },
    ],
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
    { epoch: 1, trainLoss: 1.1, trainAccuracy: 0.4, validationLoss: 1.0, validationAccuracy: 0.5, learningRate: 1e-3 },
    { epoch: 2, trainLoss: 0.6, trainAccuracy: 0.7, validationLoss: 0.7, validationAccuracy: 0.8, learningRate: 1e-3 },
    { epoch: 3, trainLoss: 0.4, trainAccuracy: 0.9, validationLoss: 0.8, validationAccuracy: 0.7, learningRate: 5e-4 },
  ],
  baselines: [{ name: 'nearest centroid on mean spectra', accuracy: 0.5, uar: 0.45, macroF1: 0.44, weightedF1: 0.43 }],
  others: [{ name: 'another run', protocol: 'random', accuracy: 0.6 }],
  groups: [
    {
      by: 'speaker',
      groups: [
        {
          name: 'A/4',
          clips: 10,
          accuracy: 0.9,
          uar: 0.889,
          macroF1: 0.896,
          intervals: {
            over: 'clips',
            accuracy: { low: 0.7, high: 1 },
            uar: { low: 0.6, high: 1 },
            macroF1: { low: 0.6, high: 1 },
          },
        },
      ],
    },
  ],
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
  calibration: {
    error: 0.07,
    bins: [
      { low: 0, high: 0.5, clips: 0, confidence: null, accuracy: null },
      { low: 0.5, high: 1, clips: 10, confidence: 0.83, accuracy: 0.9 },
    ],
  },
  mistakes: [
    {
      file: 'A/4/clip.wav',
      truth: 'sad',
      said: 'angry',
      confidence: 0.815,
      truthProbability: 0.1,
      altered: 'white noise',
      picture: spectrogramPicture([0, -10, -20, -30], 2),
      seconds: 1.25,
    },
    { file: 'A/4/gone.wav', truth: 'sad', said: 'happy', confidence: 0.5, truthProbability: 0.25 },
  ],
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
      '0.987 mean area under ROC',
      '95.0% right among the first two',
      '0.070 calibration error',
      'angry 0.800 1.000 0.889 0.987 4',
      'sad 1.000 0.667 0.800 – 3',
      'macro average 0.933 0.889 0.896 0.987 10',
      'weighted average 0.920 0.900 0.896 – 10',
      'No test speaker was heard in training.',
      'cnn-bilstm (this run) speaker 0.900 0.889 0.896 0.896',
      'another run random 0.600 – – –',
      'nearest centroid on mean spectra the same clips 0.500 0.450 0.440 0.430',
      'always the largest class the same clips 0.400 0.333 0.190 0.229',
      'a guess among 3 the same clips 0.333 0.333 – –',
      'the paper’s CNN-BiLSTM paper, most likely 0.980 – 0.980 0.980',
      'A/4 90.0% 70–100% 88.9% 0.896 10',
      'sad , taken for angry with 81.5% (sad: 10.0%)',
      'A/4/clip.wav, 1.3 s, altered by white noise',
      'the file is no longer there',
      'training A 20 10 10 40',
      'test all 4 3 3 10',
      'parameters 93,415 (the paper’s: 917,703)',
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

  it('says what the protocol asks, and that only protocol paper compares with the paper', async () => {
    const of = async (protocol: string) => textOf(await renderReport({ ...data, run: { ...data.run, protocol } }));
    expect(await of('speaker')).toMatch(/no voice of the test was heard.*tested in another way than this run/);
    expect(await of('paper')).toMatch(/altered first.*nothing about new ones.*tested in the same way/);
    expect(await of('random')).toMatch(/familiar voices.*tested in another way/);
    expect(await of('given')).toMatch(/the sides are those that the corpus’ manifest names.*tested in another way/);
    expect(await of('of my own')).toContain('Protocol of my own.');
  });

  it('draws all pictures, and fewer where there is nothing to draw', async () => {
    const pictures = (html: string): string[] => [...html.matchAll(/aria-label="([^"]*)"/g)].map(([, label]) => label);
    const full = pictures(await renderReport(sampleReport(60, 5)));
    const drawn = full.filter((label) =>
      /^(accuracy beside others|confusion matrix|.* over epochs|ROC curves|reliability diagram)$/.test(label),
    );
    expect(drawn).toEqual([
      'accuracy beside others',
      'confusion matrix',
      'loss over epochs',
      'accuracy over epochs',
      'unweighted average recall over epochs',
      'learning rate over epochs',
      'ROC curves',
      'reliability diagram',
    ]);
    const html = await renderReport({
      run: data.run,
      data: { test: data.data.test, rejected: [] },
      classes: data.classes,
      confusion: data.confusion,
      history: [],
      notes: [],
    });
    const few = pictures(html);
    expect(few).toContain('confusion matrix');
    expect(few.some((label) => /epochs|ROC|reliability/.test(label))).toBe(false);
    const text = textOf(html);
    for (const heading of [
      'Parts of the test',
      'Mistakes',
      'by corpus, class and side',
      'Files left out',
      'While training',
    ]) {
      expect(text).not.toContain(heading);
    }
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

  it('loads nothing and runs nothing, and forbids both', async () => {
    const html = await renderReport(data);
    expect(html).not.toMatch(/<script|<link|<iframe|@import|url\((?!#)|\son\w+=/i);
    expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    for (const [, source] of html.matchAll(/(?:src|href)="([^"]*)"/g)) expect(source).toMatch(/^(data:image\/png|#)/);
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
        counts: [{ side: evil, corpus: evil, counts: [1, 2, 3] }],
        rejected: [{ file: evil, reason: evil }],
      },
      classes: [evil, `${evil}2`, 'happy'],
      baselines: [{ name: evil, accuracy: 0.5 }],
      others: [{ name: evil, protocol: evil, accuracy: 0.5 }],
      groups: data.groups?.map(({ groups }) => ({ by: evil, groups: groups.map((part) => ({ ...part, name: evil })) })),
      roc: data.roc?.map((curve) => ({ ...curve, name: evil })),
      mistakes: data.mistakes?.map((clip) => ({ ...clip, file: evil, truth: evil, said: evil, altered: evil })),
      notes: [evil],
    });
    expect(html).not.toContain('<script');
    expect(html.split('&lt;script&gt;').length).toBeGreaterThan(30);
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
    expect(textOf(html)).toContain('sad 0.000 0.000 0.000 – 0');
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('takes the intervals that are given, and refuses figures that contradict each other', async () => {
    const interval = { low: 0.75, high: 0.95 };
    const intervals = { over: 'speakers', accuracy: interval, uar: interval, macroF1: interval } as const;
    expect(textOf(await renderReport({ ...data, intervals }))).toMatch(
      /accuracy \(75\.0–95\.0%\).*75\.0% to 95\.0% \(bootstrap over speakers\)/,
    );
    await expect(renderReport({ ...data, classes: ['angry', 'sad'] })).rejects.toThrow(ReportError);
    await expect(
      renderReport({ ...data, intervals: { ...intervals, accuracy: { low: 0.1, high: 0.2 } } }),
    ).rejects.toThrow(/does not hold the accuracy/);
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

describe('the picture of a spectrogram', () => {
  it('is a PNG of one pixel a frame and band, low bands at the bottom, the loudest brightest', () => {
    const uri = spectrogramPicture([-70, -35, 0, -80, -70, -70], 3, 70);
    expect(uri).toMatch(/^data:image\/png;base64,/);
    const png = Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64');
    expect(png.toString('latin1', 1, 4)).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 3]);
    const at = png.indexOf('IDAT');
    const pixels = unzlibSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    // A filter byte, then two frames: the highest band first.
    expect([...pixels]).toEqual([0, 255, 0, 0, 128, 0, 0, 0, 0]);
  });

  it('has the checksums that readers ask for', () => {
    const uri = spectrogramPicture([0], 1);
    const png = Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64');
    // The last chunk of every PNG, with its well-known checksum.
    expect(png.subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
  });
});
