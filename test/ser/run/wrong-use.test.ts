/** Wrong use: one clear sentence, a named error, and no half-made run that stands in the way of the next try. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FormantError } from '../../../src/device/errors.js';
import {
  evaluateRun,
  exportRun,
  predictFiles,
  trainRun,
  writeFeatures,
  type TrainOptions,
} from '../../../src/ser/run/index.js';
import { writeSynthCorpus } from '../../../src/ser/synth/index.js';
import { closesDevice, temporaryFolder, tinyCorpus, tinyRun } from './support.js';

closesDevice();
const folder = temporaryFolder();
const inside = (...parts: string[]): string => join(folder, ...parts);
let data: string;
beforeAll(async () => {
  data = await tinyCorpus(inside('corpus'));
  await writeSynthCorpus(inside('angry'), {
    speakers: 5,
    emotions: ['angry'],
    clipsPerEmotion: 2,
    seconds: [0.4, 0.5],
  });
  mkdirSync(inside('empty'));
  writeFileSync(inside('file'), 'x');
});

/** What comes from the command line or from JavaScript, and so may be anything. */
const anything = (value: string): never => value as never;

let number = 0;
describe('training', () => {
  test.each<[string, () => Partial<TrainOptions>, RegExp]>([
    [
      'a missing folder',
      () => ({ data: [inside('missing')] }),
      /Cannot scan .*missing: there is no such file or folder/,
    ],
    ['a file for a folder', () => ({ data: [inside('file')] }), /it is a file; give the folder/],
    ['an empty corpus', () => ({ data: [inside('empty')] }), /No usable clip in .*empty\. .*There is no \.wav file/],
    ['one class only', () => ({ data: [inside('angry')] }), /All 10 clips are angry; .*at least two classes/],
    [
      'fewer clips than a batch',
      () => ({ batchSize: 64 }),
      /27 training clips, less than one batch of 64.*--batch-size/,
    ],
    [
      'an unknown model',
      () => ({ model: anything('gpt') }),
      /The model "gpt" is not known; choose one of cnn-bilstm, /,
    ],
    [
      'unknown features',
      () => ({ features: anything('chroma') }),
      /The features "chroma" is not known; choose one of frames, /,
    ],
    [
      'an unknown protocol',
      () => ({ protocol: anything('best') }),
      /The protocol "best" is not known; choose one of speaker, /,
    ],
    ['an unknown size', () => ({ size: anything('huge') }), /The size "huge" is not known/],
    ['an unknown recipe', () => ({ recipe: anything('soup') }), /The recipe "soup" is not known/],
    ['an unknown normalisation', () => ({ normalize: anything('none') }), /The normalize "none" is not known/],
    [
      'an unknown test speaker',
      () => ({ testSpeakers: ['SYNTH/S77'] }),
      /Test speaker SYNTH\/S77 is not among .*SYNTH\/S01/,
    ],
    [
      'features that the model does not take',
      () => ({ model: 'cnn2d', features: 'frames' }),
      /cnn2d takes mel-image features, not frames/,
    ],
    ['no epochs', () => ({ epochs: 0 }), /The epochs must be a whole number from 1 up; got 0/],
    ['half a batch', () => ({ batchSize: 4.5 }), /The batch size must be a whole number from 2 up; got 4.5/],
    ['a negative seed', () => ({ seed: -1 }), /The seed must be a whole number from 0 up; got -1/],
    ['a learning rate of 0', () => ({ learningRate: 0 }), /The learning rate must be above 0; got 0/],
    ['no number for a learning rate', () => ({ learningRate: NaN }), /The learning rate must be above 0; got NaN/],
    [
      'a learning rate at which it bursts',
      () => ({ learningRate: 1e30 }),
      /The loss became (NaN|-?Infinity) in epoch 1\. Use a smaller --learning-rate/,
    ],
  ])('with %s', async (_, options, message) => {
    const out = inside(`run-${number++}`);
    const trained = trainRun({ ...tinyRun(data, out), ...options() });
    await expect(trained).rejects.toThrow(FormantError);
    await expect(trained).rejects.toThrow(message);
    expect(existsSync(join(out, 'config.json')), 'a second try must not find a run').toBe(false);
  });

  test('into a folder that cannot be made', async () => {
    await expect(trainRun(tinyRun(data, inside('file', 'run')))).rejects.toThrow(
      /The run folder .*run cannot be written: .*Choose another --out/,
    );
  });

  test('into a folder that holds a run: told how to go on with it, which is untouched', async () => {
    const out = inside('taken');
    await trainRun(tinyRun(data, out, { epochs: 1 }));
    const before = readdirSync(out);
    await expect(trainRun(tinyRun(data, out))).rejects.toThrow(
      /taken holds a run already\. Go on with it by --resume .*taken/,
    );
    expect(readdirSync(out)).toEqual(before);
  });

  test('again into the folder of a failed try, once the mistake is mended', async () => {
    const out = inside('mended');
    await expect(trainRun(tinyRun(inside('missing'), out))).rejects.toThrow(/Cannot scan/);
    expect((await trainRun(tinyRun(data, out, { epochs: 1 }))).finished).toBe(true);
  });
});

describe('without a trained run', () => {
  const nowhere = inside('nowhere');
  test.each<[string, () => Promise<unknown>]>([
    ['evaluate', () => evaluateRun({ run: nowhere })],
    ['evaluate on other data', () => evaluateRun({ run: nowhere, data: [data] })],
    ['predict', () => predictFiles(nowhere, ['a.wav']).next()],
  ])('%s says that there is no run', async (_, work) => {
    await expect(work()).rejects.toThrow(/nowhere is no run folder: .*config\.json/);
  });

  test('export says that nothing was trained, and knows safetensors only', async () => {
    const out = inside('model.safetensors');
    await expect(exportRun({ run: nowhere, format: 'safetensors', out })).rejects.toThrow(
      /no trained model in this run/,
    );
    await expect(exportRun({ run: nowhere, format: 'onnx', out })).rejects.toThrow(/onnx is not there yet/);
  });
});

describe('writing features', () => {
  test('of an unknown kind', async () => {
    const work = writeFeatures({ data: [data], out: inside('f'), features: anything('chroma') });
    await expect(work).rejects.toThrow(
      /Features "chroma" are not known; choose frames, hybrid, functionals, paper, mel-image/,
    );
  });

  test('into a folder that cannot be made', async () => {
    await expect(writeFeatures({ data: [data], out: inside('file', 'f') })).rejects.toThrow(
      /cannot be made: .*Choose another --out/,
    );
  });
});
