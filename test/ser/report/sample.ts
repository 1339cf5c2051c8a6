/** A report's data as a run on real speech gives them: seven classes, unequal, with four speakers of two corpora. */
import { Random } from '../../../src/ser/random.js';
import { argmax, confusionMatrix, rocCurve, summarizeTest } from '../../../src/ser/metrics/index.js';
import { spectrogramPicture, type ReportData } from '../../../src/ser/report/index.js';

export const CLASSES = ['angry', 'disgust', 'fear', 'happy', 'neutral', 'sad', 'surprise'];
const SPEAKERS = [
  { corpus: 'RAVDESS', speaker: 'RAVDESS/19', gender: 'male' },
  { corpus: 'RAVDESS', speaker: 'RAVDESS/20', gender: 'female' },
  { corpus: 'RAVDESS', speaker: 'RAVDESS/21', gender: 'male' },
  { corpus: 'RAVDESS', speaker: 'RAVDESS/22', gender: 'female' },
  { corpus: 'CREMA-D', speaker: 'CREMA-D/1001', gender: 'male' },
];

/** @param clips of the test. @param epochs of the history */
export function sampleReport(clips = 240, epochs = 40): ReportData {
  const random = new Random(3, 'sample');
  const tested = Array.from({ length: clips }, () => SPEAKERS[random.integer(SPEAKERS.length)]);
  const labels = tested.map(() => (random.uniform() < 0.05 ? 6 : random.integer(6)));
  const probabilities = labels.map((label) => {
    const weights = CLASSES.map((_, c) => Math.exp(1.3 * random.normal() + (c === label ? 2.6 : 0)));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((w) => w / sum);
  });
  const predicted = probabilities.map(argmax);
  const summary = summarizeTest(tested, labels, probabilities, CLASSES, { rounds: 300 });
  const fall = (epoch: number, floor: number, pace: number): number =>
    floor + (1.9 - floor) * Math.exp(-epoch / pace) + 0.02 * random.normal();
  const picture = (): string => {
    const frames = 150;
    const bands = 128;
    return spectrogramPicture(
      Array.from({ length: frames * bands }, (_, i) => {
        const [t, band] = [Math.floor(i / bands), i % bands];
        return -band / 3 + 18 * Math.cos(band / 3 + t / 40) * Math.exp(-(((t - 75) / 45) ** 2)) - Math.abs(t - 75) / 3;
      }),
      bands,
    );
  };
  return {
    date: '1 May 2026',
    run: {
      name: 'sample',
      model: 'cnn-bilstm',
      features: 'frames',
      protocol: 'speaker',
      normalize: 'each speaker’s own statistics',
      seed: 1,
      parameters: 369_415,
      epochs,
      bestEpoch: Math.max(1, epochs - 8),
      seconds: 283.4,
      adapter: 'WebAssembly, 2 threads (wasm SIMD)',
      settings: { 'batch size': 32, 'learning rate': 0.002, schedule: 'one-cycle', augment: 'mask 20x20, gain 0.3' },
    },
    data: {
      train: {
        clips: 832,
        speakers: Array.from({ length: 16 }, (_, i) => `RAVDESS/${String(i + 1).padStart(2, '0')}`),
      },
      validation: { clips: 104, speakers: ['RAVDESS/17', 'RAVDESS/18'] },
      test: { clips, speakers: SPEAKERS.map(({ speaker }) => speaker) },
      counts: ['training', 'validation', 'test'].flatMap((side, i) =>
        ['CREMA-D', 'RAVDESS'].map((corpus) => ({
          side,
          corpus,
          counts: CLASSES.map((_, c) => (c === 6 ? 8 : 128 >> i)),
        })),
      ),
      seconds: 4321,
      duplicates: 1,
      rejected: [{ file: '/corpora/RAVDESS/Actor_01/03-01-05-01-01-01-01.wav', reason: 'the file is cut short' }],
    },
    classes: CLASSES,
    confusion: confusionMatrix(labels, predicted, CLASSES.length),
    intervals: summary.intervals,
    history: Array.from({ length: epochs }, (_, i) => ({
      epoch: i + 1,
      trainLoss: fall(i, 0.4, 9),
      trainAccuracy: 1 - fall(i, 0.1, 12) / 2,
      validationLoss: fall(i, 0.9, 7),
      validationAccuracy: 1 - fall(i, 0.6, 10) / 2,
      validationUar: 1 - fall(i, 0.65, 10) / 2,
      learningRate: 0.002 * Math.sin((Math.PI * (i + 1)) / (epochs + 1)),
    })),
    baselines: [
      { name: 'nearest centroid on the mean spectrum', accuracy: 0.37, uar: 0.36, macroF1: 0.35, weightedF1: 0.36 },
    ],
    others: [
      {
        name: 'cnn2d on mel-image (image)',
        protocol: 'speaker',
        accuracy: 0.51,
        uar: 0.5,
        macroF1: 0.49,
        weightedF1: 0.5,
      },
      {
        name: 'cnn-bilstm on paper (leaky)',
        protocol: 'paper',
        accuracy: 0.96,
        uar: 0.95,
        macroF1: 0.95,
        weightedF1: 0.96,
      },
    ],
    groups: [
      { by: 'corpus', groups: summary.byCorpus },
      { by: 'gender', groups: summary.byGender },
      { by: 'speaker', groups: summary.bySpeaker },
    ],
    roc: summary.perClass.flatMap(({ emotion, auc }, c) =>
      auc === null
        ? []
        : [
            {
              name: emotion,
              auc,
              points: rocCurve(
                labels.map((l) => l === c),
                probabilities.map((p) => p[c]),
              ),
            },
          ],
    ),
    top2: summary.top2 ?? undefined,
    calibration: summary.calibration,
    mistakes: Array.from({ length: 6 }, (_, i) => ({
      file: `RAVDESS/20/03-01-06-02-01-0${i}-20.wav`,
      truth: 'fear',
      said: 'surprise',
      confidence: 0.97 - i / 50,
      truthProbability: 0.01,
      ...(i === 4 ? { altered: 'white noise' } : {}),
      ...(i === 5 ? {} : { picture: picture(), seconds: 3.4 }),
    })),
    notes: [
      'No test speaker was heard in training or validation. Test speakers: RAVDESS/19, RAVDESS/20, RAVDESS/21, RAVDESS/22, CREMA-D/1001.',
      'Features are normalised by each speaker’s own clips, the test speakers’ included (without their labels): a new voice needs some clips first.',
    ],
  };
}
