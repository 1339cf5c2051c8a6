/** From the labels of corpora to the classes of a model. */
import { readFileSync } from 'node:fs';
import { describeFsError } from '../../io/files.js';
import { CorpusError } from './errors.js';
import { compareText } from './order.js';
import { EMOTIONS } from './types.js';

/** Labels that a known corpus has beside the seven classes: left out unless a map says otherwise. */
const BESIDE = ['calm', 'boredom'] as const;

/** In a map, the class of a label that is to be left out. */
export const LEFT_OUT = '-';

/** Other forms of the same words, in lower case and without separators. */
const SAME: Readonly<Record<string, string>> = {
  anger: 'angry',
  disgusted: 'disgust',
  fearful: 'fear',
  happiness: 'happy',
  sadness: 'sad',
  ps: 'surprise',
  pleasantsurprise: 'surprise',
  pleasantsurprised: 'surprise',
  surprised: 'surprise',
  bored: 'boredom',
};

/** A label in our spelling: lower case, and the corpora's own word where it is another form of it (`Anger` → `angry`). */
export function canonicalLabel(name: string): string {
  const lower = name.trim().toLowerCase();
  const plain = lower.replace(/[\s_-]/g, '');
  return SAME[plain] ?? (isKnownLabel(plain) ? plain : lower);
}

/** True for the seven classes, calm and boredom. */
export function isKnownLabel(label: string): boolean {
  return [...EMOTIONS, ...BESIDE].some((known) => known === label);
}

/** Classes in the order of every table and probability vector: the seven, calm, then the others by name. */
export function orderClasses(found: Iterable<string>): string[] {
  const fixed: readonly string[] = [...EMOTIONS, 'calm'];
  const rank = (name: string): number => (fixed.includes(name) ? fixed.indexOf(name) : fixed.length);
  return [...new Set(found)].sort((a, b) => rank(a) - rank(b) || compareText(a, b));
}

/**
 * The class of each label: by the map where it names the label; else `calm` and `boredom` have none, and any other label is its own.
 * @returns a function that gives null for a label that is left out.
 * @throws CorpusError if the map is no map, or keepCalm contradicts it.
 */
export function makeFusion(settings: {
  readonly keepCalm?: boolean;
  readonly map?: Readonly<Record<string, string>>;
}): (label: string) => string | null {
  const map = new Map<string, string | null>(BESIDE.map((label) => [label, null]));
  for (const [label, name] of Object.entries(checkMap(settings.map ?? {}, 'the map'))) {
    map.set(label, name === LEFT_OUT ? null : name);
  }
  if (settings.keepCalm) {
    const mapped = settings.map && 'calm' in settings.map ? settings.map.calm : 'calm';
    if (mapped !== 'calm') {
      throw new CorpusError(`Calm is to be kept and also to become "${mapped}"; give either --keep-calm or calm=….`);
    }
    map.set('calm', 'calm');
  }
  return (label) => {
    const name = map.get(label);
    return name === undefined ? label : name;
  };
}

/**
 * Reads a map as the command line gives it: `calm=neutral,boredom=-`, or the path of a JSON file with `{"calm": "neutral"}`.
 * @throws CorpusError naming the part that is wrong.
 */
export function readMap(text: string): Record<string, string> {
  if (/\.json$/i.test(text.trim())) return readMapFile(text.trim());
  const map: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [label, name, ...more] = part.split('=');
    if (name === undefined || more.length > 0 || label.trim() === '' || name.trim() === '') {
      throw new CorpusError(`"${part.trim()}" is no label=class; expected a map as calm=neutral,boredom=-.`);
    }
    if (canonicalLabel(label) in map) throw new CorpusError(`The map names ${label.trim()} twice; name it once.`);
    map[canonicalLabel(label)] = name;
  }
  return checkMap(map, 'the map');
}

function readMapFile(file: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CorpusError(`Cannot read the map ${file}: ${describeFsError(error)}.`, { cause: error });
  }
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch (error) {
    throw new CorpusError(`${file} is no JSON (${(error as Error).message}); expected {"calm": "neutral", …}.`, {
      cause: error,
    });
  }
  return checkMap(map, file);
}

/** Labels and classes in our spelling. */
function checkMap(map: unknown, where: string): Record<string, string> {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new CorpusError(`${where} is no map; expected {"calm": "neutral", …}.`);
  }
  return Object.fromEntries(
    Object.entries(map).map(([label, name]: [string, unknown]) => {
      if (typeof name !== 'string' || name.trim() === '') {
        throw new CorpusError(
          `${where} maps ${label} to ${JSON.stringify(name)}; expected the name of a class, or "-".`,
        );
      }
      return [canonicalLabel(label), name.trim() === LEFT_OUT ? LEFT_OUT : className(name, where)];
    }),
  );
}

/**
 * A class name as reports, tables and model files can carry it: lower case; no commas, `=` or control characters.
 * @throws CorpusError
 */
export function className(name: string, where: string): string {
  const clean = name.trim().toLowerCase();
  // eslint-disable-next-line no-control-regex
  if (clean === '' || clean === LEFT_OUT || clean.length > 40 || /[,=\u0000-\u001f]/.test(clean)) {
    throw new CorpusError(
      `${where}: ${JSON.stringify(name)} cannot be the name of a class; use letters, digits and _, up to 40.`,
    );
  }
  return clean;
}
