import type { TopLevelSpec } from 'vega-lite';
import type { ReliabilityBin } from '../../metrics/index.js';
import { AMBER, BLUE, MUTED, renderSvg } from './theme.js';

/** How often a confidence came true, over the confidences that occurred; below, how many clips had which. */
export function reliabilityChart(bins: readonly ReliabilityBin[]): Promise<string> {
  // A rectangle needs all four sides: bars over a range of numbers come out as lines.
  const values = bins.map((bin) => ({ ...bin, bottom: 0 }));
  const x = {
    field: 'low',
    type: 'quantitative' as const,
    title: null,
    scale: { domain: [0, 1] },
    axis: { format: '.0%', tickCount: 5 },
  };
  const diagonal = [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ];
  const spec: TopLevelSpec = {
    data: { values },
    spacing: 14,
    vconcat: [
      {
        width: 380,
        height: 240,
        layer: [
          {
            transform: [{ filter: 'datum.clips > 0' }],
            mark: { type: 'rect', color: BLUE, opacity: 0.85, stroke: 'white', strokeWidth: 1 },
            encoding: {
              x,
              x2: { field: 'high' },
              y: {
                field: 'accuracy',
                type: 'quantitative',
                title: 'share that is right',
                scale: { domain: [0, 1] },
                axis: { format: '.0%', tickCount: 5 },
              },
              y2: { field: 'bottom' },
            },
          },
          {
            data: { values: diagonal },
            mark: { type: 'line', color: '#8b95a0', strokeDash: [4, 4], strokeWidth: 1.2 },
            encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
          },
          {
            transform: [{ filter: 'datum.clips > 0' }],
            mark: { type: 'point', filled: true, size: 42, color: AMBER, opacity: 1 },
            encoding: {
              x: { field: 'confidence', type: 'quantitative' },
              y: { field: 'accuracy', type: 'quantitative' },
            },
          },
        ],
      },
      {
        width: 380,
        height: 56,
        mark: { type: 'rect', color: MUTED, opacity: 0.6, stroke: 'white', strokeWidth: 1 },
        encoding: {
          x: { ...x, title: 'confidence' },
          x2: { field: 'high' },
          y: {
            field: 'clips',
            type: 'quantitative',
            title: 'clips',
            scale: { zero: true },
            axis: { tickCount: 2, grid: false, tickMinStep: 1 },
          },
          y2: { field: 'bottom' },
        },
      },
    ],
  };
  return renderSvg(spec, 'reliability diagram');
}
