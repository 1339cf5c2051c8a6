/**
 * Writes a kernel with checks: every access goes through a function that looks at its bounds and at what is remembered of the word, every
 * operation that can make a NaN through one that looks at its result. The functions are part of the text, so that the engine can inline them.
 */
import { memoryName, privateIndex, viewName, type Style } from '../js/style.js';
import { binaryText, unaryText } from '../js/operations.js';
import type { BinaryOp, IrFunction, Memory, ScalarValueType, UnaryOp } from '../ir.js';
import { forEachExpr, forEachRoot, forEachStmt } from '../build.js';
import { INVOCATIONS } from './shadow.js';

/** A place in the text that can be at fault. */
export interface Site {
  readonly line: number;
  readonly memory: Memory | undefined;
  readonly action: 'reads' | 'writes' | 'computes';
  /** Of arithmetic: what stands between the operands. */
  readonly sign: string;
}

/** What a kernel does with a memory: most are only read, and then nothing can race. */
interface Use {
  readonly memory: Memory;
  loaded: boolean;
  stored: boolean;
}

export type Tracked = Exclude<Memory, { kind: 'private' }>;

const MAKES_NAN: Partial<Record<BinaryOp, string>> = { add: '+', sub: '−', mul: '·', div: '/', rem: '%' };

export class CheckedStyle implements Style {
  readonly sites: Site[] = [];
  private readonly uses = new Map<string, Use>();
  private readonly accessors = new Map<string, string>();

  constructor(ir: IrFunction) {
    if (ir.width !== 1) throw new Error('Checks are for single invocations.');
    const use = (memory: Memory): Use => {
      const known = this.uses.get(memoryName(memory)) ?? { memory, loaded: false, stored: false };
      this.uses.set(memoryName(memory), known);
      return known;
    };
    forEachStmt(ir.body, (s) => {
      if (s.kind === 'store') use(s.memory).stored = true;
      forEachRoot(s, (root) => {
        forEachExpr(root, (e) => {
          if (e.kind === 'load') use(e.memory).loaded = true;
        });
      });
    });
  }

  load(memory: Memory, type: ScalarValueType, index: string, line: number): string {
    const view = viewName(memory, type);
    const name = `load_${view}`;
    const at = memory.kind === 'private' ? privateIndex(memory, 1, 'i') : 'i';
    this.accessors.set(
      name,
      `function ${name}(i, s, li) { return may_read_${memoryName(memory)}(i, s, li) ? ${view}[${at}] : 0; }`,
    );
    const word = `${name}(${index}, ${this.site(line, 'reads', memory)}, li)`;
    return type === 'bool' ? `(${word} !== 0)` : word;
  }

  store(memory: Memory, type: ScalarValueType, index: string, value: string, line: number): string {
    const view = viewName(memory, type);
    const name = `store_${view}`;
    const at = memory.kind === 'private' ? privateIndex(memory, 1, 'i') : 'i';
    const nan = type === 'f32' && memory.kind !== 'private' ? 'if (v !== v) check.nanStored(i, s, li); ' : '';
    this.accessors.set(
      name,
      `function ${name}(i, v, s, li) { ${nan}if (may_write_${memoryName(memory)}(i, s, li)) ${view}[${at}] = v; }`,
    );
    const word = type === 'bool' ? `(${value} ? 1 : 0)` : value;
    return `${name}(${index}, ${word}, ${this.site(line, 'writes', memory)}, li)`;
  }

  unary(op: UnaryOp, type: ScalarValueType, a: string, line: number): string {
    if (op !== 'sqrt') return unaryText(op, type, a);
    return `f_sqrt(${a}, ${this.site(line, 'computes', undefined, 'sqrt')}, li)`;
  }

  binary(op: BinaryOp, type: ScalarValueType, a: string, b: string, line: number): string {
    const sign = type === 'f32' ? MAKES_NAN[op] : undefined;
    if (sign === undefined) return binaryText(op, type, a, b);
    return `f_${op}(${a}, ${b}, ${this.site(line, 'computes', undefined, sign)}, li)`;
  }

  bind(): string {
    const bindings = [...this.uses.values()].flatMap(({ memory }) => (memory.kind === 'binding' ? [memory] : []));
    return [
      'nothing = check.unowned.words;',
      ...bindings.map((m) => `b${m.index}_at = check.firstWord(${m.index});`),
      ...this.tracked().map(
        ({ name: m }) =>
          `({ writeEpoch: ${m}_we, writer: ${m}_w, readEpoch: ${m}_re, reader: ${m}_r, reader2: ${m}_r2, ` +
          `firstEpoch: ${m}_fe, first: ${m}_f } = check.accesses('${m}'));`,
      ),
    ].join('\n');
  }

  prelude(): string {
    const arithmetic = Object.keys(MAKES_NAN).map((op) => {
      const text = binaryText(op as BinaryOp, 'f32', 'a', 'b');
      return `function f_${op}(a, b, s, li) { const r = ${text}; if (r - r !== 0) check.notFinite(r, a, b, s, li); return r; }`;
    });
    return [
      'let nothing;',
      'function f_sqrt(a, s, li) { const r = sqrt(a); if (r - r !== 0) check.notFinite(r, a, 0, s, li); return r; }',
      ...arithmetic,
      ...this.tracked().map(({ name: m }) => `let ${m}_we, ${m}_w, ${m}_re, ${m}_r, ${m}_r2, ${m}_fe, ${m}_f;`),
      ...[...this.uses.values()].map((use) => accessChecks(use)),
      ...this.accessors.values(),
    ].join('\n');
  }

  /** Memories of which accesses are remembered, with their names in the text. */
  tracked(): { readonly name: string; readonly memory: Tracked }[] {
    return [...this.uses.values()].flatMap((use) =>
      isTracked(use) && use.memory.kind !== 'private' ? [{ name: memoryName(use.memory), memory: use.memory }] : [],
    );
  }

  private site(line: number, action: Site['action'], memory: Memory | undefined, sign = ''): number {
    return this.sites.push({ line, action, memory, sign }) - 1;
  }
}

/** Of workgroup memory every word must be written first, so that it matters even where nothing races. */
const isTracked = ({ memory, stored }: Use): boolean =>
  memory.kind === 'workgroup' || (memory.kind === 'binding' && stored);

/** `may_read_…` and `may_write_…` of a memory: false outside of it. */
function accessChecks(use: Use): string {
  const { memory, loaded, stored } = use;
  const m = memoryName(memory);
  const isBinding = memory.kind === 'binding';
  const words = isBinding ? `n${memory.index}` : String(memory.words);
  const epoch = isBinding ? 'check.storageEpoch' : 'check.workgroupEpoch';
  const bounds = `  if (!(i < ${words})) { check.outside(i, ${words}, s, li); return false; }`;
  const read = [`function may_read_${m}(i, s, li) {`, bounds];
  const write = [`function may_write_${m}(i, s, li) {`, bounds];
  if (isBinding) {
    read.push(`  if (nothing[${m}_at + i] === 1) check.unwritten(i, s, li);`);
    write.push(`  if (nothing[${m}_at + i] === 1) nothing[${m}_at + i] = 0;`);
  }
  if (isTracked(use)) {
    const start = [
      `  const epoch = ${epoch}, written = ${m}_we[i], access = s * ${INVOCATIONS} + li;`,
      `  if (written === epoch) { if (${m}_w[i] % ${INVOCATIONS} !== li) check.race(i, s, li, ${m}_w[i], 0); }`,
    ];
    // Of bindings also what other workgroups of the dispatch did: their epochs lie between its start and the workgroup's.
    const elsewhere = (of: string): string => `${of} >= check.dispatchStart && ${of} < check.groupStart`;
    if (isBinding) start.push(`  else if (${elsewhere('written')}) check.race(i, s, li, ${m}_w[i], written);`);
    read.push(...start);
    write.push(...start);
    if (!isBinding) read.push(`  else if (written < check.groupStartShared) check.unwritten(i, s, li);`);
    if (loaded) {
      read.push(
        `  if (${m}_re[i] !== epoch) { ${m}_re[i] = epoch; ${m}_r[i] = ${m}_r2[i] = access; }`,
        `  else if (${m}_r[i] % ${INVOCATIONS} !== li) ${m}_r2[i] = access;`,
      );
      write.push(
        `  if (${m}_re[i] === epoch) {`,
        `    if (${m}_r[i] % ${INVOCATIONS} !== li) check.race(i, s, li, ${m}_r[i], 0);`,
        `    else if (${m}_r2[i] % ${INVOCATIONS} !== li) check.race(i, s, li, ${m}_r2[i], 0);`,
        '  }',
      );
      if (isBinding) {
        read.push(`  if (${m}_fe[i] < check.dispatchStart) { ${m}_fe[i] = epoch; ${m}_f[i] = access; }`);
        write.push(`  if (${elsewhere(`${m}_fe[i]`)}) check.race(i, s, li, ${m}_f[i], ${m}_fe[i]);`);
      }
    }
    write.push(`  ${m}_we[i] = epoch; ${m}_w[i] = access;`);
  }
  read.push('  return true;', '}');
  write.push('  return true;', '}');
  return [...(isBinding ? [`let ${m}_at = 0;`] : []), ...(loaded ? read : []), ...(stored ? write : [])].join('\n');
}
