/** What the tests against librosa_more.py share: its further signals, and the settings of a transform. */
import type { PadMode, WindowName } from '../../src/dsp/index.js';
import { fixtureCases, type FixtureCase } from '../support/fixtures.js';
import { signal } from './support.js';

/** A signal of the fixtures, or one that librosa_more.py adds: dc, tone, sweep. */
export function moreSignal(name: string): Float32Array {
  if (name === 'dc') return new Float32Array(900).fill(0.25);
  if (name !== 'tone' && name !== 'sweep') return signal(name);
  const [input] = fixtureCases('librosa/more-yin');
  return Float32Array.from(input.array(name).data);
}

export interface TransformSettings {
  readonly sr: number;
  readonly nFft: number;
  readonly hopLength: number;
  readonly winLength: number;
  readonly window: WindowName;
  readonly center: boolean;
  readonly padMode: PadMode;
}

export const transformOf = (c: FixtureCase): TransformSettings => ({
  sr: c.attrs.number('sr'),
  nFft: c.attrs.number('nFft'),
  hopLength: c.attrs.number('hopLength'),
  winLength: c.attrs.number('winLength'),
  window: c.attrs.string('window') as WindowName,
  center: c.attrs.boolean('center'),
  padMode: c.attrs.string('padMode') as PadMode,
});
