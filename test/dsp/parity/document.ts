/** docs/librosa-parity.md: what the grid's cases came to. */
import { BOUNDS, FLOOR_DB, type Bounded, type Deviation } from './measure.js';

export interface Row {
  readonly op: Bounded;
  readonly signal: string;
  readonly label: string;
  readonly real: boolean;
  readonly ours: Deviation;
  /** librosa's own, for float32 samples. */
  readonly float32?: Deviation;
  /** librosa's with a float32 transform. */
  readonly transform32?: Deviation;
}

const HEADINGS: Readonly<Record<Bounded, string>> = {
  stft: 'stft: magnitude',
  melspectrogram: 'melspectrogram',
  log_mel: 'power_to_db of melspectrogram',
  power_to_db: 'power_to_db of given powers',
  amplitude_to_db: 'amplitude_to_db of given amplitudes',
  mfcc: 'mfcc',
  mfcc_delta: 'delta of mfcc',
  delta: 'delta of given features',
  rms: 'rms',
  zcr: 'zero_crossing_rate',
  frames: 'frameFeatures: 13 MFCC, 128 mel bands in dB, ZCR, RMS in one program',
  resample: 'resample, against scipy.signal.resample_poly',
};
const SECTIONS = Object.keys(HEADINGS) as Bounded[];

const number = (value: number | undefined): string =>
  value === undefined ? '' : value === 0 ? '0' : value.toExponential(1);
const share = (value: number | undefined): string =>
  value === undefined ? '' : value === 0 ? '0' : value < 0.001 ? '< 0.001' : value.toFixed(3);
const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The largest of the figures that there are. */
function worst(rows: readonly Row[], of: (row: Row) => number | undefined): number | undefined {
  return rows.reduce<number | undefined>((most, row) => {
    const value = of(row);
    return value === undefined ? most : Math.max(most ?? 0, value);
  }, undefined);
}

function summary(rows: readonly Row[]): string {
  const lines = SECTIONS.map((op) => {
    const own = rows.filter((row) => row.op === op);
    return [
      HEADINGS[op],
      String(own.length),
      number(worst(own, (r) => r.ours.absolute)),
      number(worst(own, (r) => r.ours.relative)),
      BOUNDS[op],
      share(worst(own, (r) => r.ours.share)),
      share(worst(own, (r) => r.float32?.share)),
      share(worst(own, (r) => r.transform32?.share)),
    ];
  });
  return table(
    ['function', 'sets', 'absolute', 'relative', 'bound', 'share of the bound', 'librosa float32', 'float32 transform'],
    lines,
  );
}

function section(op: Bounded, rows: readonly Row[]): string {
  const own = rows.filter((row) => row.op === op);
  const columns: [string, (row: Row) => string][] = [
    ['signal', (r) => r.signal],
    ['parameters', (r) => r.label],
    ['absolute', (r) => number(r.ours.absolute)],
    ['relative', (r) => number(r.ours.relative)],
    ['share', (r) => share(r.ours.share)],
  ];
  if (own.some((r) => r.float32)) columns.push(['librosa float32', (r) => number(r.float32?.absolute)]);
  if (own.some((r) => r.transform32)) columns.push(['float32 transform', (r) => number(r.transform32?.absolute)]);
  const lines = own.map((row) => columns.map(([, cell]) => cell(row)));
  return `## ${HEADINGS[op]}\n\nBound: ${BOUNDS[op]}.\n\n${table(
    columns.map(([name]) => name),
    lines,
  )}`;
}

/** Where the first band that is off by more than 1e-3 dB lies below its maximum. */
function firstOff(rows: readonly Row[], of: (row: Row) => Deviation | undefined): string {
  const depth = rows.reduce((least, row) => Math.min(least, of(row)?.depth ?? Infinity), Infinity);
  return depth === Infinity ? 'nowhere' : `${depth.toFixed(1)} dB below the maximum`;
}

function notes(rows: readonly Row[]): string {
  const bands = rows.filter((row) => row.op === 'log_mel');
  const speech = bands.filter((row) => row.real);
  const cepstra = rows.filter((row) => row.op === 'mfcc');
  return `## Notes

- **Full scale** is Σ|window|: the largest magnitude that samples within ±1 can have.
- **The floor of decibels.** A float32 transform rounds by about 2⁻²⁴ of a frame's loudest band in all bands, and in amplitude 1e-3 dB are 1.2e-4 of a band; so the quietest bands
  cannot keep to it. The first band off by more than 1e-3 dB lies ${firstOff(bands, (r) => r.ours)} for ours, ${firstOff(bands, (r) => r.transform32)} for
  pocketfft in float32, and ${firstOff(bands, (r) => r.float32)} for librosa as it is, which multiplies by a float64 window and so transforms in float64. The bound is therefore 1e-3 dB down to ${FLOOR_DB.toFixed(1)} dB
  below the maximum, where they are 2⁻²⁴ of the loudest band's amplitude; deeper bands may be off by that. Multiplying by the window in float64 and rounding once does not help (SciPy's largest error within 80 dB
  stays 2.2e-3 dB, tried on 72 sets): the rounding inside the transform is what counts, and ours is as small as SciPy's (‖a − b‖ / ‖b‖ 1.1e-7 to 1.2e-7 for 400 to 2048 points, SciPy 1.0e-7 to 1.2e-7). On real speech with librosa's default top_db = 80 the largest error of any band is ${number(worst(speech, (r) => r.ours.absolute))} dB (no pre-emphasis).
- **Pre-emphasis** takes the low frequencies away that a frame's rounding comes from, so quiet low bands lie deeper: *frameFeatures* comes closest to its bound there, and librosa in float32 throughout goes past it.
  Ours is x[n] − x[n − 1] + (1 − coef) · x[n − 1], which rounds 3 to 6 times less than x[n] − coef · x[n − 1] on speech.
- **Magnitudes in mel bands** (power = 1): 1e-9 of the largest power is for powers; a magnitude can be no better than float32's rounding of the loudest, 2⁻²⁴.
- **MFCC**: a frame's mean goes through the cosine transform by itself, so that partial sums stay small. Before that the largest share was 1.5; it is now ${share(worst(cepstra, (r) => r.ours.share))}
  (librosa's own in float32: ${share(worst(cepstra, (r) => r.float32?.share))}, from SciPy's plain type I). Without \`ortho\` the coefficients are √(2·n_mels) times as large, a lifter scales them by up to 1 + lifter / 2: the scale in the bound.
- **Relative** errors are largest where values pass through 0, as decibels and cepstra do.
- librosa.stft refuses pad_mode = wrap; rms takes it, and is compared with it.
- Real clips are at their own rates, mixed to mono; their samples are not in this repository, only librosa's numbers and the files' SHA-256.`;
}

export function document(rows: readonly Row[], adapter: string): string {
  return `# Parity with librosa

Written by \`FORMANT_WRITE_DOCS=1 FORMANT_CORPORA=<folder of RAVDESS/, TESS/ and originals/> npx vitest run test/dsp/parity.test.ts --project wasm\`; measured on ${adapter}.

${rows.length} sets of parameters, signals and clips. The truth is librosa 0.11 in float64 (tools/reference/librosa_grid.py). *Absolute* is the largest |a − b|; *relative* the largest |a − b| / |b| among
values of at least 1e-3 of the largest one (powers: 1e-6); *share* the largest part of its bound that an element takes: above 1 the test fails. Beside ours stand librosa's own
deviation for float32 samples (*librosa float32*) and that with a float32 window too, which makes SciPy's pocketfft transform in float32 as we do (*float32 transform*); in the summary as shares, below as
absolute errors. Of large outputs some 500 elements are compared, half of them where the float32 transform is farthest off, half anywhere; the rest through the norm (1e-5).

${summary(rows)}

${notes(rows)}

${SECTIONS.map((op) => section(op, rows)).join('\n\n')}
`;
}
