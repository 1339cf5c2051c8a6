/** Padding at the ends: NumPy's numbers for every mode, shorter signals than the padding, ragged batches. */
import { describe, expect, test } from 'vitest';
import { padClips, rms, SettingsError, stft, type PadMode } from '../../src/dsp/index.js';
import { padModes, padWaveforms } from '../../src/dsp/padding.js';
import { parameter, tensor } from '../../src/tensor/index.js';
import { expectClose, randomArray } from '../support/compare.js';
import { fixtureCases } from '../support/fixtures.js';
import { closesDevice, inputOf, read, timeFirst } from './support.js';

closesDevice();

const cases = fixtureCases('librosa/more-padding').map((c) => [c.name, c] as const);
const mode = (c: (typeof cases)[number][1]): PadMode => c.attrs.string('mode') as PadMode;

test.each(cases.filter(([name]) => !name.startsWith('stft')))('%s equals NumPy’s', async (_, c) => {
  const x = tensor(
    Float32Array.from({ length: c.attrs.number('n') }, (_v, i) => i + 1),
    [1, c.attrs.number('n')],
  );
  const expected = Float32Array.from(c.array('y').data);
  expect(await read(padWaveforms('pad', x, c.attrs.number('amount'), mode(c)))).toEqual(expected);
  // The same through the look-up that ragged batches take.
  const looked = padWaveforms('pad', x, c.attrs.number('amount'), mode(c), [c.attrs.number('n')]);
  expect(await read(looked)).toEqual(expected);
});

test.each(cases.filter(([name]) => name.startsWith('stft')))('%s', async (_, c) => {
  const options = { nFft: c.attrs.number('nFft'), hopLength: c.attrs.number('hopLength'), padMode: mode(c) };
  const spectra = await read(stft(inputOf(c), options));
  for (const [k, part] of ['re', 'im'].entries()) {
    expectClose(
      spectra.filter((_v, i) => i % 2 === k),
      timeFirst(c.array(part)).data,
      { rtol: 0, atol: 1e-5 * 30 },
    );
  }
});

describe('ragged batches', () => {
  test.each(padModes)('%s continues each clip at its own end', async (padMode) => {
    const clips = [randomArray(90, 1), randomArray(33, 2), randomArray(5, 3)];
    const { data, lengths, length } = padClips(clips);
    const options = { frameLength: 32, hopLength: 8, padMode };
    const batch = await read(rms(tensor(data, [3, length]), { ...options, lengths }));
    const frames = batch.length / 3;
    for (const [i, clip] of clips.entries()) {
      const alone = await read(rms(tensor(clip), options));
      expectClose(batch.subarray(i * frames, i * frames + alone.length), alone, { rtol: 1e-6, atol: 1e-7 });
    }
  });
});

test.each(padModes)('%s: the gradient counts how often each sample stands in the result', async (padMode) => {
  const x = parameter(new Float32Array(5), [1, 5]);
  padWaveforms('pad', x, 3, padMode).sum().backward();
  const counts: Record<PadMode, number[]> = {
    constant: [1, 1, 1, 1, 1],
    edge: [4, 1, 1, 1, 4],
    reflect: [1, 3, 3, 3, 1],
    symmetric: [2, 2, 3, 2, 2],
    wrap: [2, 2, 3, 2, 2],
  };
  expect(x.grad && (await read(x.grad))).toEqual(Float32Array.from(counts[padMode]));
});

test('refuses unknown modes, and lengths as a tensor where the host must know them', () => {
  const x = tensor(new Float32Array(10));
  expect(() => stft(x, { nFft: 4, padMode: 'mean' as PadMode })).toThrow(
    /padMode is "mean"; give one of "constant", "edge"/,
  );
  const lengths = tensor(Float32Array.of(5));
  expect(() => rms(x, { frameLength: 4, padMode: 'edge', lengths })).toThrow(SettingsError);
});
