import type { TopLevelSpec } from 'vega-lite';
import type { Confusion } from '../../metrics/index.js';
import { INK, MUTED, renderSvg } from './theme.js';

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
