/** What the tests of this room share: the fixtures' signals, librosa's (rows, T) as our (T, rows), and a device that closes at the end. */
import { afterAll } from 'vitest';
import { readAll, shutdown, tensor, type Tensor } from '../../src/tensor/index.js';
import { fixtureCases, permute, type FixtureArray, type FixtureCase } from '../support/fixtures.js';

/** Closes the default device after the last test of the file; call it once, at the top level. */
export function closesDevice(): void {
  afterAll(shutdown);
}

const signals = new Map(fixtureCases('librosa/signals').map((c) => [c.name, Float32Array.from(c.array('y').data)]));

/** A signal of the fixtures at 16 kHz. */
export function signal(name: string): Float32Array {
  const found = signals.get(name);
  if (!found) throw new Error(`no signal ${name}`);
  return found.slice();
}

export const signalNames = [...signals.keys()];

/** The signal that a fixture's case was computed from. */
export const inputOf = (c: FixtureCase): Tensor =>
  tensor(
    c.has('y') && !signals.has(String(c.attrs.json.signal))
      ? Float32Array.from(c.array('y').data)
      : signal(c.attrs.string('signal')),
  );

/** librosa's (rows, T) as (T, rows). */
export const timeFirst = (array: FixtureArray): FixtureArray => permute(array, [1, 0]);

/** The value of a tensor of floats. */
export async function read(x: Tensor): Promise<Float32Array> {
  const [values] = await readAll([x]);
  if (!(values instanceof Float32Array)) throw new Error('expected floats');
  return values;
}

export const largest = (values: ArrayLike<number>): number => {
  let found = 0;
  for (let i = 0; i < values.length; i++) found = Math.max(found, Math.abs(values[i]));
  return found;
};

/** An attribute that may be null. */
export const numberOrNull = (c: FixtureCase, name: string): number | null =>
  c.attrs.isNull(name) ? null : c.attrs.number(name);
/** An attribute that may be null, as a setting that may be left out. */
export const numberIfAny = (c: FixtureCase, name: string): number | undefined => numberOrNull(c, name) ?? undefined;
