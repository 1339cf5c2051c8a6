/** One picture of a clip as a vega-lite specification: lines over seconds, and spectrograms as images with a colour bar. */
import type { LayerSpec, UnitSpec } from 'vega-lite/build/src/spec/index.js';
import type { Field } from 'vega-lite/build/src/channeldef.js';
import { BLUE, INK } from '../report/charts/theme.js';
import { hertzAxis, rowAxis, type RowAxis } from './axes.js';
import { imageUrl } from './image.js';
import type { Image, Measured, PanelName } from './types.js';

export type Panel = LayerSpec<Field> | UnitSpec<Field>;

export interface PanelSize {
  readonly width: number;
  /** Axis of all panels: of the longest clip. */
  readonly seconds: number;
  /** 256 colours, red, green and blue. */
  readonly colours: Uint8Array;
  /** Least and greatest level of the images, the same for a clip and its altered copy. */
  readonly range: Readonly<Record<'mel' | 'mfcc' | 'chroma', readonly [number, number]>>;
  /** Largest value of the lines. */
  readonly peak: Readonly<Record<'waveform' | 'rms' | 'zcr', number>>;
  /** Whether axes of values and colour bars are written out; copies to the right go without. */
  readonly titles: boolean;
}

const HEIGHTS: Readonly<Record<PanelName, number>> = {
  waveform: 90,
  mel: 190,
  mfcc: 120,
  chroma: 130,
  rms: 75,
  zcr: 75,
};
const PITCHES = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'];

/** @param last whether this is the lowest panel, which has the title of the time axis */
export function panel(name: PanelName, clip: Measured, size: PanelSize, last: boolean): Panel {
  switch (name) {
    case 'waveform':
      return waveform(clip, size, last);
    case 'mel':
      return picture(clip.mel, clip.seconds, size, last, {
        name,
        title: 'mel spectrogram',
        axis: hertzAxis(clip.mel.rows),
        legend: 'dB',
      });
    case 'mfcc':
      return picture(clip.mfcc, clip.seconds, size, last, {
        name,
        // Coefficient 0, the loudness, is tens of times the others.
        title: 'MFCC (colours for 1 to 12)',
        axis: rowAxis('coefficient', clip.mfcc.rows, (i) => (i % 3 === 0 ? String(i) : undefined)),
        legend: 'level',
      });
    case 'chroma': {
      const image = clip.chroma ?? { columns: 1, rows: 12, values: new Float32Array(12) };
      return picture(image, clip.seconds, size, last, {
        name,
        title: 'chroma',
        axis: rowAxis('pitch class', 12, (i) => (PITCHES[i].length === 1 ? PITCHES[i] : undefined)),
        legend: 'share',
      });
    }
    case 'rms':
      return line(clip.rms, clip.seconds, size, last, { name, title: 'RMS', axis: 'amplitude' });
    case 'zcr':
      return line(clip.zcr, clip.seconds, size, last, { name, title: 'zero-crossing rate', axis: 'share' });
  }
}

const timeAxis = (size: PanelSize, last: boolean) => ({
  type: 'quantitative' as const,
  scale: { domain: [0, size.seconds], nice: false },
  title: last ? 'time (s)' : null,
  axis: { grid: false, labels: last, ticks: last, tickCount: 6 },
});

const heading = (text: string) => ({
  text,
  anchor: 'start' as const,
  frame: 'group' as const,
  fontSize: 12,
  fontWeight: 600 as const,
  color: INK,
  offset: 4,
});

function waveform(clip: Measured, size: PanelSize, last: boolean): Panel {
  const step = clip.seconds / clip.low.length;
  const most = size.peak.waveform;
  return {
    width: size.width,
    height: HEIGHTS.waveform,
    title: heading('waveform'),
    data: {
      values: Array.from(clip.low, (low, i) => ({
        t: round((i + 0.5) * step, 4),
        low: round(low, 4),
        high: round(clip.high[i], 4),
      })),
    },
    mark: { type: 'area', color: BLUE, stroke: BLUE, strokeWidth: 0.5 },
    encoding: {
      x: { field: 't', ...timeAxis(size, last) },
      y: {
        field: 'low',
        type: 'quantitative',
        title: size.titles ? 'amplitude' : null,
        scale: { domain: [-most, most] },
        axis: { tickCount: 3 },
      },
      y2: { field: 'high' },
    },
  };
}

interface LineText {
  readonly name: 'rms' | 'zcr';
  readonly title: string;
  readonly axis: string;
}

function line(values: Float32Array, seconds: number, size: PanelSize, last: boolean, text: LineText): Panel {
  const step = seconds / values.length;
  return {
    width: size.width,
    height: HEIGHTS[text.name],
    title: heading(text.title),
    data: { values: Array.from(values, (v, i) => ({ t: round((i + 0.5) * step, 4), v: round(v, 5) })) },
    mark: { type: 'line', color: BLUE, strokeWidth: 1.4 },
    encoding: {
      x: { field: 't', ...timeAxis(size, last) },
      y: {
        field: 'v',
        type: 'quantitative',
        title: size.titles ? text.axis : null,
        scale: { domain: [0, size.peak[text.name]], nice: true },
        axis: { tickCount: 3 },
      },
    },
  };
}

interface PictureText {
  readonly name: 'mel' | 'mfcc' | 'chroma';
  readonly title: string;
  readonly axis: RowAxis;
  readonly legend: string;
}

function picture(image: Image, seconds: number, size: PanelSize, last: boolean, text: PictureText): Panel {
  const [low, high] = size.range[text.name];
  const { title, values, labelExpr } = text.axis;
  const y = {
    type: 'quantitative' as const,
    title: size.titles ? title : null,
    scale: { domain: [0, image.rows], nice: false },
    axis: { values: [...values], labelExpr, grid: false },
  };
  return {
    width: size.width,
    height: HEIGHTS[text.name],
    title: heading(text.title),
    layer: [
      {
        data: {
          values: [
            {
              from: 0,
              bottom: 0,
              url: imageUrl(image, low, high, size.colours, Math.ceil((2 * HEIGHTS[text.name]) / image.rows)),
            },
          ],
        },
        mark: {
          type: 'image',
          // Readers of the screen would be read the whole image.
          aria: false,
          aspect: false,
          align: 'left',
          baseline: 'bottom',
          width: (size.width * seconds) / size.seconds,
          height: HEIGHTS[text.name],
        },
        encoding: {
          x: { field: 'from', ...timeAxis(size, last) },
          y: { field: 'bottom', ...y },
          url: { field: 'url', type: 'nominal' },
        },
      },
      {
        // Nothing to see: it brings the colour bar.
        data: { values: [{ from: 0, bottom: 0, level: low }] },
        mark: { type: 'point', opacity: 0, aria: false },
        encoding: {
          x: { field: 'from', ...timeAxis(size, last) },
          y: { field: 'bottom', ...y },
          color: {
            field: 'level',
            type: 'quantitative',
            scale: { domain: [low, high], scheme: 'viridis' },
            legend: {
              title: text.legend,
              type: 'gradient',
              orient: 'right',
              direction: 'vertical',
              gradientLength: HEIGHTS[text.name] - 24,
              gradientThickness: 10,
              tickCount: 4,
              titleFontSize: 11,
              labelFontSize: 11,
              offset: 8,
            },
          },
        },
      },
    ],
  };
}

const round = (v: number, digits: number): number => Number(v.toFixed(digits));
