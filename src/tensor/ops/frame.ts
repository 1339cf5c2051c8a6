/**
 * Overlapping frames of the last axis, and their sum back. Frame t holds elements t·hop … t·hop + length − 1.
 * The gradient of framing is overlap-add, written as two views and a sum: `regroup` lists, for each sample, the at most
 * m = ⌈length / hop⌉ frames that cover it.
 */
import type { ViewOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import { record } from '../record.js';
import { ShapeError } from '../errors.js';

export interface FrameAttrs {
  readonly length: number;
  readonly hop: number;
}

/** (…, L) → (…, T, length), T = ⌊(L − length) / hop⌋ + 1 */
export const frameOp: ViewOp<FrameAttrs> = {
  kind: 'view',
  name: 'frame',
  shape: ([x], { length, hop }) => {
    const samples = x.shape[x.shape.length - 1];
    return [{ shape: [...x.shape.slice(0, -1), Math.floor((samples - length) / hop) + 1, length], dtype: x.dtype }];
  },
  map: ({ index, inputs: [x], attrs, int, read, let: name }) => {
    const lead = x.shape.length - 1;
    const at = x.shape.slice(0, -1).map((_, d) => index.coord(d));
    return read(0, [...at, name(`${index.coord(lead)} * ${int(attrs.hop)} + ${index.coord(lead + 1)}`)]);
  },
  gradient: ({ inputs: [x], attrs, grad }) => [overlapAdd(grad, attrs.hop, x.shape[x.rank - 1])],
};

export interface RegroupAttrs extends FrameAttrs {
  readonly samples: number;
}

/** (…, T, length) → (…, samples, m): the element of frame ⌊l / hop⌋ − k that falls on sample l, or 0. */
export const regroupOp: ViewOp<RegroupAttrs> = {
  kind: 'view',
  name: 'regroup',
  shape: ([x], { length, hop, samples }) => [
    { shape: [...x.shape.slice(0, -2), samples, Math.ceil(length / hop)], dtype: x.dtype },
  ],
  map: ({ index, inputs: [x], attrs, int, read, let: name }) => {
    const lead = x.shape.length - 2;
    const sample = index.coord(lead);
    const t = name(`${sample} / ${int(attrs.hop)} - ${index.coord(lead + 1)}`);
    const inFrames = name(`select(0u, ${t}, ${t} < ${int(x.shape[lead])})`);
    const j = name(`${sample} - ${inFrames} * ${int(attrs.hop)}`);
    const inside = `${t} < ${int(x.shape[lead])} && ${j} < ${int(attrs.length)}`;
    const at = x.shape.slice(0, -2).map((_, d) => index.coord(d));
    const element = read(0, [...at, inFrames, name(`min(${j}, ${int(attrs.length)} - 1u)`)]);
    return `select(0.0, ${element}, ${inside})`;
  },
  gradient: ({ inputs: [x], attrs, grad }) => [record(ungroupOp, [grad], { ...attrs, frames: x.shape[x.rank - 2] })],
};

export interface UngroupAttrs extends RegroupAttrs {
  readonly frames: number;
}

/** (…, samples, m) → (…, T, length): where `regroup` put element (t, j). */
export const ungroupOp: ViewOp<UngroupAttrs> = {
  kind: 'view',
  name: 'ungroup',
  shape: ([x], { frames, length }) => [{ shape: [...x.shape.slice(0, -2), frames, length], dtype: x.dtype }],
  map: ({ index, inputs: [x], attrs, int, read, let: name }) => {
    const lead = x.shape.length - 2;
    const t = index.coord(lead);
    const sample = name(`${t} * ${int(attrs.hop)} + ${index.coord(lead + 1)}`);
    const at = x.shape.slice(0, -2).map((_, d) => index.coord(d));
    const inside = `${sample} < ${int(attrs.samples)}`;
    const element = read(0, [
      ...at,
      name(`min(${sample}, ${int(attrs.samples)} - 1u)`),
      name(`${sample} / ${int(attrs.hop)} - ${t}`),
    ]);
    return `select(0.0, ${element}, ${inside})`;
  },
  gradient: ({ attrs, grad }) => [record(regroupOp, [grad], attrs)],
};

/** Frames of the last axis: (…, L) → (…, T, length). @throws ShapeError where not one frame fits. */
export function frame(x: Tensor, length: number, hop: number): Tensor {
  const samples = x.shape[x.rank - 1] ?? 0;
  if (!(length >= 1 && hop >= 1 && samples >= length)) {
    throw new ShapeError(`frame: no frame of ${length} (hop ${hop}) fits in ${samples} samples; pad the signal first.`);
  }
  return record(frameOp, [x], { length, hop });
}

/** Sums overlapping frames (…, T, length) into (…, samples). */
export function overlapAdd(x: Tensor, hop: number, samples: number): Tensor {
  return record(regroupOp, [x], { length: x.shape[x.rank - 1], hop, samples }).sum([-1]);
}
