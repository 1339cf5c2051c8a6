/** What the sanitizer has to say, in words. */

export type Triple = readonly [number, number, number];

export type FaultKind =
  /** An access outside of a binding, a workgroup array or a private array. */
  | 'bounds'
  /** A read of memory that nobody has given a value. */
  | 'unwritten'
  /** Two accesses of one word, one of them a write, with nothing that says which comes first. */
  | 'race'
  /** A barrier or a subgroup operation that not all invocations come to. */
  | 'barrier'
  /** Arithmetic that makes a NaN out of numbers, or of infinities that it has made out of numbers. */
  | 'nan';

export interface Report {
  readonly kind: FaultKind;
  readonly kernel: string;
  /** Of the WGSL text, from 1; 0 if unknown. */
  readonly line: number;
  readonly text: string;
  /** `global_invocation_id` and `workgroup_id`. */
  readonly invocation: Triple;
  readonly workgroup: Triple;
  /** The binding or variable, and the element of it; where elements are longer than a word or unknown, `word` says which word. */
  readonly memory: string | undefined;
  readonly index: number | undefined;
  readonly word: number | undefined;
  /** What happened, in a sentence. */
  readonly detail: string;
}

export const triple = (t: Triple): string => `(${t.join(', ')})`;

export function sentence(report: Report): string {
  const where = `${report.kernel}, line ${report.line}, invocation ${triple(report.invocation)} of workgroup ${triple(report.workgroup)}`;
  const quote = report.text === '' ? '' : `\n  ${report.line} | ${report.text}`;
  return `${where}: ${report.detail}${quote}`;
}

/** Faults that kernels have been caught with. */
export class SanitizerError extends Error {
  override readonly name = 'SanitizerError';

  constructor(
    readonly reports: readonly Report[],
    /** Further reports that there was no room for. */
    readonly more = 0,
  ) {
    const count = reports.length + more;
    const rest = more > 0 ? `\n… and ${more} more` : '';
    super(`The sanitizer found ${count} fault${count === 1 ? '' : 's'}.\n${reports.map(sentence).join('\n')}${rest}`);
  }
}

/** Keeps the first report of each kind at each line of each kernel. */
export class Reports {
  private readonly seen = new Set<string>();
  private list: Report[] = [];
  private more = 0;

  constructor(private readonly limit: number) {}

  /** True the first time that this fault comes up. */
  isNew(kind: FaultKind, kernel: string, line: number, memory: string | undefined): boolean {
    const key = `${kind} ${kernel} ${line} ${memory}`;
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }

  add(report: Report): void {
    if (this.list.length < this.limit) this.list.push(report);
    else this.more++;
  }

  get all(): readonly Report[] {
    return this.list;
  }

  /** The error that lists everything since the last call; undefined if there was nothing. */
  take(): SanitizerError | undefined {
    if (this.list.length === 0) return undefined;
    const error = new SanitizerError(this.list, this.more);
    this.list = [];
    this.more = 0;
    this.seen.clear();
    return error;
  }
}
