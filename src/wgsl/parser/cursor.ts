import { fail } from '../check/fault.js';
import type { Place } from '../error.js';
import { TEMPLATE_CLOSE, TEMPLATE_OPEN, type TokenKind, type Tokens } from '../lexer.js';

/** How deep expressions, statements and types may lie in one another. */
const DEEPEST = 200;

/** Walks through the tokens. */
export class Cursor {
  protected position = 0;
  private depth = 0;

  constructor(protected readonly tokens: Tokens) {}

  /** The token here, as text. */
  protected get text(): string {
    return this.tokens.texts[this.position];
  }

  protected get kind(): TokenKind {
    return this.tokens.kinds[this.position];
  }

  protected is(symbol: string): boolean {
    return this.tokens.texts[this.position] === symbol;
  }

  protected atEnd(): boolean {
    return this.tokens.kinds[this.position] === 'end';
  }

  protected textAt(position: number): string {
    return position < this.tokens.texts.length ? this.tokens.texts[position] : '';
  }

  protected place(position = this.position): Place {
    return { line: this.tokens.lines[position], column: this.tokens.columns[position] };
  }

  /** Goes past the token; never past the end. */
  protected next(): void {
    if (!this.atEnd()) this.position++;
  }

  protected accept(symbol: string): boolean {
    if (!this.is(symbol)) return false;
    this.next();
    return true;
  }

  /** `where` completes the sentence "expected … where". */
  protected expect(symbol: string, where: string): void {
    if (!this.accept(symbol)) this.unexpected(`'${shown(symbol)}' ${where}`);
  }

  protected name(what: string): string {
    const { text } = this;
    if (this.kind !== 'name') this.unexpected(what);
    this.position++;
    return text;
  }

  protected unexpected(wanted: string): never {
    const found = this.atEnd() ? this.text : `'${shown(this.text)}'`;
    fail(`expected ${wanted}, but ${found} was found`, this.place());
  }

  /** Every way down calls this and then `ascend`, so that no text can exhaust the stack. */
  protected descend(): void {
    if (++this.depth > DEEPEST) fail(`more than ${DEEPEST} levels of nesting are not supported here`, this.place());
  }

  protected ascend(): void {
    this.depth--;
  }
}

const shown = (symbol: string): string => (symbol === TEMPLATE_OPEN ? '<' : symbol === TEMPLATE_CLOSE ? '>' : symbol);
