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

/** Of a name with letters beyond ASCII. */
const MOST_LETTERS = 200;

/**
 * One token, or what stands between two. Groups: a word, a number, a bracket or separator, an operator, `<` or `>`, the beginning of a comment.
 * A regular expression runs at full speed from the start, where a loop over characters would first have to be compiled: most kernels are
 * read once.
 */
const TOKEN =
  /(?:[ \t-\r]+|\/\/[^\n-\r\u0085\u2028\u2029]*)+|([A-Za-z_][A-Za-z_0-9]*)|(0[xX](?:[pP][+-]|[\w.])*|\.?[0-9](?:[eE][+-]|[\w.])*)|([()[\]{},;.:@~])|(\/\*)|(\+\+|--|->|&&|\|\||[-+*/%&|^=!]=?)|([<>])/y;

const isBlankAbove = (c: number): boolean => c === 0x85 || c === 0x200e || c === 0x200f || c === 0x2028 || c === 0x2029;

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
  private lineEnd: number;
  /** `<` that may open template arguments: numbers of their tokens, and how deep in brackets they stand. */
  private readonly candidates: number[] = [];
  private readonly candidateDepths: number[] = [];
  private depth = 0;

  constructor(private readonly code: string) {
    this.lineEnd = this.lineEndAfter(0);
  }

  run(): Tokens {
    const { code } = this;
    while (this.position < code.length) {
      TOKEN.lastIndex = this.position;
      const found = TOKEN.exec(code);
      if (!found) this.beyondAscii();
      else if (found[1] !== undefined) this.word(found[1], TOKEN.lastIndex);
      else if (found[2] !== undefined) this.push('number', found[2], TOKEN.lastIndex);
      else if (found[3] !== undefined) {
        this.follow(found[3]);
        this.push('symbol', found[3], TOKEN.lastIndex);
      } else if (found[4] !== undefined) this.skipBlockComment();
      else if (found[5] !== undefined) this.operator(found[5], TOKEN.lastIndex);
      else if (found[6] !== undefined) this.angle(found[6]);
      else this.position = TOKEN.lastIndex;
    }
    this.push('end', 'the end of the text', code.length);
    const { kinds, texts, lines, columns } = this;
    return { kinds, texts, lines, columns };
  }

  private push(kind: TokenKind, text: string, end: number): void {
    this.findLine();
    this.kinds.push(kind);
    this.texts.push(text);
    this.lines.push(this.line);
    this.columns.push(this.position - this.lineStart + 1);
    this.position = end;
  }

  /** The line in which `position` stands. */
  private findLine(): void {
    while (this.lineEnd < this.position) {
      this.line++;
      this.lineStart = this.lineEnd + 1;
      this.lineEnd = this.lineEndAfter(this.lineStart);
    }
  }

  private lineEndAfter(position: number): number {
    const end = this.code.indexOf('\n', position);
    return end < 0 ? Infinity : end;
  }

  private fail(reason: string): never {
    this.findLine();
    fail(reason, { line: this.line, column: this.position - this.lineStart + 1 });
  }

  /** Block comments nest. */
  private skipBlockComment(): void {
    const { code } = this;
    const marks = /\/\*|\*\//g;
    marks.lastIndex = this.position;
    let open = 0;
    do {
      const mark = marks.exec(code);
      if (!mark) this.fail('this comment has no end: a */ is missing');
      open += mark[0] === '/*' ? 1 : -1;
    } while (open > 0);
    this.position = marks.lastIndex;
  }

  private word(text: string, end: number): void {
    if (this.code.charCodeAt(end) >= 128) {
      this.beyondAscii();
      return;
    }
    const kind = WORDS.get(text) ?? 'name';
    if (kind === 'reserved') this.fail(`'${text}' is a reserved word of WGSL and cannot be a name`);
    if (text.startsWith('__')) {
      this.fail(`the name '${text}' begins with two underscores, which WGSL keeps for itself`);
    }
    this.push(kind, text, end);
  }

  /** A blank or a name with letters beyond ASCII; else a character that WGSL does not have. */
  private beyondAscii(): void {
    const { code, position } = this;
    if (isBlankAbove(code.charCodeAt(position))) {
      this.position++;
      return;
    }
    const name = /^[\p{XID_Start}_]\p{XID_Continue}*/u.exec(code.slice(position, position + MOST_LETTERS));
    if (!name) this.fail(`unexpected character '${String.fromCodePoint(code.codePointAt(position) ?? 0)}'`);
    // A word of ASCII letters stands here if a blank beyond ASCII follows it.
    this.push(WORDS.has(name[0]) ? 'symbol' : 'name', name[0], position + name[0].length);
  }

  private operator(text: string, end: number): void {
    if (text === '&&' || text === '||') this.dropFrom(this.depth);
    else if (text === '=') this.endCandidates();
    this.push('symbol', text, end);
  }

  /** `<` and `>`: of template arguments, or what operators begin with. */
  private angle(text: string): void {
    if (text === '<' ? this.opensTemplate() : this.closesTemplate()) return;
    const { code, position } = this;
    let end = position + 1;
    if (code[end] === text) end++;
    if (code[end] === '=') end++;
    this.push('symbol', code.slice(position, end), end);
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
  private follow(symbol: string): void {
    switch (symbol) {
      case '(':
      case '[':
        this.depth++;
        return;
      case ')':
      case ']':
        this.dropFrom(this.depth);
        this.depth = Math.max(0, this.depth - 1);
        return;
      case ';':
      case '{':
      case ':':
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
