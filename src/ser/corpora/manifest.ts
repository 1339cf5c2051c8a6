/** CSV files in which people label clips of their own. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { describeFsError } from '../../io/index.js';
import { CorpusError } from './errors.js';
import { UNKNOWN_SPEAKER } from './folders.js';
import { canonicalLabel, className } from './fusion.js';
import { GENDERS, INTENSITIES, MANIFEST_SPLITS, type ClipLabel } from './types.js';

const REQUIRED = ['file', 'emotion'] as const;
const OPTIONAL = ['speaker', 'gender', 'age', 'corpus', 'intensity', 'statement', 'split'] as const;
type Column = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number];

/** A row: a file, what it is labelled, and where that is written (`mine.csv, line 3`). */
export interface ManifestRow {
  readonly file: string;
  readonly label: ClipLabel;
  readonly where: string;
}

/**
 * Reads a manifest: CSV (RFC 4180, UTF-8) whose first line names the columns `file` and `emotion` and, if known, `speaker`, `gender`, `age`,
 * `corpus`, `intensity`, `statement`, `split`. Paths are taken from the manifest's own folder. Without a corpus the manifest's name is it.
 * @throws CorpusError naming the line.
 */
export function readManifest(manifest: string): ManifestRow[] {
  const records = readRecords(manifest);
  const [header, ...rows] = records;
  if (!header) throw new CorpusError(`${manifest} is empty; expected a line of column names: file,emotion,speaker,….`);
  const columns = readHeader(header.record, `${manifest}, line ${header.line}`);
  const base = path.dirname(path.resolve(manifest));
  const corpus = path.basename(manifest).replace(/\.[^.]*$/, '');
  const seen = new Map<string, string>();
  return rows.map(({ record, line }) => {
    const where = `${manifest}, line ${line}`;
    if (record.length !== header.record.length) {
      throw new CorpusError(
        `${where}: ${record.length} values for ${header.record.length} columns; put quotes around a value with a comma in it.`,
      );
    }
    const value = (name: Column): string => record[columns.get(name) ?? -1] ?? '';
    if (value('file') === '') throw new CorpusError(`${where}: the file is missing.`);
    const file = path.resolve(base, value('file'));
    const before = seen.get(file);
    if (before !== undefined) throw new CorpusError(`${where}: ${value('file')} was named before, in ${before}.`);
    seen.set(file, `line ${line}`);
    return { file, where, label: readLabel(value, corpus, where) };
  });
}

function readLabel(value: (name: Column) => string, defaultCorpus: string, where: string): ClipLabel {
  if (value('emotion') === '') throw new CorpusError(`${where}: the emotion is missing.`);
  const corpus = value('corpus') || defaultCorpus;
  const speaker = value('speaker') || UNKNOWN_SPEAKER;
  const label: ClipLabel = {
    corpus,
    speaker: speaker.startsWith(`${corpus}/`) ? speaker : `${corpus}/${speaker}`,
    emotion: className(canonicalLabel(value('emotion')), where),
  };
  const gender = value('gender').toLowerCase();
  if (gender !== '')
    label.gender = oneOf(gender === 'f' ? 'female' : gender === 'm' ? 'male' : gender, GENDERS, 'gender', where);
  if (value('age') !== '') {
    const age = Number(value('age'));
    if (!(age > 0 && age < 130)) throw new CorpusError(`${where}: the age "${value('age')}" is no number of years.`);
    label.age = age;
  }
  if (value('intensity') !== '')
    label.intensity = oneOf(value('intensity').toLowerCase(), INTENSITIES, 'intensity', where);
  if (value('statement') !== '') label.statement = value('statement');
  if (value('split') !== '') label.split = oneOf(value('split').toLowerCase(), MANIFEST_SPLITS, 'split', where);
  return label;
}

function oneOf<T extends string>(value: string, choices: readonly T[], column: string, where: string): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    throw new CorpusError(
      `${where}: the ${column} "${value}" is not known; expected ${choices.join(', ')}, or nothing.`,
    );
  }
  return found;
}

function readHeader(names: readonly string[], where: string): Map<Column, number> {
  const known: readonly Column[] = [...REQUIRED, ...OPTIONAL];
  const columns = new Map<Column, number>();
  names.forEach((name, index) => {
    const column = known.find((each) => each === name.toLowerCase());
    if (column === undefined) return; // columns of the user's own are the user's own
    if (columns.has(column)) throw new CorpusError(`${where}: the column ${column} is there twice.`);
    columns.set(column, index);
  });
  for (const column of REQUIRED) {
    if (!columns.has(column)) {
      throw new CorpusError(
        `${where}: there is no column ${column}, only ${names.join(', ')}; the columns are ${REQUIRED.join(', ')} and, if known, ${OPTIONAL.join(', ')}.`,
      );
    }
  }
  return columns;
}

/** Rows with the lines that they begin on; empty lines and the byte-order mark of spreadsheets are passed over. */
function readRecords(manifest: string): { record: string[]; line: number }[] {
  let text: string;
  try {
    text = readFileSync(manifest, 'utf8');
  } catch (error) {
    throw new CorpusError(`Cannot read the manifest ${manifest}: ${describeFsError(error)}.`, { cause: error });
  }
  // Spreadsheets write ; where the comma is the decimal mark.
  const firstLine = text.slice(0, text.search(/\r|\n|$/));
  const delimiter = [',', ';', '\t'].find((mark) => firstLine.includes(mark)) ?? ',';
  try {
    const options = { bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true, trim: true };
    // The package's types do not know what `info` adds.
    const rows = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[];
    return rows.map(({ record, info }) => ({ record, line: info.lines - record.join('').split('\n').length + 1 }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as unknown as { lines?: number };
    throw new CorpusError(
      `${manifest}${lines === undefined ? '' : `, line ${lines}`}: no valid CSV: ${error.message}.`,
      {
        cause: error,
      },
    );
  }
}
