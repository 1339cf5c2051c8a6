import type { TopLevelSpec } from 'vega-lite';
import { AMBER, BLUE, INK, renderSvg } from './theme.js';

/** A bar of the comparison. */
export interface Bar {
  readonly name: string;
  readonly accuracy: number;
  /** `own` has the interval; `paper` was tested in another way. */
  readonly kind: 'own' | 'run' | 'mark' | 'paper';
}

const FILL = { own: BLUE, run: '#6f97c9', mark: '#b9c3cf', paper: AMBER } as const;

/** The model's accuracy with its interval, beside the marks to beat. */
export function comparisonChart(bars: readonly Bar[], interval: { low: number; high: number }): Promise<string> {
  const values = bars.map(({ name, accuracy, kind }, order) => ({
    order,
    accuracy,
    fill: FILL[kind],
    text: `${(100 * accuracy).toFixed(1)}%`,
    // Right of the interval's end.
    labelAt: kind === 'own' ? Math.max(interval.high, accuracy) : accuracy,
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
    width: 460,
    height: { step: 36 },
    // Room for the figure beside a bar that fills the width.
    padding: { left: 4, top: 4, bottom: 4, right: 56 },
    autosize: { type: 'pad' },
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 20, cornerRadiusEnd: 3 },
        encoding: {
          y,
          x: {
            field: 'accuracy',
            type: 'quantitative',
            title: 'accuracy',
            scale: { domain: [0, 1] },
            axis: { format: '.0%', tickCount: 5 },
          },
          color: { field: 'fill', type: 'nominal', scale: null },
        },
      },
      {
        data: { values: bars.flatMap(({ kind }, order) => (kind === 'own' ? [{ order, ...interval }] : [])) },
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
  return renderSvg(spec, 'accuracy beside others');
}
