import type { TopLevelSpec } from 'vega-lite';
import type { ReportEpoch } from '../types.js';
import { AMBER, BLUE, MUTED, renderSvg } from './theme.js';

/** What is drawn over epochs: its fields for training and validation, and how its axis is written. */
const CURVES = {
  loss: { training: 'trainLoss', validation: 'validationLoss', fraction: false },
  accuracy: { training: 'trainAccuracy', validation: 'validationAccuracy', fraction: true },
  'unweighted average recall': { training: undefined, validation: 'validationUar', fraction: true },
  'learning rate': { training: 'learningRate', validation: undefined, fraction: false },
} as const satisfies Record<
  string,
  { training?: keyof ReportEpoch; validation?: keyof ReportEpoch; fraction: boolean }
>;

export type CurveKind = keyof typeof CURVES;
export const CURVE_KINDS = Object.keys(CURVES) as CurveKind[];

interface Point {
  readonly epoch: number;
  readonly side: 'training' | 'validation';
  readonly value: number;
}

/** The finite values of a curve, by epoch and side. */
function pointsOf(history: readonly ReportEpoch[], kind: CurveKind): Point[] {
  const fields = CURVES[kind];
  return (['training', 'validation'] as const).flatMap((side) =>
    history.flatMap((row) => {
      const field = fields[side];
      const value = field === undefined ? undefined : row[field];
      return value !== undefined && Number.isFinite(value) ? [{ epoch: row.epoch, side, value }] : [];
    }),
  );
}

/** Something over epochs, training and validation, with the best epoch marked; empty where the history has nothing of it. */
export async function curveChart(
  history: readonly ReportEpoch[],
  kind: CurveKind,
  bestEpoch: number | undefined,
): Promise<string> {
  const values = pointsOf(history, kind);
  if (values.length === 0) return '';
  const sides = (['training', 'validation'] as const).filter((side) => values.some((point) => point.side === side));
  const last = Math.max(2, ...history.map(({ epoch }) => epoch));
  const { fraction } = CURVES[kind];
  const rate = kind === 'learning rate';
  const epochAxis = {
    field: 'epoch',
    type: 'quantitative' as const,
    title: 'epoch',
    scale: { domain: [1, last], nice: false, zero: false },
    axis: { grid: false, tickMinStep: 1, format: 'd', tickCount: Math.min(10, last) },
  };
  // On the side that has room: the label must not leave the picture.
  const early = bestEpoch !== undefined && (bestEpoch - 1) / (last - 1) < 0.15;
  const best: TopLevelSpec = {
    data: { values: [{ epoch: bestEpoch ?? 0, text: 'best' }] },
    layer: [
      { mark: { type: 'rule', color: '#9aa3ad', strokeDash: [4, 4] }, encoding: { x: epochAxis } },
      {
        mark: {
          type: 'text',
          color: MUTED,
          align: early ? 'left' : 'right',
          dx: early ? 5 : -5,
          y: rate ? 10 : 202,
          fontSize: 11,
        },
        encoding: { x: epochAxis, text: { field: 'text', type: 'nominal' } },
      },
    ],
  };
  const spec: TopLevelSpec = {
    width: 380,
    height: 210,
    data: { values },
    layer: [
      ...(bestEpoch === undefined ? [] : [best]),
      {
        mark: { type: 'line', strokeWidth: 2.2, point: history.length <= 30 ? { size: 28, filled: true } : false },
        encoding: {
          x: epochAxis,
          y: {
            field: 'value',
            type: 'quantitative',
            title: kind,
            scale: fraction ? { domain: [0, 1] } : { zero: true, nice: true },
            axis: fraction ? { format: '.0%', tickCount: 5 } : { tickCount: 5, ...(rate ? { format: '.1~e' } : {}) },
          },
          color: {
            field: 'side',
            type: 'nominal',
            scale: { domain: sides, range: sides.map((side) => (side === 'training' ? BLUE : AMBER)) },
            ...(rate ? { legend: null } : {}),
          },
        },
      },
    ],
  };
  return renderSvg(spec, `${kind} over epochs`);
}
