/** The paper's Figures 2 to 5 for the corpora that are there: what is in them, what fusion makes of it, who speaks, how long. */
import path from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { writeFileAtomic } from '../../io/index.js';
import { BLUE, CLASS_COLOURS, INK, renderSvg } from '../report/charts/theme.js';
import { orderClasses } from './fusion.js';
import { compareText } from './order.js';
import type { Clip, CorpusScan } from './types.js';

const BASE = { background: 'white', padding: 12 } as const;
const GENDER_COLOURS = { female: '#a14a76', male: '#2f6db0', unknown: '#b9c3cf' } as const;

/** Writes the four figures as SVG. @returns their paths; @throws FileAccessError */
export async function writeFigures(scan: CorpusScan, folder: string): Promise<string[]> {
  const figures: [name: string, spec: TopLevelSpec, label: string][] = [
    ['figure-2-labels-by-corpus', labelsByCorpus(scan), 'clips of each emotion, by corpus, before fusion'],
    ['figure-3-classes-after-fusion', classesAfterFusion(scan), 'clips of each class after fusion'],
    ['figure-4-speakers', speakers(scan), 'speakers by corpus and gender'],
    ['figure-5-durations', durations(scan), 'length of clips'],
  ];
  const written: string[] = [];
  for (const [name, spec, label] of figures) {
    const file = path.join(folder, `${name}.svg`);
    writeFileAtomic(file, await renderSvg(spec, label));
    written.push(file);
  }
  return written;
}

const title = (text: string): TopLevelSpec['title'] => ({
  text,
  color: INK,
  fontSize: 14,
  anchor: 'start',
  offset: 10,
});

const corporaOf = (clips: readonly Clip[]): string[] =>
  [...new Set(clips.map((clip) => clip.corpus))].sort(compareText);

/** Rows of one number for each pair that occurs. */
function counted(
  clips: readonly Clip[],
  keyOf: (clip: Clip) => string,
): { corpus: string; key: string; clips: number }[] {
  return corporaOf(clips).flatMap((corpus) => {
    const own = clips.filter((clip) => clip.corpus === corpus);
    const keys = orderClasses(own.map(keyOf));
    return keys.map((key) => ({ corpus, key, clips: own.filter((clip) => keyOf(clip) === key).length }));
  });
}

/** Figure 2: every corpus' own labels, those that fusion leaves out among them. */
function labelsByCorpus({ clips, leftOut }: CorpusScan): TopLevelSpec {
  const all = [...clips, ...leftOut];
  const rows = counted(all, (clip) => clip.label);
  return {
    ...BASE,
    title: title('Clips of each emotion, as labelled'),
    columns: 2,
    concat: corporaOf(all).map((corpus) => {
      const own = rows.filter((row) => row.corpus === corpus);
      const y = {
        field: 'key',
        type: 'nominal' as const,
        sort: own.map(({ key }) => key),
        title: null,
        axis: { ticks: false, domain: false, labelColor: INK },
      };
      return {
        title: { text: corpus, color: INK, fontSize: 13, anchor: 'middle' as const },
        data: { values: own },
        width: 300,
        height: { step: 22 },
        layer: [
          {
            mark: { type: 'bar' as const, height: 15, cornerRadiusEnd: 2, color: BLUE },
            encoding: {
              y,
              x: { field: 'clips', type: 'quantitative' as const, title: 'clips', axis: { tickCount: 4 } },
            },
          },
          {
            mark: { type: 'text' as const, align: 'left' as const, dx: 4, color: INK },
            encoding: {
              y,
              x: { field: 'clips', type: 'quantitative' as const },
              text: { field: 'clips', type: 'quantitative' as const, format: ',' },
            },
          },
        ],
      };
    }),
  };
}

/** Figure 3: classes, each bar made of the corpora. */
function classesAfterFusion({ clips, classes }: CorpusScan): TopLevelSpec {
  const x = {
    field: 'key',
    type: 'nominal' as const,
    sort: classes,
    title: null,
    axis: { labelAngle: 0, ticks: false },
  };
  const totals = classes.map((key) => ({ key, clips: clips.filter((clip) => clip.emotion === key).length }));
  return {
    ...BASE,
    title: title('Clips of each class after fusion'),
    width: { step: 76 },
    height: 280,
    layer: [
      {
        data: { values: counted(clips, (clip) => clip.emotion) },
        mark: { type: 'bar', width: 46 },
        encoding: {
          x,
          y: {
            field: 'clips',
            type: 'quantitative',
            title: 'clips',
            axis: { tickCount: 6 },
            // Room for the numbers above the bars.
            scale: { domain: [0, 1.1 * Math.max(...totals.map(({ clips: n }) => n))], nice: false },
          },
          color: {
            field: 'corpus',
            type: 'nominal',
            scale: { domain: corporaOf(clips), range: CLASS_COLOURS.slice().reverse() },
          },
        },
      },
      {
        data: { values: totals },
        mark: { type: 'text', dy: -8, color: INK, fontWeight: 600 },
        encoding: {
          x,
          y: { field: 'clips', type: 'quantitative' },
          text: { field: 'clips', type: 'quantitative', format: ',' },
        },
      },
    ],
  };
}

/** Figure 4: who speaks. */
function speakers({ clips }: CorpusScan): TopLevelSpec {
  const one = [...new Map(clips.map((clip) => [clip.speaker, clip])).values()];
  const genders = (['female', 'male', 'unknown'] as const).filter((key) =>
    one.some((clip) => (clip.gender ?? 'unknown') === key),
  );
  return {
    ...BASE,
    title: title('Speakers'),
    width: 420,
    height: { step: 34 },
    data: {
      values: counted(one, (clip) => clip.gender ?? 'unknown').map(({ clips: n, ...rest }) => ({
        ...rest,
        speakers: n,
      })),
    },
    mark: { type: 'bar', height: 20 },
    encoding: {
      y: { field: 'corpus', type: 'nominal', title: null, axis: { ticks: false, domain: false, labelColor: INK } },
      x: { field: 'speakers', type: 'quantitative', title: 'speakers', axis: { tickMinStep: 1 } },
      color: {
        field: 'key',
        type: 'nominal',
        scale: { domain: genders, range: genders.map((key) => GENDER_COLOURS[key]) },
      },
    },
  };
}

/** Figure 5: how long the clips are, in steps of a quarter of a second. */
function durations({ clips }: CorpusScan): TopLevelSpec {
  const step = 0.25;
  const longest = clips.reduce((most, { seconds }) => Math.max(most, seconds), 1);
  const every = longest > 12 ? Math.ceil(longest / 12) : 0.5;
  const ticks = Array.from({ length: Math.ceil(longest / every) + 1 }, (_, i) => i * every);
  const rows = counted(clips, (clip) => (Math.floor(clip.seconds / step) * step).toFixed(2));
  return {
    ...BASE,
    title: title('Length of clips'),
    width: 560,
    height: 260,
    data: {
      values: rows.map(({ corpus, key, clips: n }) => ({
        corpus,
        from: Number(key),
        to: Number(key) + step,
        clips: n,
      })),
    },
    mark: { type: 'bar', binSpacing: 1 },
    encoding: {
      x: {
        field: 'from',
        type: 'quantitative',
        bin: { binned: true, step },
        title: 'seconds',
        axis: { values: ticks, format: '~g' },
      },
      x2: { field: 'to' },
      y: { field: 'clips', type: 'quantitative', title: 'clips', stack: true },
      color: {
        field: 'corpus',
        type: 'nominal',
        scale: { domain: corporaOf(clips), range: CLASS_COLOURS.slice().reverse() },
      },
    },
  };
}
