/** Measured clips side by side as one SVG. */
import type { TopLevelSpec } from 'vega-lite';
import { INK, MUTED, renderSvg } from '../report/charts/theme.js';
import { panel, type Panel, type PanelSize } from './panels.js';
import { PANELS, type Image, type Measured, type PanelName } from './types.js';

export interface DrawOptions {
  /** Over all pictures. */
  readonly title: string;
  readonly subtitle?: string;
  /** From top to bottom; default waveform, mel, mfcc, rms, zcr. */
  readonly panels?: readonly PanelName[];
  /** Pixels of the whole, about; default 900, and 1400 for two clips. */
  readonly width?: number;
}

/** Pixels beside a column of panels: axis, labels and colour bar. */
const MARGIN = 150;

/**
 * One column for each clip, all on the same axes and colours.
 * @param clips with what each column is called, where there is more than one
 */
export async function drawPlot(
  clips: readonly { readonly label: string; readonly clip: Measured }[],
  { title, subtitle, panels = PANELS, width = clips.length > 1 ? 1400 : 900 }: DrawOptions,
): Promise<string> {
  const { scheme } = await import('vega');
  const all = clips.map(({ clip }) => clip);
  const size: Omit<PanelSize, 'titles'> = {
    width: Math.max(120, Math.round(width / clips.length) - MARGIN),
    seconds: Math.max(...all.map(({ seconds }) => seconds)),
    colours: palette(scheme('viridis') as (share: number) => string),
    range: {
      mel: range(all.map(({ mel }) => mel)),
      mfcc: range(
        all.map(({ mfcc }) => mfcc),
        1,
      ),
      chroma: [0, 1],
    },
    peak: {
      waveform: peak(all.flatMap(({ low, high }) => [low, high])),
      rms: peak(all.map(({ rms }) => rms)),
      zcr: peak(all.map(({ zcr }) => zcr)),
    },
  };
  const columns = clips.map(({ label, clip }, n) => ({
    ...(clips.length > 1 && { title: { text: label, fontSize: 13, fontWeight: 600 as const, color: INK, offset: 8 } }),
    spacing: 14,
    vconcat: panels.map((name, i): Panel => panel(name, clip, { ...size, titles: n === 0 }, i === panels.length - 1)),
    resolve: { scale: { color: 'independent' as const } },
  }));
  const spec: TopLevelSpec = {
    title: { text: title, subtitle, anchor: 'start', fontSize: 16, color: INK, subtitleColor: MUTED, offset: 14 },
    background: 'white',
    spacing: 30,
    hconcat: columns,
    resolve: { scale: { color: 'independent' } },
  };
  return renumbered(await renderSvg(spec, title));
}

/** Vega counts its gradients on from picture to picture; from 1 on the same clip gives the same bytes. */
function renumbered(svg: string): string {
  const known = new Map<string, string>();
  return svg.replace(/(?<=id="|url\(#)gradient_\d+/g, (name) => {
    const own = known.get(name) ?? `gradient_${known.size + 1}`;
    known.set(name, own);
    return own;
  });
}

/** 256 colours of a continuous scheme, three bytes each. */
function palette(colour: (share: number) => string): Uint8Array {
  return Uint8Array.from(
    Array.from({ length: 256 }, (_, i) => (colour(i / 255).match(/\d+/g) ?? []).slice(0, 3).map(Number)).flat(),
  );
}

/** Least and greatest value in the rows from `first` up; a little apart where there is but one. */
function range(images: readonly Image[], first = 0): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { values, rows } of images) {
    values.forEach((v, i) => {
      if (i % rows < first) return;
      if (v < low) low = v;
      if (v > high) high = v;
    });
  }
  return high > low ? [low, high] : [low, low + 1];
}

/** Largest magnitude; of silence a thousandth, so that there is an axis. */
const peak = (lines: readonly Float32Array[]): number =>
  lines.reduce((most, values) => values.reduce((a, b) => Math.max(a, Math.abs(b)), most), 1e-3);
