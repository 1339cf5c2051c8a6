/**
 * Cuts WGSL text into tokens. It also finds out which `<` and `>` enclose template arguments (`vec4<f32>`) and which compare, by the rule of
 * WGSL's specification ("Template lists", 3.9), which looks at the text alone.
 */
import { fail } from './check/fault.js';
import { WORDS } from './words.js';

export type TokenKind = 'name' | 'number' | 'symbol' | 'end';

/** The tokens as columns of a table. Keywords are symbols. The last token is of kind 'end'. */
export interface Tokens {
  readonly kinds: readonly TokenKind[];
  readonly texts: readonly string[];
  readonly lines: readonly number[];
  readonly columns: readonly number[];
}

/** Texts of the tokens `<` and `>` that enclose template arguments. */
export const TEMPLATE_OPEN = 'template <';
export const TEMPLATE_CLOSE = 'template >';

/** Symbols of several characters by their beginnings: what `symbol` tries to lengthen. */
const SYMBOLS = new Set(
  '( ) [ ] { } ; , . : @ ~ + ++ += - -- -= -> * *= / /= % %= & && &= | || |= ^ ^= ! != = == < <= << <<= > >= >> >>='.split(
    ' ',
  ),
);
/** Symbols of one character that no other begins with, by code. */
const SINGLE: (string | undefined)[] = [];
for (const c of '()[]{};,.:@~') SINGLE[c.charCodeAt(0)] = c;
/** What can follow in an operator: `=`, or the character again, or the `>` of `->`. */
const LENGTHENS = new Uint8Array(128);
for (const c of '=+-&|<>') LENGTHENS[c.charCodeAt(0)] = 1;

const LETTER = 1;
const DIGIT = 2;
const BLANK = 4;
const CLASSES = new Uint8Array(128);
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_') CLASSES[c.charCodeAt(0)] = LETTER;
for (const c of '0123456789') CLASSES[c.charCodeAt(0)] = DIGIT;
for (const c of ' \t\n\v\f\r') CLASSES[c.charCodeAt(0)] = BLANK;

const isBlankAbove = (c: number): boolean => c === 0x85 || c === 0x200e || c === 0x200f || c === 0x2028 || c === 0x2029;
const endsLine = (c: number): boolean => (c >= 10 && c <= 13) || c === 0x85 || c === 0x2028 || c === 0x2029;

export function lex(code: string): Tokens {
  return new Lexer(code).run();
}

class Lexer {
  private readonly kinds: TokenKind[] = [];
  private readonly texts: string[] = [];
  private readonly lines: number[] = [];
  private readonly columns: number[] = [];
  private position = 0;
  private line = 1;
  private lineStart = 0;
  /** `<` that may open template arguments: numbers of their tokens, and how deep in brackets they stand. */
  private readonly candidates: number[] = [];
  private readonly candidateDepths: number[] = [];
  private depth = 0;

  constructor(private readonly code: string) {}

  run(): Tokens {
    const { code } = this;
    for (;;) {
      this.skipBlanks();
      if (this.position >= code.length) break;
      const c = code.charCodeAt(this.position);
      const kind = c < 128 ? CLASSES[c] : LETTER;
      if (kind === LETTER) this.word();
      else if (kind === DIGIT || (c === 46 && CLASSES[code.charCodeAt(this.position + 1)] === DIGIT)) this.number();
      else this.symbol();
    }
    this.push('end', 'the end of the text', code.length);
    const { kinds, texts, lines, columns } = this;
    return { kinds, texts, lines, columns };
  }

  private push(kind: TokenKind, text: string, end: number): void {
    this.kinds.push(kind);
    this.texts.push(text);
    this.lines.push(this.line);
    this.columns.push(this.position - this.lineStart + 1);
    this.position = end;
  }

  private fail(reason: string): never {
    fail(reason, { line: this.line, column: this.position - this.lineStart + 1 });
  }

  private newLine(): void {
    this.line++;
    this.lineStart = this.position;
  }

  private skipBlanks(): void {
    const { code } = this;
    for (;;) {
      const c = code.charCodeAt(this.position);
      if (c === 10) {
        this.position++;
        this.newLine();
      } else if (c < 128 ? CLASSES[c] === BLANK : isBlankAbove(c)) this.position++;
      else if (c !== 47) return;
      else if (code.charCodeAt(this.position + 1) === 47) {
        while (this.position < code.length && !endsLine(code.charCodeAt(this.position))) this.position++;
      } else if (code.charCodeAt(this.position + 1) === 42) this.skipBlockComment();
      else return;
    }
  }

  /** Block comments nest. */
  private skipBlockComment(): void {
    const { code } = this;
    const at = { line: this.line, column: this.position - this.lineStart + 1 };
    let open = 0;
    do {
      if (this.position >= code.length) fail('this comment has no end: a */ is missing', at);
      const c = code.charCodeAt(this.position++);
      const next = code.charCodeAt(this.position);
      if (c === 10) this.newLine();
      else if (c === 47 && next === 42) {
        open++;
        this.position++;
      } else if (c === 42 && next === 47) {
        open--;
        this.position++;
      }
    } while (open > 0);
  }

  private word(): void {
    const { code } = this;
    const start = this.position;
    let end = start;
    while (CLASSES[code.charCodeAt(end)] & (LETTER | DIGIT)) end++;
    if (code.charCodeAt(end) >= 128) end = this.wordEnd(start);
    const text = code.slice(start, end);
    const kind = WORDS.get(text) ?? 'name';
    if (kind === 'reserved') this.fail(`'${text}' is a reserved word of WGSL and cannot be a name`);
    if (code.charCodeAt(start) === 95 && text.startsWith('__')) {
      this.fail(`the name '${text}' begins with two underscores, which WGSL keeps for itself`);
    }
    this.push(kind, text, end);
  }

  /** End of a word with letters beyond ASCII. */
  private wordEnd(start: number): number {
    const found = /^[\p{XID_Start}_]\p{XID_Continue}*/u.exec(this.code.slice(start, start + 200));
    if (!found) this.fail(`unexpected character '${String.fromCodePoint(this.code.codePointAt(start) ?? 0)}'`);
    return start + found[0].length;
  }

  /** Takes all that looks like a number: `check/literal.ts` says whether it is one. */
  private number(): void {
    const { code } = this;
    let end = this.position;
    const hex = code.charCodeAt(end) === 48 && (code.charCodeAt(end + 1) | 32) === 120;
    for (;;) {
      const c = code.charCodeAt(end);
      if (c === 46 || CLASSES[c] & (LETTER | DIGIT)) {
        end++;
        const exponent = (c | 32) === (hex ? 112 : 101);
        const sign = code.charCodeAt(end);
        if (exponent && (sign === 43 || sign === 45)) end++;
      } else break;
    }
    this.push('number', code.slice(this.position, end), end);
  }

  private symbol(): void {
    const { code } = this;
    const start = this.position;
    const c = code.charCodeAt(start);
    if (c === 60 && this.opensTemplate()) return;
    if (c === 62 && this.closesTemplate()) return;
    const single = SINGLE[c];
    if (single !== undefined) {
      this.follow(c);
      this.push('symbol', single, start + 1);
      return;
    }
    let end = start + 1;
    // Every beginning of a symbol is a symbol, so the longest is found by growing.
    while (LENGTHENS[code.charCodeAt(end)] === 1 && SYMBOLS.has(code.slice(start, end + 1))) end++;
    const text = code.slice(start, end);
    if (!SYMBOLS.has(text)) this.fail(`unexpected character '${text}'`);
    if (text === '&&' || text === '||') this.dropFrom(this.depth);
    else if (text === '=') this.endCandidates();
    this.push('symbol', text, end);
  }

  /** A `<` after a name (or `var`) may open template arguments; whether it does, shows at the `>`. */
  private opensTemplate(): boolean {
    const next = this.code.charCodeAt(this.position + 1);
    const last = this.kinds.length - 1;
    if (next === 60 || next === 61 || last < 0) return false;
    if (this.kinds[last] !== 'name' && this.texts[last] !== 'var') return false;
    this.candidates.push(this.kinds.length);
    this.candidateDepths.push(this.depth);
    this.push('symbol', '<', this.position + 1);
    return true;
  }

  private closesTemplate(): boolean {
    const top = this.candidates.length - 1;
    if (top < 0 || this.candidateDepths[top] !== this.depth) return false;
    this.texts[this.candidates[top]] = TEMPLATE_OPEN;
    this.dropCandidate();
    this.push('symbol', TEMPLATE_CLOSE, this.position + 1);
    return true;
  }

  private dropCandidate(): void {
    this.candidates.pop();
    this.candidateDepths.pop();
  }

  /** What brackets and separators mean for the `<` that are still open. */
  private follow(c: number): void {
    switch (c) {
      case 40: // (
      case 91: // [
        this.depth++;
        return;
      case 41: // )
      case 93: // ]
        this.dropFrom(this.depth);
        this.depth = Math.max(0, this.depth - 1);
        return;
      case 59: // ;
      case 123: // {
      case 58: // :
        this.endCandidates();
    }
  }

  private endCandidates(): void {
    this.depth = 0;
    this.dropFrom(0);
  }

  private dropFrom(depth: number): void {
    while (this.candidates.length > 0 && this.candidateDepths[this.candidates.length - 1] >= depth)
      this.dropCandidate();
  }
}
