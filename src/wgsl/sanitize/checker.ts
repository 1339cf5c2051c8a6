/** What the checks in a kernel's text talk to: it knows who is running, and turns what they find into reports. */
import type { Wait } from '../js/write.js';
import { triple, type FaultKind, type Reports, type Triple } from './report.js';
import { invocationOf, siteOf, type Accesses, type Unwritten } from './shadow.js';
import type { CheckedStyle, Site } from './style.js';

/** What a checker needs to know of its kernel. */
export interface Subject {
  readonly name: string;
  readonly lines: readonly string[];
  readonly workgroupSize: Triple;
  readonly style: CheckedStyle;
  /** Words of an element, by the variable's name. */
  readonly elements: ReadonlyMap<string, number>;
}

/** Epochs count up over all dispatches of all kernels, because bindings share what is remembered of them. */
export class Epochs {
  storage = 1;
  workgroup = 1;
}

interface Nan {
  readonly site: number;
  readonly a: number;
  readonly b: number;
}

export class Checker {
  storageEpoch = 0;
  workgroupEpoch = 0;
  /** Storage epochs at which the dispatch and the workgroup began, and the workgroup's first epoch of workgroup memory. */
  dispatchStart = 0;
  groupStart = 0;
  groupStartShared = 0;
  private group: Triple = [0, 0, 0];
  private bases: readonly number[] = [];
  private remembered: ReadonlyMap<string, Accesses> = new Map();
  /** The workgroup of each storage epoch of the dispatch. */
  private groups: Triple[] = [];
  /** The first NaN that each invocation of the workgroup made, until it gets into memory. */
  private readonly nans = new Map<number, Nan>();
  /** Invocations of the workgroup that have made an infinity out of numbers. */
  private readonly overflows = new Set<number>();

  constructor(
    private readonly subject: Subject,
    private readonly epochs: Epochs,
    readonly unowned: Unwritten,
    private readonly reports: Reports,
  ) {}

  // Called by the kernel's text before a dispatch.

  firstWord(binding: number): number {
    return this.bases[binding] >>> 2;
  }
  accesses(name: string): Accesses | undefined {
    return this.remembered.get(name);
  }

  // What happens between invocations.

  /** `accesses`: by the name of the memory in the text. */
  beginDispatch(addresses: readonly number[], accesses: ReadonlyMap<string, Accesses>): void {
    this.bases = addresses;
    this.remembered = accesses;
    this.groups = [];
    this.dispatchStart = this.epochs.storage + 1;
  }

  workgroup(x: number, y: number, z: number): void {
    this.group = [x, y, z];
    this.nextStorageEpoch();
    this.workgroupEpoch = ++this.epochs.workgroup;
    this.groupStart = this.storageEpoch;
    this.groupStartShared = this.workgroupEpoch;
    this.nans.clear();
    this.overflows.clear();
  }

  barrier(wait: Wait & { kind: 'barrier' }): void {
    if (wait.storage) this.nextStorageEpoch();
    else this.workgroupEpoch = ++this.epochs.workgroup;
  }

  private nextStorageEpoch(): void {
    this.storageEpoch = ++this.epochs.storage;
    this.groups.push(this.group);
  }

  /** Invocations that should be at one place are at several; see schedule.ts. */
  uneven(waits: readonly Wait[], first: number, at: readonly number[]): boolean {
    const place = Math.max(...at);
    const wait = waits[place];
    const other = at.findIndex((p) => p !== place);
    const what =
      wait.kind === 'barrier' ? (wait.storage ? 'storageBarrier' : 'workgroupBarrier') : 'subgroup operation';
    const elsewhere = at[other] < 0 ? 'has ended' : `waits in line ${waits[at[other]].line}`;
    const invocation = first + at.indexOf(place);
    const detail =
      `it waits at the ${what}, but invocation ${triple(this.globalId(first + other))} of its workgroup ${elsewhere}: ` +
      `all of a workgroup must come to it`;
    this.report('barrier', wait.line, invocation, undefined, undefined, () => detail);
    // After a subgroup operation the others can go on; a barrier that some miss has no meaning.
    return wait.kind === 'subgroup';
  }

  // Called by the kernel's text when something is wrong.

  outside(index: number, words: number, site: number, invocation: number): void {
    const { line, memory, action } = this.site(site);
    // Memory without a name has only bounds: of a vector, or an array within another.
    if (memory?.name === '') {
      const detail = `it takes element ${index} of a value that has ${words}`;
      this.report('bounds', line, invocation, undefined, index, () => detail);
      return;
    }
    this.report('bounds', line, invocation, memory, index, (place) => {
      const kind = memory?.kind === 'private' ? ' (an array of its own)' : '';
      return `it ${action} ${place}${kind}, which has ${this.size(memory?.name ?? '', words)}`;
    });
  }

  unwritten(index: number, site: number, invocation: number): void {
    const { line, memory } = this.site(site);
    this.report('unwritten', line, invocation, memory, index, (place) =>
      memory?.kind === 'workgroup'
        ? `it reads ${place}, which nobody in the workgroup has written`
        : `it reads ${place}, which nobody has written since the memory got its present owner`,
    );
  }

  /** `epoch`: of the other access if it was in another workgroup of the dispatch; 0: in this one. */
  race(index: number, site: number, invocation: number, other: number, epoch: number): void {
    const { line, memory, action } = this.site(site);
    this.report('race', line, invocation, memory, index, (place) => {
      const group = epoch === 0 ? this.group : this.groups[epoch - this.dispatchStart];
      const before = this.site(siteOf(other));
      const did = before.action === 'reads' ? 'read' : 'wrote';
      const who = triple(this.globalId(invocationOf(other), group));
      const barrier = memory?.kind === 'workgroup' ? 'workgroupBarrier' : 'storageBarrier';
      const order =
        epoch === 0
          ? `of its workgroup ${did} in line ${before.line}, with no ${barrier} between`
          : `of workgroup ${triple(group)} ${did} in line ${before.line}: workgroups of one dispatch run in any order`;
      return `it ${action} ${place}, which invocation ${who} ${order}`;
    });
  }

  /** Infinities of the input may meet and make a NaN; those that an invocation has made of numbers itself may not. */
  notFinite(result: number, a: number, b: number, site: number, invocation: number): void {
    const ofNumbers = Number.isFinite(a) && Number.isFinite(b);
    if (!Number.isNaN(result)) {
      if (ofNumbers) this.overflows.add(invocation);
      return;
    }
    if (Number.isNaN(a) || Number.isNaN(b) || this.nans.has(invocation)) return;
    if (ofNumbers || this.overflows.has(invocation)) this.nans.set(invocation, { site, a, b });
  }

  /** A NaN goes into memory (or to other invocations): is it of this invocation's making? */
  nanStored(index: number, site: number, invocation: number): void {
    const { line, memory } = this.site(site);
    this.nanGiven(invocation, line, memory, index);
  }

  nanGiven(invocation: number, line: number, memory?: Site['memory'], index?: number): void {
    const nan = this.nans.get(invocation);
    if (nan === undefined) return;
    const made = this.site(nan.site);
    const text = made.sign === 'sqrt' ? `sqrt(${nan.a})` : `${nan.a} ${made.sign} ${nan.b}`;
    this.report('nan', made.line || line, invocation, memory, index, (place) => {
      const to = memory === undefined ? 'other invocations' : place;
      return `${text} is NaN, and a NaN goes to ${to} in line ${line}`;
    });
  }

  private report(
    kind: FaultKind,
    line: number,
    invocation: number,
    memory: Site['memory'],
    word: number | undefined,
    detail: (place: string) => string,
  ): void {
    const { subject } = this;
    if (!this.reports.isNew(kind, subject.name, line, memory?.name)) return;
    const stride = (memory && subject.elements.get(memory.name)) || 0;
    const index = word === undefined || stride === 0 ? word : Math.floor(word / stride);
    const place = memory === undefined ? '' : `${memory.name}[${index}]${stride === 1 ? '' : ` (word ${word})`}`;
    this.reports.add({
      kind,
      kernel: subject.name,
      line,
      text: subject.lines[line - 1]?.trim() ?? '',
      invocation: this.globalId(invocation),
      workgroup: this.group,
      memory: memory?.name,
      index,
      word,
      detail: detail(place),
    });
  }

  private size(name: string, words: number): string {
    const stride = this.subject.elements.get(name) ?? 0;
    if (stride > 1) return `${Math.floor(words / stride)} elements (${words} words)`;
    return stride === 1 ? `${words} elements` : `${words} words`;
  }

  private site(number: number): Site {
    return this.subject.style.sites[number];
  }

  private globalId(invocation: number, group = this.group): Triple {
    const [sx, sy, sz] = this.subject.workgroupSize;
    const row = Math.floor(invocation / sx);
    return [group[0] * sx + (invocation % sx), group[1] * sy + (row % sy), group[2] * sz + Math.floor(row / sy)];
  }
}
