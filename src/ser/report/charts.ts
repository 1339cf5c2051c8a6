/** The report's pictures: vega-lite specifications rendered to SVG text on the host, with no DOM and no browser. */
import type { TopLevelSpec } from 'vega-lite';
import type { Confusion } from '../metrics/index.js';
import type { ReportBaseline, ReportEpoch, ReportRoc } from './types.js';

const INK = '#1d2733';
const MUTED = '#66727f';
const GRID = '#e6e9ed';
const BLUE = '#22559c';
const AMBER = '#c7761b';
const FONT = 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif';
const CLASS_COLOURS = ['#b3362c', '#6b7f2a', '#6a4c93', '#d08a12', '#7a828c', '#2f6db0', '#1b8a7a', '#a14a76'];

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
async function renderSvg(spec: TopLevelSpec, label: string): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(compile({ ...spec, config: CONFIG }).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return svg.replace('<svg ', `<svg role="img" aria-label="${label}" `);
  } finally {
    view.finalize();
  }
}

/** Loss or accuracy over epochs, training and validation, with the best epoch marked. */
export function curveChart(
  history: readonly ReportEpoch[],
  kind: 'loss' | 'accuracy',
  bestEpoch: number | undefined,
): Promise<string> {
  const [train, validation] =
    kind === 'loss' ? (['trainLoss', 'validationLoss'] as const) : (['trainAccuracy', 'validationAccuracy'] as const);
  const values = history.flatMap((row) => [
    { epoch: row.epoch, side: 'training', value: row[train] ?? null },
    { epoch: row.epoch, side: 'validation', value: row[validation] ?? null },
  ]);
  const shown = values.filter(({ value }) => value !== null && Number.isFinite(value));
  const last = Math.max(2, ...history.map(({ epoch }) => epoch));
  const scale = kind === 'accuracy' ? { domain: [0, 1] } : { zero: true, nice: true };
  const spec: TopLevelSpec = {
    width: 380,
    height: 230,
    data: { values: shown },
    layer: [
      ...(bestEpoch === undefined
        ? []
        : [
            {
              data: { values: [{ epoch: bestEpoch, text: 'best' }] },
              layer: [
                {
                  mark: { type: 'rule' as const, color: '#9aa3ad', strokeDash: [4, 4] },
                  encoding: { x: { field: 'epoch', type: 'quantitative' as const } },
                },
                {
                  mark: {
                    type: 'text' as const,
                    color: MUTED,
                    align: 'right' as const,
                    dx: -5,
                    y: 222,
                    fontSize: 11,
                  },
                  encoding: {
                    x: { field: 'epoch', type: 'quantitative' as const },
                    text: { field: 'text', type: 'nominal' as const },
                  },
                },
              ],
            },
          ]),
      {
        mark: { type: 'line', strokeWidth: 2.2, point: history.length <= 30 ? { size: 28, filled: true } : false },
        encoding: {
          x: {
            field: 'epoch',
            type: 'quantitative',
            title: 'epoch',
            scale: { domain: [1, last], nice: false, zero: false },
            axis: { grid: false, tickMinStep: 1, format: 'd', tickCount: Math.min(10, last) },
          },
          y: {
            field: 'value',
            type: 'quantitative',
            title: kind,
            scale,
            axis: kind === 'accuracy' ? { format: '.0%', tickCount: 5 } : { tickCount: 5 },
          },
          color: {
            field: 'side',
            type: 'nominal',
            scale: { domain: ['training', 'validation'], range: [BLUE, AMBER] },
          },
        },
      },
    ],
  };
  return renderSvg(spec, `${kind} over epochs`);
}

/** The confusion matrix as a heat map: shade is the share of the true class, numbers are clips. */
export function confusionChart(confusion: Confusion, classes: readonly string[]): Promise<string> {
  const values = confusion.flatMap((row, i) => {
    const support = row.reduce((a, n) => a + n, 0);
    return row.map((count, j) => ({
      // The position is the sort order too: two classes of one name stay apart.
      truth: i,
      predicted: j,
      count,
      share: support === 0 ? 0 : count / support,
      percent: support === 0 || count === 0 ? '' : `${Math.round((100 * count) / support)}%`,
    }));
  });
  const names = `${JSON.stringify(classes)}[datum.value]`;
  const axis = { labelExpr: names, ticks: false, domain: false, labelColor: INK, labelPadding: 6 };
  const cell = Math.max(44, Math.min(70, Math.floor(500 / classes.length)));
  // Empty cells stay quiet.
  const textColour = {
    condition: [
      { test: 'datum.share > 0.55', value: 'white' },
      { test: 'datum.count === 0', value: '#aab2bb' },
    ],
    value: INK,
  };
  const faint = { condition: { test: 'datum.share > 0.55', value: '#e3ebf5' }, value: MUTED };
  const spec: TopLevelSpec = {
    width: { step: cell },
    height: { step: cell },
    data: { values },
    encoding: {
      x: {
        field: 'predicted',
        type: 'ordinal',
        title: 'predicted',
        axis: { ...axis, orient: 'top', labelAngle: classes.length > 8 ? -40 : 0 },
      },
      y: { field: 'truth', type: 'ordinal', title: 'true', axis },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: 2, cornerRadius: 3 },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ['#f3f5f8', '#9dbbe0', '#22559c'] },
            legend: null,
          },
        },
      },
      {
        mark: { type: 'text', fontSize: 14, fontWeight: 600, dy: -5 },
        encoding: { text: { field: 'count', type: 'quantitative' }, color: textColour },
      },
      {
        mark: { type: 'text', fontSize: 10, dy: 11 },
        encoding: { text: { field: 'percent', type: 'nominal' }, color: faint },
      },
    ],
  };
  return renderSvg(spec, 'confusion matrix');
}

/** The model's accuracy with its interval, beside the marks to beat. */
export function comparisonChart(
  model: { name: string; accuracy: number; low: number; high: number },
  baselines: readonly ReportBaseline[],
): Promise<string> {
  const rows = [{ name: model.name, accuracy: model.accuracy }, ...baselines];
  const values = rows.map(({ name, accuracy }, order) => ({
    order,
    accuracy,
    own: order === 0,
    text: `${(100 * accuracy).toFixed(1)}%`,
    // Right of the interval's end.
    labelAt: order === 0 ? Math.max(model.high, accuracy) : accuracy,
    name,
  }));
  const y = {
    field: 'order',
    type: 'ordinal' as const,
    title: null,
    axis: {
      labelExpr: `${JSON.stringify(values.map(({ name }) => name))}[datum.value]`,
      ticks: false,
      domain: false,
      labelColor: INK,
      labelFontSize: 13,
      labelLimit: 420,
      labelPadding: 8,
    },
  };
  const spec: TopLevelSpec = {
    width: 480,
    height: { step: 40 },
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 22, cornerRadiusEnd: 3 },
        encoding: {
          y,
          x: {
            field: 'accuracy',
            type: 'quantitative',
            title: 'accuracy on the test clips',
            scale: { domain: [0, 1] },
            axis: { format: '.0%', tickCount: 5 },
          },
          color: { condition: { test: 'datum.own', value: BLUE }, value: '#b9c3cf' },
        },
      },
      {
        data: { values: [{ order: 0, low: model.low, high: model.high }] },
        mark: { type: 'rule', strokeWidth: 2, color: INK },
        encoding: { y, x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 7, fontSize: 13, fontWeight: 600, color: INK, clip: false },
        encoding: {
          y,
          x: { field: 'labelAt', type: 'quantitative' },
          text: { field: 'text', type: 'nominal' },
        },
      },
    ],
  };
  return renderSvg(spec, 'accuracy beside baselines');
}

/** One-vs-rest ROC curves. */
export function rocChart(curves: readonly ReportRoc[]): Promise<string> {
  const labels = curves.map(({ name, auc }) => `${name} ${auc.toFixed(3)}`);
  const values = curves.flatMap(({ points }, curve) =>
    points.map(({ falsePositiveRate, truePositiveRate }, order) => ({
      label: labels[curve],
      order,
      falsePositiveRate,
      truePositiveRate,
    })),
  );
  const spec: TopLevelSpec = {
    width: 380,
    height: 300,
    layer: [
      {
        data: {
          values: [
            { x: 0, y: 0 },
            { x: 1, y: 1 },
          ],
        },
        mark: { type: 'line', color: '#b9c0c8', strokeDash: [4, 4], strokeWidth: 1 },
        encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
      },
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2, interpolate: 'linear' },
        encoding: {
          x: {
            field: 'falsePositiveRate',
            type: 'quantitative',
            title: 'false positive rate',
            axis: { format: '.0%', tickCount: 5 },
          },
          y: {
            field: 'truePositiveRate',
            type: 'quantitative',
            title: 'true positive rate',
            axis: { format: '.0%', tickCount: 5 },
          },
          order: { field: 'order', type: 'quantitative' },
          color: {
            field: 'label',
            type: 'nominal',
            scale: { domain: labels, range: CLASS_COLOURS },
            legend: { orient: 'right', title: 'area under the curve' },
          },
        },
      },
    ],
  };
  return renderSvg(spec, 'ROC curves');
}
