/**
 * Random functions of the middle form, width 1 and scalars only: structured control flow of every kind, loads near, far and scattered, private and
 * workgroup memory. Every loop counts itself and ends; every index lies inside of its memory for the invocations that use it; invocations write to
 * places of their own.
 */
import * as b from '../../../src/wgsl/build.js';
import type { BinaryOp, Expr, IrFunction, Local, Memory, Stmt, UnaryOp } from '../../../src/wgsl/ir.js';
import { Random } from '../fuzz/random.js';

type Scalar = 'f32' | 'i32' | 'u32' | 'bool';

export const WORDS = 256;
/** Words that belong to one invocation, in each of the three parts of the output. */
const OWN = 8;
const MOST = 128;
export const OUTPUT_WORDS = MOST * OWN * 3;
export const PARAMS = Uint32Array.of(3, 4, 5, 7, 16, 30, 64, 1, 0);

const input: Memory = { kind: 'binding', index: 0, name: 'input' };
const output: Memory = { kind: 'binding', index: 1, name: 'output' };
const shared: Memory = { kind: 'workgroup', id: 0, name: 'shared', words: 128 };
const own: Memory & { kind: 'private' } = { kind: 'private', id: 0, name: 'own', words: 6 };

const u = b.u32;

export interface RandomIr {
  readonly ir: IrFunction;
  readonly invocations: number;
  readonly grid: readonly [number, number, number];
}

interface Label {
  readonly label: number;
}

class Generator {
  readonly random: Random;
  private readonly fresh = new b.Fresh();
  private values: Expr[] = [];
  private variables: Local[] = [];
  private labels: Label[] = [];
  private budget: number;
  private depth = 0;
  private readonly size: readonly [number, number, number];
  private readonly id: Expr;
  private readonly order: number;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.budget = this.random.between(10, 60);
    this.order = this.random.below(4);
    this.size = this.random.pick([
      [8, 1, 1],
      [4, 2, 1],
      [16, 1, 2],
    ] as const);
    // lindex and gid.x as lowering has them.
    const group = b.add(b.mul(b.builtin('wid.y'), b.builtin('nwg.x')), b.builtin('wid.x'));
    this.id = b.add(b.mul(group, u(this.size[0] * this.size[1] * this.size[2])), b.builtin('lindex'));
  }

  make(): RandomIr {
    const [x, y, z] = this.size;
    const grid = this.random.pick([
      [1, 1, 1],
      [2, 1, 1],
      [2, 2, 1],
    ] as const);
    const invocations = x * y * z * grid[0] * grid[1];
    const body: Stmt[] = [];
    for (const e of [this.id, b.builtin('lid.x')]) body.push(this.let(e));
    // Private memory holds anything at first.
    for (let k = 0; k < own.words; k++) body.push(b.store(own, u(k), u(k), 1));
    const main = this.fresh.label();
    this.labels.push({ label: main });
    const parts: Stmt[] = [];
    if (this.random.chance(0.5)) {
      const bound = this.random.chance(0.5) ? u(this.random.between(1, invocations)) : this.uniform();
      parts.push(...b.when(b.ge(this.values[0], bound), [b.branch(main)]));
      parts.push(...this.list());
    } else {
      parts.push(...this.list());
      if (this.random.chance(0.4)) parts.push(...this.exchange());
      parts.push(...this.list());
    }
    // Outside of the block nothing has been set for sure.
    body.push(b.block(main, parts));
    return {
      ir: {
        name: 'random',
        width: 1,
        workgroupSize: this.size,
        bindings: [
          { name: 'input', index: 0 },
          { name: 'output', index: 1 },
        ],
        paramWords: PARAMS.length,
        body,
      },
      invocations,
      grid,
    };
  }

  /** Through workgroup memory, past a barrier: only where all invocations come by. */
  private exchange(): Stmt[] {
    if (this.leaves > 0) return [];
    const count = this.size[0] * this.size[1] * this.size[2];
    const other = b.rem(b.add(b.builtin('lindex'), this.uniform()), u(count));
    return [
      b.store(shared, b.builtin('lindex'), this.expr('u32', 2), 1),
      { kind: 'barrier', line: 1 },
      this.let(b.load(shared, this.random.chance(0.5) ? other : u(this.random.below(count)), 'u32', 1)),
      { kind: 'barrier', line: 1 },
    ];
  }

  /** Branches to main's end so far. */
  private leaves = 0;

  private let(value: Expr): Stmt {
    const local = this.fresh.local('v', value.type);
    this.values.push(b.read(local));
    return b.set(local, value);
  }

  private scoped(make: () => Stmt[]): Stmt[] {
    const { values, variables, labels } = this;
    this.values = [...values];
    this.variables = [...variables];
    this.labels = [...labels];
    this.depth++;
    const made = make();
    this.depth--;
    Object.assign(this, { values, variables, labels });
    return made;
  }

  private list(): Stmt[] {
    const body: Stmt[] = [];
    const count = this.random.between(1, 5);
    for (let k = 0; k < count && this.budget > 0; k++) {
      this.budget--;
      const made = this.statement();
      body.push(...made);
      if (made.at(-1)?.kind === 'branch') return body;
    }
    return body;
  }

  private statement(): Stmt[] {
    const { random } = this;
    const deep = this.depth > 4;
    const kind = random.weighted([
      [5, 'let'],
      [4, 'var'],
      [6, 'set'],
      [5, 'store'],
      [2, 'private'],
      [deep ? 0 : 6, 'if'],
      [deep ? 0 : 3, 'loop'],
      [deep ? 0 : 2, 'block'],
      [this.depth > 0 ? 3 : 0, 'branch'],
    ]);
    switch (kind) {
      case 'let':
        return [this.let(this.expr(this.scalar(), 3))];
      case 'var': {
        const local = this.fresh.local('m', this.scalar(), true);
        const value = this.expr(local.type as Scalar, 2);
        this.variables.push(local);
        return [b.set(local, value)];
      }
      case 'set': {
        if (this.variables.length === 0) return [];
        const local = random.pick(this.variables);
        const type = local.type as Scalar;
        const step = type === 'u32' && random.chance(0.4);
        return [b.set(local, step ? b.add(b.read(local), this.uniform()) : this.expr(type, 3))];
      }
      case 'store':
        return [this.store()];
      case 'private':
        return [b.store(own, this.within(6), this.expr(random.pick(['u32', 'f32', 'i32']), 2), 1)];
      case 'if': {
        const condition = this.expr('bool', 3);
        const yes = this.scoped(() => this.list());
        const no = random.chance(0.5) ? this.scoped(() => this.list()) : [];
        return [...b.when(condition, yes, no)];
      }
      case 'block': {
        const label = this.fresh.label();
        const body = this.scoped(() => {
          this.labels.push({ label });
          return this.list();
        });
        return [b.block(label, body)];
      }
      case 'loop':
        return this.loop();
      default: {
        const { label } = random.pick(this.labels);
        if (label === this.labels[0].label) this.leaves++;
        return [b.branch(label)];
      }
    }
  }

  private loop(): Stmt[] {
    const [out, again] = [this.fresh.label(), this.fresh.label()];
    const count = this.fresh.local('count', 'u32', true);
    const bound = this.random.chance(0.6) ? b.rem(this.uniform(), u(5)) : b.and(this.expr('u32', 2), u(3));
    const bounded = this.fresh.local('bound', 'u32');
    const body = this.scoped(() => {
      this.labels.push({ label: out }, { label: again });
      this.values.push(b.read(count));
      const inner = this.list();
      return [
        ...b.when(b.ge(b.read(count), b.read(bounded)), [b.branch(out)]),
        b.set(count, b.add(b.read(count), u(1))),
        ...inner,
        // Now and then it runs out at its end.
        ...(inner.at(-1)?.kind === 'branch' || this.random.chance(0.2) ? [] : [b.branch(again)]),
      ];
    });
    return [b.set(bounded, bound), b.set(count, u(0)), b.block(out, [b.loop(again, body)])];
  }

  private store(): Stmt {
    const k = this.random.chance(0.7) ? u(this.random.below(OWN)) : this.within(OWN);
    const value = this.expr(this.random.pick(['u32', 'f32', 'i32']), 3);
    const { id } = this;
    const count = u(this.size[0] * this.size[1] * this.size[2] * 4);
    // Neighbours side by side, apart, or in another order.
    const ways = [
      b.add(b.mul(k, count), id),
      b.add(b.mul(id, u(OWN)), k),
      b.add(b.mul(k, count), b.xor(id, u(this.order))),
    ];
    const way = this.random.below(3);
    return b.store(output, b.add(ways[way], u(way * MOST * OWN)), value, 1);
  }

  private scalar(): Scalar {
    return this.random.weighted<Scalar>([
      [6, 'u32'],
      [4, 'i32'],
      [4, 'f32'],
      [3, 'bool'],
    ]);
  }

  /** Equal for all. */
  private uniform(): Expr {
    return this.random.pick([
      u(this.random.below(6)),
      u(this.random.pick([1, 2, 4, 8, 12])),
      b.param('u32', this.random.below(PARAMS.length)),
      b.param('u32', this.random.below(PARAMS.length)),
      b.builtin('wid.x'),
    ]);
  }

  private within(count: number): Expr {
    if (this.random.chance(0.3)) return u(this.random.below(count));
    const e = this.expr('u32', 2);
    return this.random.chance(0.5) ? b.rem(e, u(count)) : b.min(e, u(count - 1));
  }

  private leaf(type: Scalar): Expr {
    const { random } = this;
    const fitting = this.values.filter((e) => e.type === type);
    const variables = this.variables.filter((l) => l.type === type);
    if (fitting.length > 0 && random.chance(0.5)) return random.pick(fitting);
    if (variables.length > 0 && random.chance(0.7)) return b.read(random.pick(variables));
    switch (type) {
      case 'f32':
        return b.f32(random.below(9) - 4);
      case 'i32':
        return b.i32(random.below(20) - 6);
      case 'u32':
        return random.chance(0.3) ? this.id : random.chance(0.2) ? b.builtin('lid.x') : this.uniform();
      case 'bool':
        return b.bool(random.chance(0.5));
    }
  }

  private expr(type: Scalar, depth: number): Expr {
    const { random } = this;
    if (depth === 0 || random.chance(0.15)) return this.leaf(type);
    const inner = (t: Scalar = type): Expr => this.expr(t, depth - 1);
    if (type === 'bool') {
      const of = random.pick<Scalar>(['u32', 'u32', 'i32', 'f32']);
      const op = random.pick<BinaryOp>(['lt', 'le', 'gt', 'ge', 'eq', 'ne']);
      const compared = b.binary(op, inner(of), random.chance(0.5) && of === 'u32' ? this.uniform() : inner(of));
      if (random.chance(0.2)) return b.not(compared);
      return random.chance(0.2) ? b.binary(random.pick<BinaryOp>(['and', 'or']), compared, inner('bool')) : compared;
    }
    switch (
      random.weighted([
        [8, 'binary'],
        [2, 'unary'],
        [3, 'select'],
        [2, 'convert'],
        [4, 'load'],
      ])
    ) {
      case 'binary': {
        if (type === 'f32')
          return b.binary(random.pick<BinaryOp>(['add', 'sub', 'mul', 'min', 'max']), inner(), inner());
        const op = random.pick<BinaryOp>(
          type === 'u32'
            ? ['add', 'add', 'add', 'sub', 'mul', 'div', 'rem', 'div', 'rem', 'min', 'max', 'and', 'or', 'shr', 'shl']
            : ['add', 'sub', 'mul', 'div', 'rem', 'min', 'max', 'and', 'xor', 'shr', 'shl'],
        );
        if (op === 'shr' || op === 'shl') return b.binary(op, inner(), u(random.below(5)));
        return b.binary(op, inner(), type === 'u32' && random.chance(0.6) ? this.uniform() : inner());
      }
      case 'unary':
        return b.unary(random.pick<UnaryOp>(type === 'u32' ? ['not', 'countOneBits'] : ['neg', 'abs']), inner());
      case 'select':
        return b.select(inner('bool'), inner(), inner());
      case 'convert':
        if (type === 'f32') return b.convert('f32', b.convert('i32', b.rem(inner('u32'), u(100))));
        return b.convert(type, inner(random.pick<Scalar>(['u32', 'i32', 'bool'])));
      default:
        return this.load(type);
    }
  }

  private load(type: 'f32' | 'i32' | 'u32'): Expr {
    if (this.random.chance(0.25)) return this.number(type, b.load(own, this.within(6), 'u32', 1));
    return this.number(type, b.load(input, this.within(WORDS), 'u32', 1));
  }

  /** Of words with any bits: small numbers. */
  private number(type: 'f32' | 'i32' | 'u32', word: Expr): Expr {
    if (type === 'u32') return this.random.chance(0.5) ? word : b.and(word, u(63));
    return b.convert(type, b.and(word, u(15)));
  }
}

export const randomIr = (seed: number): RandomIr => new Generator(seed).make();
