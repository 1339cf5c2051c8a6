import type { TopLevelSpec } from 'vega-lite';
import type { ReportRoc } from '../types.js';
import { CLASS_COLOURS, renderSvg } from './theme.js';

/** The points where the curve bends: a long curve is mostly straight steps. */
function bends(points: ReportRoc['points']): ReportRoc['points'] {
  return points.filter((point, i) => {
    if (i === 0 || i === points.length - 1) return true;
    const [before, after] = [points[i - 1], points[i + 1]];
    const turn =
      (point.falsePositiveRate - before.falsePositiveRate) * (after.truePositiveRate - point.truePositiveRate) -
      (after.falsePositiveRate - point.falsePositiveRate) * (point.truePositiveRate - before.truePositiveRate);
    return Math.abs(turn) > 1e-12;
  });
}

/** One-vs-rest ROC curves. */
export function rocChart(curves: readonly ReportRoc[]): Promise<string> {
  const labels = curves.map(({ name, auc }) => `${name} ${auc.toFixed(3)}`);
  const values = curves.flatMap(({ points }, curve) =>
    bends(points).map(({ falsePositiveRate, truePositiveRate }, order) => ({
      label: labels[curve],
      order,
      falsePositiveRate,
      truePositiveRate,
    })),
  );
  const spec: TopLevelSpec = {
    width: 380,
    height: 330,
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
            // In the corner that a curve better than chance leaves empty.
            legend: { orient: 'bottom-right', title: 'area under the curve', titleFontWeight: 500, offset: 10 },
          },
        },
      },
    ],
  };
  return renderSvg(spec, 'ROC curves');
}
