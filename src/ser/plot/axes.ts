/** Axes along the rows of a picture: which rows have labels, and what they say. */
import { hzToMel } from '../../dsp/index.js';
import { SAMPLE_RATE } from '../features/settings.js';

export interface RowAxis {
  readonly title: string;
  /** Places, in rows from the bottom. */
  readonly values: readonly number[];
  /** A vega expression of a place's label. */
  readonly labelExpr: string;
}

/** Hz at their places on Slaney's mel scale, from 0 to half of the sampling rate. */
export function hertzAxis(rows: number): RowAxis {
  const hertz = [0, 500, 1000, 2000, 4000, 8000];
  const top = hzToMel(SAMPLE_RATE / 2);
  const values = hertz.map((hz) => Number(((rows * hzToMel(hz)) / top).toFixed(3)));
  return {
    title: 'frequency (Hz)',
    values,
    labelExpr: chosen(
      values,
      hertz.map((hz) => hz.toLocaleString('en-US')),
    ),
  };
}

/** Labels in the middle of their rows. */
export function rowAxis(title: string, rows: number, label: (row: number) => string | undefined): RowAxis {
  const labelled = Array.from({ length: rows }, (_, i) => i).filter((i) => label(i) !== undefined);
  const values = labelled.map((i) => i + 0.5);
  return {
    title,
    values,
    labelExpr: chosen(
      values,
      labelled.map((i) => label(i) ?? ''),
    ),
  };
}

/** A vega expression that gives each value its label. */
const chosen = (values: readonly number[], labels: readonly string[]): string =>
  `${JSON.stringify(labels)}[indexof(${JSON.stringify(values)}, datum.value)]`;
