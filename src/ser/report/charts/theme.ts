/** What the report's pictures share: vega-lite specifications rendered to SVG text on the host, with no DOM and no browser. */
import type { TopLevelSpec } from 'vega-lite';

export const INK = '#1d2733';
export const MUTED = '#66727f';
const GRID = '#e6e9ed';
export const BLUE = '#22559c';
export const AMBER = '#c7761b';
const FONT = 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif';
export const CLASS_COLOURS = ['#b3362c', '#6b7f2a', '#6a4c93', '#d08a12', '#7a828c', '#2f6db0', '#1b8a7a', '#a14a76'];

const CONFIG = {
  font: FONT,
  background: 'transparent',
  padding: 4,
  view: { stroke: null },
  axis: {
    labelColor: MUTED,
    titleColor: INK,
    titleFontWeight: 500,
    labelFontSize: 12,
    titleFontSize: 12,
    gridColor: GRID,
    domainColor: '#b9c0c8',
    tickColor: '#b9c0c8',
  },
  legend: { labelColor: INK, labelFontSize: 12, title: null, orient: 'top', symbolStrokeWidth: 3, offset: 6 },
} satisfies TopLevelSpec['config'];

/** Compiles and renders one specification. Vega is loaded here and only here: other commands start without it. */
export async function renderSvg(spec: TopLevelSpec, label: string): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(compile({ ...spec, config: CONFIG }).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    const safe = label.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    return svg.replace('<svg ', () => `<svg role="img" aria-label="${safe}" `);
  } finally {
    view.finalize();
  }
}
