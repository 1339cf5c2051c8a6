/** The middle form as the text of a JavaScript function: one call is one invocation (with width 4, four of them side by side). */
import { forEachExpr, forEachRoot, forEachStmt, isPacked, scalarType } from '../build.js';
import type { Expr, IrFunction, Local, Memory, ScalarValueType, Stmt, SubgroupOp } from '../ir.js';
import { helpers } from './helpers.js';
import { bitcastText, constantText, convertText } from './operations.js';
import { memoryName, type Style } from './style.js';

/** A place where an invocation waits for others: `yield` gives the number of it. */
export type Wait =
  | { readonly kind: 'barrier'; readonly line: number; readonly storage: boolean }
  | { readonly kind: 'subgroup'; readonly line: number; readonly op: SubgroupOp; readonly type: ScalarValueType };

export interface WrittenKernel {
  /** The body of a function of (helpers, exchange), which returns `{ bind, main }`. */
  readonly source: string;
  /** Workgroup and private memories that are used. */
  readonly memories: readonly Memory[];
  readonly waits: readonly Wait[];
}

const BUILTIN = {
  'lid.x': 'lx',
  'lid.y': 'ly',
  'lid.z': 'lz',
  'wid.x': 'wx',
  'wid.y': 'wy',
  'wid.z': 'wz',
  'nwg.x': 'nx',
  'nwg.y': 'ny',
  'nwg.z': 'nz',
} as const;
const PARAM = { f32: 'pf', i32: 'pi', u32: 'pu' } as const;
/** Byte addresses: each memory gets 64 MiB of its own. */
const ROOM = 2 ** 26;
const WORKGROUP_ROOMS = 33;

export function writeKernel(ir: IrFunction, style: Style): WrittenKernel {
  return new Writer(ir, style).kernel();
}

class Writer {
  private readonly memories = new Map<string, Memory>();
  private readonly locals = new Map<number, Local>();
  private readonly waits: Wait[] = [];
  private readonly lines: string[] = [];
  private readonly loops = new Set<number>();
  /** Of the statement at hand; operations have no line of their own. */
  private line = 0;

  constructor(
    private readonly ir: IrFunction,
    private readonly style: Style,
  ) {}

  kernel(): WrittenKernel {
    const body = [...(this.ir.prologue ?? []), ...this.ir.body];
    this.collect(body);
    this.statements(body);
    const own = [...this.memories.values()].filter((m) => m.kind !== 'binding');
    const bindings = this.ir.bindings.map((b) => b.index);
    const names = ['p', ...bindings.map((k) => `b${k}`), ...own.map(memoryName)];
    const views = (name: string, from: string): string =>
      `  ${name}f = ${from}.f; ${name}i = ${from}.i; ${name}u = ${from}.u;`;
    const source = [
      `'use strict';`,
      `const { ${Object.keys(helpers).join(', ')} } = helpers;`,
      'const sgA = exchange.a, sgB = exchange.b, sgR = exchange.result;',
      'let nx = 0, ny = 0, nz = 0;',
      ...names.map((n) => `let ${n}f, ${n}i, ${n}u;`),
      ...bindings.map((k) => `let n${k} = 0;`),
      this.style.prelude(),
      'function bind(bindings, own, params, grid) {',
      '  [nx, ny, nz] = grid;',
      views('p', 'params'),
      ...bindings.flatMap((k) => [views(`b${k}`, `bindings[${k}]`), `  n${k} = b${k}u.length;`]),
      ...own.map((m, k) => views(memoryName(m), `own[${k}]`)),
      this.style.bind(),
      '}',
      `function${this.waits.length > 0 ? '*' : ''} main(li, lx, ly, lz, wx, wy, wz) {`,
      ...[...this.locals.values()].map((l) => `let v${l.id} = ${zero(l)};`),
      ...this.lines,
      '}',
      'return { bind, main };',
    ].join('\n');
    return { source, memories: own, waits: this.waits };
  }

  private collect(body: readonly Stmt[]): void {
    const note = (m: Memory): unknown => this.memories.set(memoryName(m), m);
    forEachStmt(body, (s) => {
      if (s.kind === 'set') this.locals.set(s.local.id, s.local);
      if (s.kind === 'store' || s.kind === 'scatter') note(s.memory);
      forEachRoot(s, (root) => {
        forEachExpr(root, (e) => {
          if (e.kind === 'local') this.locals.set(e.local.id, e.local);
          if (e.kind === 'load' || e.kind === 'gather') note(e.memory);
        });
      });
    });
  }

  private statements(body: readonly Stmt[]): void {
    for (const s of body) this.statement(s);
  }

  private statement(s: Stmt): void {
    const { lines } = this;
    switch (s.kind) {
      case 'set':
        this.line = s.line ?? this.line;
        lines.push(`v${s.local.id} = ${this.text(s.value)};`);
        return;
      case 'store':
        this.line = s.line;
        this.storeText(s);
        return;
      case 'scatter': {
        this.line = s.line;
        const mask = s.mask ? this.text(s.mask) : '[true, true, true, true]';
        lines.push(`{ const at = ${this.text(s.index)}, value = ${this.text(s.value)}, mask = ${mask};`);
        for (let lane = 0; lane < 4; lane++) {
          const at = this.word(s.memory, `at[${lane}]`, lane, s.bytes);
          const value = `value[${lane}]`;
          lines.push(`if (mask[${lane}]) ${this.style.store(s.memory, scalarType(s.value.type), at, value, s.line)};`);
        }
        lines.push('}');
        return;
      }
      case 'if':
        lines.push(`if (${this.text(s.condition)}) {`);
        this.statements(s.yes);
        if (s.no.length > 0) lines.push('} else {');
        this.statements(s.no);
        lines.push('}');
        return;
      case 'block':
        this.loops.delete(s.label);
        lines.push(`l${s.label}: {`);
        this.statements(s.body);
        lines.push('}');
        return;
      case 'loop':
        this.loops.add(s.label);
        lines.push(`l${s.label}: for (;;) {`);
        this.statements(s.body);
        lines.push('break;', '}');
        return;
      case 'branch':
        lines.push(`${this.loops.has(s.label) ? 'continue' : 'break'} l${s.label};`);
        return;
      case 'barrier':
        lines.push(`yield ${this.wait({ kind: 'barrier', line: s.line, storage: s.storage === true })};`);
        return;
    }
  }

  private storeText(s: Stmt & { kind: 'store' }): void {
    const type = scalarType(s.value.type);
    if (!isPacked(s.value.type)) {
      const at = this.word(s.memory, this.text(s.index), undefined, s.bytes);
      this.lines.push(`${this.style.store(s.memory, type, at, this.text(s.value), s.line)};`);
      return;
    }
    this.lines.push(`{ const at = ${this.text(s.index)}, value = ${this.text(s.value)};`);
    for (let lane = 0; lane < 4; lane++) {
      const at = this.contiguous(s.memory, 'at', lane, s.bytes);
      this.lines.push(`${this.style.store(s.memory, type, at, `value[${lane}]`, s.line)};`);
    }
    this.lines.push('}');
  }

  /** The word that an index means; private memory of width 4 holds four words an element, `lane` says which. */
  private word(memory: Memory, index: string, lane: number | undefined, bytes: true | undefined): string {
    if (bytes) return `((${index} - ${baseOf(memory)}) >>> 2)`;
    if (this.ir.width === 1 || memory.kind !== 'private') return index;
    if (lane === undefined) throw new Error(`A scalar access of private ${memory.name} with width 4 has no meaning.`);
    return `(${index} * 4 + ${lane})`;
  }

  /** Word `lane` of a packed access. */
  private contiguous(memory: Memory, index: string, lane: number, bytes: true | undefined): string {
    if (memory.kind === 'private' && this.ir.width === 4) return this.word(memory, index, lane, bytes);
    const first = this.word(memory, index, undefined, bytes);
    return lane === 0 ? first : `(${first} + ${lane})`;
  }

  private wait(wait: Wait): number {
    return this.waits.push(wait) - 1;
  }

  private text(e: Expr): string {
    const packed = isPacked(e.type);
    const type = scalarType(e.type);
    switch (e.kind) {
      case 'const': {
        const value = constantText(type, e.value);
        return packed ? `splat(${value})` : value;
      }
      case 'local':
        return `v${e.local.id}`;
      case 'builtin':
        return e.name === 'lindex' ? (this.ir.width === 1 ? 'li' : '(li * 4)') : BUILTIN[e.name];
      case 'param':
        return `${PARAM[e.type]}[${e.word}]`;
      case 'base':
        return String(baseOf(e.memory));
      case 'length':
        return `n${e.binding}`;
      case 'load':
        return this.loadText(e);
      case 'gather': {
        const one = (lane: number): string => {
          const at = this.word(e.memory, `at[${lane}]`, lane, e.bytes);
          return `(mask[${lane}] ? ${this.style.load(e.memory, type, at, e.line)} : ${zeroOf(type)})`;
        };
        const mask = e.mask ? this.text(e.mask) : '[true, true, true, true]';
        return `((at, mask) => [${[0, 1, 2, 3].map(one).join(', ')}])(${this.text(e.index)}, ${mask})`;
      }
      case 'unary': {
        const operand = this.text(e.a);
        if (e.op === 'any' || e.op === 'all') return `${e.op}(${operand})`;
        if (!packed) return this.style.unary(e.op, type, operand, this.line);
        return `map1(${operand}, (x) => ${this.style.unary(e.op, type, 'x', this.line)})`;
      }
      case 'binary': {
        const of = scalarType(e.a.type);
        const [a, b] = [this.text(e.a), this.text(e.b)];
        if (!packed) return this.style.binary(e.op, of, a, b, this.line);
        return `map2(${a}, ${b}, (x, y) => ${this.style.binary(e.op, of, 'x', 'y', this.line)})`;
      }
      case 'select': {
        const [condition, yes, no] = [this.text(e.condition), this.text(e.yes), this.text(e.no)];
        if (!isPacked(e.condition.type)) return `pick(${condition}, ${yes}, ${no})`;
        return `((c, y, n) => [c[0] ? y[0] : n[0], c[1] ? y[1] : n[1], c[2] ? y[2] : n[2], c[3] ? y[3] : n[3]])(${condition}, ${yes}, ${no})`;
      }
      case 'convert':
      case 'bitcast': {
        const change = e.kind === 'convert' ? convertText : bitcastText;
        const from = scalarType(e.a.type);
        if (!packed) return change(from, type, this.text(e.a));
        return `map1(${this.text(e.a)}, (x) => ${change(from, type, 'x')})`;
      }
      case 'splat':
        return `splat(${this.text(e.a)})`;
      case 'compose':
        return `[${e.parts.map((part) => this.text(part)).join(', ')}]`;
      case 'extract':
        return `${this.text(e.a)}[${e.lane}]`;
      case 'extractAt':
        return `${this.text(e.a)}[${this.text(e.lane)} & 3]`;
      case 'insert':
        return `insert(${this.text(e.a)}, ${e.lane}, ${this.text(e.value)})`;
      case 'insertAt':
        return `insert(${this.text(e.a)}, ${this.text(e.lane)}, ${this.text(e.value)})`;
      case 'shuffle':
        return `((s) => [${e.lanes.map((l) => `s[${l}]`).join(', ')}])(join(${this.text(e.a)}, ${this.text(e.b)}))`;
      case 'subgroup':
        return this.subgroupText(e);
    }
  }

  private loadText(e: Expr & { kind: 'load' }): string {
    const type = scalarType(e.type);
    if (!isPacked(e.type)) {
      return this.style.load(e.memory, type, this.word(e.memory, this.text(e.index), undefined, e.bytes), e.line);
    }
    const one = (lane: number): string =>
      this.style.load(e.memory, type, this.contiguous(e.memory, 'at', lane, e.bytes), e.line);
    return `((at) => [${[0, 1, 2, 3].map(one).join(', ')}])(${this.text(e.index)})`;
  }

  private subgroupText(e: Expr & { kind: 'subgroup' }): string {
    if (this.ir.width !== 1) throw new Error('Subgroup operations are gone when a function has width 4.');
    if (e.op === 'invocationId') return '(li & 3)';
    const [a, b] = [this.text(e.a), e.b ? this.text(e.b) : '0'];
    const number = this.wait({ kind: 'subgroup', line: e.line, op: e.op, type: scalarType(e.a.type) });
    return `(sgA[li] = ${a}, sgB[li] = ${b}, yield ${number}, sgR[li])`;
  }
}

function baseOf(memory: Memory): number {
  if (memory.kind === 'private') throw new Error(`Private ${memory.name} has no byte address.`);
  return ROOM * (memory.kind === 'binding' ? 1 + memory.index : WORKGROUP_ROOMS + memory.id);
}

const zeroOf = (type: ScalarValueType): string => (type === 'bool' ? 'false' : '0');
const zero = (local: Local): string =>
  isPacked(local.type) ? `splat(${zeroOf(scalarType(local.type))})` : zeroOf(scalarType(local.type));
