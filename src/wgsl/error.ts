/** A fault in WGSL text: names the line and shows it. */
export class WgslError extends Error {
  override readonly name = 'WgslError';

  constructor(
    readonly reason: string,
    /** From 1; column likewise. */
    readonly line: number,
    readonly column: number,
    code?: string,
  ) {
    super(describe(reason, line, column, code));
  }
}

/** Where something stands in the text. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

function describe(reason: string, line: number, column: number, code: string | undefined): string {
  const text = code?.split('\n')[line - 1];
  if (text === undefined) return `WGSL line ${line}:${column}: ${reason}`;
  const number = String(line);
  return `WGSL line ${line}:${column}: ${reason}\n${number} | ${text}\n${' '.repeat(number.length)} | ${' '.repeat(Math.max(0, column - 1))}^`;
}
