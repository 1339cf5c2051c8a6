/** What a trained run is good for: evaluation, prediction, export; and features of their own. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readNpy, readSafetensors } from '../../../src/io/index.js';
import { extractFeatures, FEATURE_SETTINGS } from '../../../src/ser/features/index.js';
import { createModel } from '../../../src/ser/models/index.js';
import { loadTorchStateDict, torchStateDict, type StateDict } from '../../../src/nn/index.js';
import {
  evaluateRun,
  exportRun,
  predictFiles,
  trainRun,
  writeFeatures,
  type Prediction,
  type Progress,
  type RunResult,
} from '../../../src/ser/run/index.js';
import { loadModel } from '../../../src/ser/run/checkpoint.js';
import { writeSynthCorpus } from '../../../src/ser/synth/index.js';
import {
  EMOTIONS,
  closesDevice,
  contents,
  copyRun,
  log,
  temporaryFolder,
  timeless,
  tinyCorpus,
  tinyRun,
} from './support.js';

closesDevice();
const folder = temporaryFolder();
const run = join(folder, 'run');
const bySpeaker = join(folder, 'by-speaker');
const within = join(folder, 'within');
const strangers = join(folder, 'strangers');
const testSpeakers = ['SYNTH/S02'];

let data: string;
let result: RunResult;
beforeAll(async () => {
  data = await tinyCorpus(join(folder, 'corpus'));
  result = await trainRun(tinyRun(data, run, { model: 'cnn-bilstm', epochs: 2, testSpeakers }));
  await trainRun(tinyRun(data, bySpeaker, { epochs: 1, normalize: 'speaker', testSpeakers }));
  const inside = { model: 'cnn-bilstm-frames', features: 'frames', normalize: 'speaker', testSpeakers } as const;
  await trainRun(tinyRun(data, within, { epochs: 1, ...inside }));
  // Longer clips than any the run has seen, of a class more, by voices of another seed.
  await writeSynthCorpus(strangers, {
    speakers: 2,
    emotions: ['angry', 'happy', 'sad'],
    clipsPerEmotion: 1,
    seconds: [0.9, 1],
    seed: 99,
  });
});

const predict = async (of: string, files: readonly string[]): Promise<Prediction[]> => {
  const all: Prediction[] = [];
  for await (const prediction of predictFiles(of, files)) all.push(prediction);
  return all;
};

const clipsOf = (corpus: string, speaker: string): string[] =>
  readdirSync(join(corpus, speaker))
    .sort()
    .map((name) => join(corpus, speaker, name));
const emotionOf = (file: string): string => /_([a-z]+)_\d+\.wav$/.exec(file)?.[1] ?? '';

function answered(prediction: Prediction): Extract<Prediction, { emotion: unknown }> {
  if ('error' in prediction) throw new Error(`${prediction.file}: ${prediction.error}`);
  return prediction;
}

describe('evaluate', () => {
  test('on the held-out clips gives what training gave, writes result and report anew, and changes nothing else', async () => {
    const own = copyRun(run, join(folder, 'evaluated'));
    const before = contents(own);
    writeFileSync(join(own, 'report.html'), '');
    writeFileSync(join(own, 'result.json'), '');
    const again = await evaluateRun({ run: own });
    expect(timeless({ ...again, run: '' })).toEqual(timeless({ ...result, run: '' }));
    expect(again.test).toMatchObject({ clips: 9, speakers: testSpeakers });
    const after = contents(own);
    for (const name of ['config.json', 'log.jsonl', 'checkpoint.safetensors', 'model.safetensors']) {
      expect(after[name], name).toBe(before[name]);
    }
    expect(JSON.parse(readFileSync(join(own, 'result.json'), 'utf8'))).toEqual(again);
    expect(readFileSync(join(own, 'report.html'), 'utf8')).toContain('</html>');
  });

  test('on other corpora scores the classes that the run has, and lists the rest', async () => {
    const before = contents(run);
    const other = await evaluateRun({ run, data: [strangers] });
    expect(other.test).toMatchObject({ clips: 4, speakers: ['SYNTH/S01', 'SYNTH/S02'] });
    expect(other.test.confusion.flat().reduce((a, b) => a + b)).toBe(4);
    expect(other.test.confusion[EMOTIONS.indexOf('neutral')]).toEqual([0, 0, 0]);
    expect(other.rejected).toHaveLength(2);
    for (const { file, reason } of other.rejected) {
      expect(file).toContain('_happy_');
      expect(reason).toBe('its class "happy" is not one of this run\'s');
    }
    expect(other.classes).toEqual(EMOTIONS);
    expect(contents(run)).toEqual(before);
  });

  test('on a corpus without any of its classes says so', async () => {
    const happy = join(folder, 'happy');
    await writeSynthCorpus(happy, { speakers: 1, emotions: ['happy'], clipsPerEmotion: 1, seconds: [0.4, 0.5] });
    await expect(evaluateRun({ run, data: [happy] })).rejects.toThrow(
      /None of the 1 clips has a class of this run \(angry, neutral, sad\)/,
    );
  });

  test('strict makes an unreadable file an error, on other corpora and on the run’s own', async () => {
    const spoiled = copyRun(strangers, join(folder, 'spoiled'));
    writeFileSync(join(spoiled, 'S01', 'S01_sad_09.wav'), 'text');
    await expect(evaluateRun({ run, data: [spoiled], strict: true })).rejects.toThrow(/1 WAV file cannot be used/);
    expect((await evaluateRun({ run, data: [spoiled] })).rejected).toHaveLength(3);

    const own = copyRun(data, join(folder, 'own-spoiled'));
    writeFileSync(join(own, 'S01', 'S01_sad_09.wav'), 'text');
    const trained = join(folder, 'of-spoiled');
    expect((await trainRun(tinyRun(own, trained, { epochs: 1 }))).rejected).toHaveLength(1);
    await expect(evaluateRun({ run: trained, strict: true })).rejects.toThrow(/1 WAV file cannot be used/);
  });
});

describe('predict', () => {
  test('agrees with evaluate on the held-out clips, in the order of the files', async () => {
    const files = clipsOf(data, 'S02').reverse();
    const predictions = (await predict(run, files)).map(answered);
    expect(predictions.map(({ file }) => file)).toEqual(files);
    const confusion = EMOTIONS.map(() => EMOTIONS.map(() => 0));
    for (const { file, emotion } of predictions) {
      confusion[EMOTIONS.findIndex((e) => e === emotionOf(file))][EMOTIONS.findIndex((e) => e === emotion)]++;
    }
    expect(confusion).toEqual(result.test.confusion);
  });

  test('gives probabilities of every class that sum to 1, the greatest for the emotion named', async () => {
    for (const { emotion, probabilities } of (await predict(run, clipsOf(data, 'S03'))).map(answered)) {
      expect(Object.keys(probabilities)).toEqual([...EMOTIONS]);
      const values = Object.values(probabilities);
      expect(values.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(probabilities[emotion]).toBe(Math.max(...values));
    }
  });

  test('tells what is wrong with a file, and goes on with the rest', async () => {
    const text = join(folder, 'text.wav');
    const empty = join(folder, 'empty.wav');
    writeFileSync(text, 'not found\n');
    writeFileSync(empty, '');
    const [good] = clipsOf(data, 'S02');
    const files = [text, good, join(folder, 'missing.wav'), empty, folder, good];
    const predictions = await predict(run, files);
    expect(predictions.map(({ file }) => file)).toEqual(files);
    const errors = predictions.map((p) => ('error' in p ? p.error : ''));
    [/text file/, /^$/, /no such file/, /empty/, /it is a folder/, /^$/].forEach((reason, i) =>
      expect(errors[i]).toMatch(reason),
    );
    expect(predictions[5]).toEqual(predictions[1]);
  });

  test('with no files gives nothing', async () => {
    expect(await predict(run, [])).toEqual([]);
  });

  test('of a clip longer than all that were trained does not depend on who else is asked', async () => {
    const [long] = clipsOf(strangers, 'S01');
    const alone = answered((await predict(run, [long]))[0]);
    const beside = answered((await predict(run, [...clipsOf(data, 'S02'), long])).at(-1) as Prediction);
    expect(beside).toEqual(alone);
  });

  test('normalises a known speaker by the run’s statistics, also alone; unknown ones together, as one voice', async () => {
    const { normalizer } = loadModel(join(bySpeaker, 'model.safetensors'));
    expect(normalizer.kind).toBe('speaker');
    expect([...normalizer.speakers.keys()].sort()).toEqual(
      ['S01', 'S02', 'S03', 'S04', 'S05'].map((s) => `SYNTH/${s}`),
    );

    const known = clipsOf(data, 'S02');
    const together = await predict(bySpeaker, known);
    expect((await predict(bySpeaker, [known[4]]))[0]).toEqual(together[4]);

    // The same clips under names that tell no speaker.
    const unknown = known.slice(0, 2).map((file, i) => {
      const copy = join(folder, `somebody-${i}.wav`);
      writeFileSync(copy, readFileSync(file));
      return copy;
    });
    const [first, second] = (await predict(bySpeaker, unknown)).map(answered);
    const [alone] = (await predict(bySpeaker, unknown.slice(0, 1))).map(answered);
    expect(alone.probabilities).not.toEqual(first.probabilities);
    const reversed = (await predict(bySpeaker, [...unknown].reverse())).map(answered);
    for (const [a, b] of [
      [reversed[0], second],
      [reversed[1], first],
    ]) {
      for (const name of EMOTIONS) expect(a.probabilities[name]).toBeCloseTo(b.probabilities[name], 4);
    }
  });

  test('of a model that normalises within the speaker hears all clips of a speaker before it answers', async () => {
    const own = clipsOf(data, 'S02');
    const { test: tested } = JSON.parse(readFileSync(join(within, 'result.json'), 'utf8')) as RunResult;
    const predictions = (await predict(within, own)).map(answered);
    const right = predictions.filter(({ file, emotion }) => file.includes(`_${emotion}_`)).length;
    expect(right / own.length).toBeCloseTo(tested.accuracy, 12);
    const beside = (await predict(within, [...clipsOf(data, 'S01'), ...own])).map(answered).slice(-own.length);
    beside.forEach(({ probabilities }, i) => {
      for (const name of EMOTIONS) expect(probabilities[name]).toBeCloseTo(predictions[i].probabilities[name], 4);
    });
    const [alone] = (await predict(within, own.slice(0, 1))).map(answered);
    expect(alone.probabilities).not.toEqual(predictions[0].probabilities);
  });
});

describe('export', () => {
  test('writes PyTorch’s names and layouts, which load into a fresh model to the same predictions', async () => {
    const out = join(folder, 'exported.safetensors');
    const { file, tensors, bytes } = await exportRun({ run, format: 'safetensors', out });
    const written = readSafetensors(file);
    expect({ tensors, bytes }).toEqual({ tensors: written.tensors.size, bytes: readFileSync(out).length });
    const names = [...written.tensors.keys()];
    expect(names).toEqual(
      expect.arrayContaining([
        'sequence.convs.0.weight',
        'sequence.convs.0.bias',
        'sequence.norms.0.running_mean',
        'sequence.norms.0.running_var',
        'sequence.lstm.weight_ih_l0',
        'sequence.lstm.weight_hh_l0_reverse',
        'sequence.lstm.bias_hh_l0',
        'fc2.weight',
      ]),
    );
    // (out, in, kernel) and (4·hidden, in), as torch.nn has them.
    expect(written.tensors.get('sequence.convs.0.weight')?.shape).toEqual([32, 143, 5]);
    expect(written.tensors.get('sequence.lstm.weight_ih_l0')?.shape).toEqual([4 * 48, 64]);
    expect(written.tensors.get('fc2.weight')?.shape).toEqual([EMOTIONS.length, 64]);
    expect(written.metadata.classes).toBe(EMOTIONS.join(','));

    const trained = loadModel(join(run, 'model.safetensors'));
    using model = createModel(trained.settings);
    const state = Object.fromEntries(
      [...written.tensors].map(([name, { shape, data: values }]) => [name, { shape, data: values as Float32Array }]),
    ) satisfies StateDict;
    loadTorchStateDict(model, state);
    expect(bytesOf(await torchStateDict(model))).toEqual(bytesOf(state));
    expect(bytesOf(await model.stateDict())).toEqual(bytesOf(trained.weights));
  });
});

const bytesOf = (state: StateDict): Record<string, string> =>
  Object.fromEntries(
    Object.entries(state).map(([name, { data: d }]) => [
      name,
      Buffer.from(Float32Array.from(d).buffer).toString('base64'),
    ]),
  );

describe('features', () => {
  test.each([
    ['frames', [143]],
    ['paper', [350]],
    ['mel-image', [128]],
  ] as const)('%s of a corpus as .npy files, with an index', async (features, [width]) => {
    const out = join(folder, `features-${features}`);
    const spoiled = copyRun(strangers, join(folder, `spoiled-${features}`));
    writeFileSync(join(spoiled, 'S01', 'S01_sad_09.wav'), 'text');
    const stages: Progress['stage'][] = [];
    const totals = await writeFeatures(
      { data: [spoiled], out, features },
      { onProgress: ({ stage }) => void stages.push(stage) },
    );
    expect(totals).toMatchObject({ clips: 6, rejected: [{ reason: expect.stringMatching(/text file/) as string }] });
    expect(totals.clipsPerSecond).toBeGreaterThan(0);
    expect(new Set(stages)).toEqual(new Set(['scan', 'features']));

    const index = JSON.parse(readFileSync(join(out, 'index.json'), 'utf8')) as {
      features: string;
      settings: unknown;
      clips: { features: string; file: string; emotion: string; speaker: string; frames: number }[];
    };
    expect(index.features).toBe(features);
    expect(index.settings).toEqual(FEATURE_SETTINGS[features]);
    expect(index.clips).toHaveLength(6);
    const own = await extractFeatures(
      index.clips.map(({ file }) => ({ path: file, variant: 0 })),
      features,
      { seed: 0 },
    );
    for (const [i, clip] of index.clips.entries()) {
      expect(clip.emotion).toBe(emotionOf(clip.file));
      const { shape, data: values } = readNpy(join(out, clip.features));
      expect(shape).toEqual([clip.frames, width]);
      expect(Array.from(values as Float32Array)).toEqual(Array.from(own[i].data));
    }
    expect(readdirSync(out)).toHaveLength(7);
  });

  test('strict refuses a corpus with an unreadable file', async () => {
    const work = writeFeatures({ data: [join(folder, 'spoiled-frames')], out: join(folder, 'f'), strict: true });
    await expect(work).rejects.toThrow(/1 WAV file cannot be used/);
  });
});

describe('training', () => {
  test.each([
    ['paper', {}, /This protocol leaks/],
    ['random', {}, /their speakers are not/],
    ['loso', { fold: { index: 2, count: 5 } }, /SYNTH\/S\d\d/],
  ] as const)('by protocol %s on the paper’s features tells of it in the report', async (protocol, over, note) => {
    const own = join(folder, `by-${protocol}`);
    const trained = await trainRun(tinyRun(data, own, { protocol, features: 'paper', epochs: 1, ...over }));
    expect(trained).toMatchObject({ protocol, features: 'paper', finished: true, bestEpoch: 1 });
    expect(readFileSync(join(own, 'report.html'), 'utf8')).toMatch(note);
    const [prediction] = await predict(own, clipsOf(data, 'S01'));
    expect(Object.keys(answered(prediction).probabilities)).toEqual([...EMOTIONS]);
  });

  test('stops early where the validation does not get better for a while, and keeps the best weights', async () => {
    const own = join(folder, 'early');
    const stopped = await trainRun(tinyRun(data, own, { epochs: 60, patience: 2 }));
    expect(stopped.finished).toBe(true);
    expect(stopped.epochs).toBeLessThan(60);
    expect(stopped.epochs).toBe(stopped.bestEpoch + 2);
    expect(loadModel(join(own, 'model.safetensors')).bestEpoch).toBe(stopped.bestEpoch);
    const lines = log(own) as { epoch: number; validationUar: number; validationLoss: number }[];
    const best = lines.reduce((a, b) =>
      b.validationUar > a.validationUar || (b.validationUar === a.validationUar && b.validationLoss < a.validationLoss)
        ? b
        : a,
    );
    expect(best.epoch).toBe(stopped.bestEpoch);
  });
});
