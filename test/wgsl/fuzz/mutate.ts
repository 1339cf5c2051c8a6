/** Damages WGSL text as people do: a word too many, too few or in the wrong place. Most results are wrong, some are not. */
import type { Random } from './random.js';

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_]\w*|0[xX][\da-fA-F]+[iu]?|\d*\.?\d+(?:[eE][+-]?\d+)?[iufh]?|<<=|>>=|[-+*/%&|^<>=!]=|&&|\|\||<<|>>|->|\+\+|--|\s+|[^\s\w]/g;

const WORDS = [
  ...['i32', 'u32', 'f32', 'bool', 'vec2<f32>', 'vec4<u32>', 'vec3<i32>', 'array<f32, 3>', 'atomic<u32>'],
  ...[
    'let',
    'var',
    'const',
    'return',
    'break',
    'continue',
    'if',
    'else',
    'for',
    'while',
    'loop',
    'switch',
    'default',
    'continuing',
    'discard',
  ],
  ...[
    '0',
    '1',
    '-1',
    '0u',
    '3u',
    '1.0',
    '2.5f',
    '1e40',
    '4294967295u',
    '4294967296u',
    '0x80000000',
    '2147483648',
    'true',
    'false',
  ],
  ...['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '==', '<', '&&', '||', '!', '~', '=', '+=', '++', '->'],
  ...['(', ')', '{', '}', '[', ']', ';', ',', ':', '.', '@', '<', '>', '.x', '.xyz', '.w', '[5]', '[0]'],
  ...[
    'min',
    'select',
    'bitcast<f32>',
    'abs',
    'dot',
    'workgroupBarrier()',
    'p',
    'lindex',
    'gid',
    'at',
    'unknown',
    '_',
    'ptr<function, f32>',
  ],
];
const OPERATOR = /^(?:[-+*/%&|^<>=!]=?|&&|\|\||<<|>>)$/;
const NAME = /^[A-Za-z_]/;
const NUMBER = /^\d|^\.\d/;

export function mutate(code: string, random: Random): string {
  const tokens = code.match(TOKEN) ?? [];
  const solid = tokens.flatMap((t, i) => (/^\s|^\/[/*]/.test(t) ? [] : [i]));
  for (let n = random.pick([1, 1, 1, 2, 3]); n > 0; n--) {
    const i = random.pick(solid);
    switch (random.below(9)) {
      case 0:
        tokens[i] = '';
        break;
      case 1:
        tokens[i] = `${tokens[i]} ${tokens[i]}`;
        break;
      case 2:
        tokens[i] = random.pick(WORDS);
        break;
      case 3:
        tokens[i] = `${tokens[i]} ${random.pick(WORDS)}`;
        break;
      case 4:
        swap(tokens, i, random.pick(solid));
        break;
      case 5:
        swap(tokens, i, likeIt(tokens, solid, i, NAME, random));
        break;
      case 6:
        replaceLike(tokens, solid, NAME, random);
        break;
      case 7:
        replaceLike(tokens, solid, OPERATOR, random);
        break;
      default:
        replaceLike(tokens, solid, NUMBER, random);
    }
  }
  return tokens.join('');
}

function swap(tokens: string[], i: number, j: number): void {
  [tokens[i], tokens[j]] = [tokens[j], tokens[i]];
}

function likeIt(tokens: readonly string[], solid: readonly number[], i: number, kind: RegExp, random: Random): number {
  const found = solid.filter((j) => kind.test(tokens[j]));
  return found.length === 0 ? i : random.pick(found);
}

/** Puts one token of a kind in place of another: what results is often right, but means something else. */
function replaceLike(tokens: string[], solid: readonly number[], kind: RegExp, random: Random): void {
  const found = solid.filter((i) => kind.test(tokens[i]));
  if (found.length > 0) tokens[random.pick(found)] = tokens[random.pick(found)];
}
