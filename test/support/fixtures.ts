/** Readers of the reference numbers in test/fixtures (written by tools/reference). All reads are synchronous. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readNpz, readSafetensors, toNumbers, type NdArray as StoredArray } from '../../src/io/index.js';
import { integers, uniform } from './generated.js';
import type { NdArray } from './nd-array.js';

/** A fixture's array as tests use it: row-major, every number a JavaScript number. float32 data stay exact. */
export interface FixtureArray extends NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One case of an op's fixture: what was asked for (`attrs`) and the arrays. */
export interface FixtureCase {
  readonly name: string;
  readonly attrs: Attributes;
  /** @throws Error naming the arrays there are, if this one is not. */
  array(name: string): FixtureArray;
  has(name: string): boolean;
}

/** Attributes with types checked as they are read, so that a misspelt one fails instead of being undefined. */
export interface Attributes {
  readonly json: { readonly [key: string]: Json };
  number(name: string): number;
  string(name: string): string;
  boolean(name: string): boolean;
  numbers(name: string): number[];
  isNull(name: string): boolean;
}

const ROOT = new URL('../fixtures/', import.meta.url);

/** Path of a fixture file, as `fixturePath('tablev/full.safetensors')`. */
export const fixturePath = (file: string): string => fileURLToPath(new URL(file, ROOT));

/** Reads `<name>.json`. */
export function fixtureJson(name: string): { readonly [key: string]: Json } {
  const document = JSON.parse(readFileSync(fixturePath(`${name}.json`), 'utf8')) as Json;
  if (!isObject(document)) throw new Error(`${name}.json holds no object`);
  return document;
}

/** The cases of one op, in the order of the script: `fixtureCases('torch/conv1d')`. */
export function fixtureCases(name: string): FixtureCase[] {
  const { cases } = fixtureJson(name);
  if (!Array.isArray(cases)) throw new Error(`${name}.json lists no cases`);
  const listed = (cases as readonly Json[]).map((entry) => {
    if (!isObject(entry) || typeof entry.name !== 'string' || !isObject(entry.attrs) || !isObject(entry.arrays)) {
      throw new Error(`${name}.json: a case needs name, attrs and arrays`);
    }
    return { name: entry.name, attrs: entry.attrs, arrays: Object.keys(entry.arrays) };
  });
  const anyArrays = listed.some((entry) => entry.arrays.length > 0);
  const stored = anyArrays ? readNpz(fixturePath(`${name}.npz`)) : new Map<string, StoredArray>();
  return listed.map((entry) => ({
    name: entry.name,
    attrs: attributes(entry.attrs, `${name}.json, case ${entry.name}`),
    has: (array) => entry.arrays.includes(array),
    array: (array) => {
      const found = stored.get(`${entry.name}.${array}`);
      if (!found) throw new Error(`${name}: case ${entry.name} has no array ${array}, only ${entry.arrays.join(', ')}`);
      return toFixture(found);
    },
  }));
}

/** Reads a .safetensors fixture; `array(name)` throws for a name that is not there. */
export function fixtureTensors(file: string): { names: string[]; array(name: string): FixtureArray } {
  const { tensors } = readSafetensors(fixturePath(`${file}.safetensors`));
  return {
    names: [...tensors.keys()],
    array: (name) => {
      const found = tensors.get(name);
      if (!found) throw new Error(`${file}.safetensors has no tensor ${name}`);
      return toFixture(found);
    },
  };
}

/** Axes in a new order, as `numpy.transpose`: axis i of the result is axis `axes[i]` of `array`. */
export function permute(array: NdArray, axes: readonly number[]): FixtureArray {
  const shape = axes.map((axis) => array.shape[axis]);
  const strides = array.shape.map((_, axis) => array.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const data = new Float64Array(array.data.length);
  const index = axes.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = array.data[index.reduce((sum, at, k) => sum + at * strides[axes[k]], 0)];
    for (let k = index.length - 1; k >= 0 && ++index[k] === shape[k]; k--) index[k] = 0;
  }
  return { shape, data };
}

/** PyTorch's (N, C, …) as (N, …, C); two axes stay as they are. */
export function channelsLast(array: NdArray): FixtureArray {
  const spatial = array.shape.slice(2).map((_, i) => i + 2);
  return permute(array, [0, ...spatial, 1]);
}

/** PyTorch's convolution weight (Cout, Cin, K…) as (K…, Cin, Cout). */
export function kernelLast(array: NdArray): FixtureArray {
  const taps = array.shape.slice(2).map((_, i) => i + 2);
  return permute(array, [...taps, 1, 0]);
}

/** The parity fixtures of the Table V model: `full` (one step) or `twin` (ten). */
export interface TableVFixture {
  readonly json: { readonly [key: string]: Json };
  readonly seed: number;
  readonly batch: number;
  /** Arrays of the .safetensors file. */
  readonly tensors: ReturnType<typeof fixtureTensors>;
  /** Starting state out of the generator under PyTorch's state_dict names and shapes (`full` only: the twin's states are in `tensors`). */
  startState(): Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
  /** Batch `index`: x (batch, 350, 1) and labels (batch). */
  batchAt(index: number): { readonly x: Float32Array; readonly labels: Int32Array };
}

export function tableVFixture(which: 'full' | 'twin'): TableVFixture {
  const json = fixtureJson(`tablev/${which}`);
  const about = attributes(json, `tablev/${which}.json`);
  const [seed, batch, length, classes] = ['seed', 'batch', 'length', 'classes'].map((key) => about.number(key));
  return {
    json,
    seed,
    batch,
    tensors: fixtureTensors(`tablev/${which}`),
    startState: () => {
      if (which !== 'full') throw new Error('the twin starts from state.0.<name> in its tensors');
      const entries = Array.isArray(json.state) ? (json.state as readonly Json[]) : [];
      return new Map(
        entries.map((entry) => {
          if (!isObject(entry)) throw new Error('tablev/full.json: state lists objects');
          const one = attributes(entry, 'tablev/full.json, state');
          const name = one.string('name');
          const shape = one.numbers('shape');
          const count = shape.reduce((a, b) => a * b, 1);
          if (one.isNull('low')) return [name, { shape, data: new Float32Array(count) }] as const;
          return [name, { shape, data: uniform(seed, name, count, one.number('low'), one.number('high')) }] as const;
        }),
      );
    },
    batchAt: (index) => ({
      x: uniform(seed, `x${index}`, batch * length, -1.7, 1.7),
      labels: integers(seed, `labels${index}`, batch, classes),
    }),
  };
}

function toFixture(array: StoredArray): FixtureArray {
  return { shape: array.shape, data: Float64Array.from(toNumbers(array)) };
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function attributes(json: { readonly [key: string]: Json }, where: string): Attributes {
  const fail = (name: string, type: string): never => {
    throw new Error(`${where}: ${name} is ${JSON.stringify(json[name])}, not ${type}`);
  };
  return {
    json,
    number: (name) => {
      const value = json[name];
      if (typeof value === 'number') return value;
      // JSON has no infinities: the scripts write Python's words for them.
      if (value === 'inf') return Infinity;
      if (value === '-inf') return -Infinity;
      return fail(name, 'a number');
    },
    string: (name) => {
      const value = json[name];
      return typeof value === 'string' ? value : fail(name, 'a string');
    },
    boolean: (name) => {
      const value = json[name];
      return typeof value === 'boolean' ? value : fail(name, 'a truth value');
    },
    numbers: (name) => {
      const value = json[name];
      if (!Array.isArray(value)) return fail(name, 'a list of numbers');
      return (value as readonly Json[]).map((v) => (typeof v === 'number' ? v : fail(name, 'a list of numbers')));
    },
    isNull: (name) => {
      if (!(name in json)) return fail(name, 'there');
      return json[name] === null;
    },
  };
}
