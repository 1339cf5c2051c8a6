/**
 * How a register tile (gemm-tile.ts) gets at its factors: the WGSL of the inner loop for each way that lhs and rhs can lie in memory.
 */
import { PANEL, type Gemm, type Tile } from './gemm.js';

/** The text that depends on how the factors lie in memory. */
export interface Inner {
  /** Before the loops: params and row facts kept in registers, since a uniform read in a loop is a load each time. */
  readonly setup: string;
  readonly segment: string;
  readonly body: string;
  /** How far `i` advances. */
  readonly step: number;
  /** Expression (bool): no row lies in this segment's padding. Undefined where rows never do. */
  readonly inside: string | undefined;
}

/** Writes that text for a tile of `rows` × 4·`quads`; see `Tile` for `share`. */
export function innerLoop(g: Gemm, { rows, quads, share }: Tile): Inner {
  const { lhs, rhs } = g;
  const step = (lhs.contiguous === 'inner' && lhs.aligned) || (rhs.contiguous === 'inner' && rhs.aligned) ? 4 : 1;
  const setup = [`let lhsStep = ${lhs.step};`, `let rhsStep = ${rhs.step};`];
  const segment: string[] = [];
  const body: string[] = [];
  const right = rhsText(g, step, quads);
  const left = share ? sharedLhsText(g, rows, share) : lhsText(g, rows);
  setup.push(...right.setup, ...left.setup);
  segment.push(...right.segment, ...left.segment);
  body.push(...right.first, ...left.first);
  for (let j = 0; j < step; j++) {
    body.push(...range(quads).map((q) => `let b${q}_${j} = ${right.load(q, j)};`), ...left.load(j));
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < quads; q++) {
        body.push(`sum${r}_${q} = fma(vec4<f32>(${left.value(r, j)}), b${q}_${j}, sum${r}_${q});`);
      }
    }
  }
  const text = (lines: string[], indent: number): string => lines.map((line) => ' '.repeat(indent) + line).join('\n');
  return {
    setup: text(setup, 2),
    segment: text(segment, 4),
    body: text(body, 6),
    step,
    inside: g.padded
      ? range(left.origins)
          .map((name) => `inside${name}`)
          .join(' && ')
      : undefined,
  };
}

interface RhsText {
  readonly setup: string[];
  readonly segment: string[];
  /** Loads that serve the whole step. */
  readonly first: string[];
  /** Expression: columns 4q … 4q + 3 of this invocation at inner index i + j. */
  load(q: number, j: number): string;
}

function rhsText({ rhs }: Gemm, step: number, quads: number): RhsText {
  const columns = range(4 * quads);
  const fourOf = (q: number): number[] => columns.slice(4 * q, 4 * q + 4);
  if (rhs.contiguous === 'outer' && rhs.aligned) {
    // Addresses in vec4.
    return {
      setup: [
        'let rhsStep4 = rhsStep / 4u;',
        ...range(quads).map((q) => `let quad${q} = min(column + ${4 * q}u, p.n - 4u);`),
      ],
      segment: range(quads).map((q) => `let b_${q} = (s.rhs + quad${q}) / 4u;`),
      first: [],
      load: (q, j) => `rhs[b_${q} + ${plus(j)} * rhsStep4]`,
    };
  }
  if (rhs.contiguous === 'panels') {
    return {
      setup: [],
      segment: [
        `let b_ = ((batch * p.segments + segment) * p.panels + column / ${PANEL}u) * p.panelRows * ${PANEL / 4}u;`,
      ],
      first: [],
      load: (q, j) => `rhs[b_ + ${plus(j)} * ${PANEL / 4}u + ${q}u]`,
    };
  }
  const setup = columns.map((c) => `let column${c} = min(column + ${c}u, p.n - 1u);`);
  if (rhs.contiguous === 'outer') {
    const loads = (q: number, j: number): string =>
      fourOf(q)
        .map((c) => `rhs[s.rhs + column${c} + ${plus(j)} * rhsStep]`)
        .join(', ');
    return { setup, segment: [], first: [], load: (q, j) => `vec4<f32>(${loads(q, j)})` };
  }
  const segment = columns.map((c) => `let b_${c} = s.rhs + column${c} * rhsStep;`);
  if (step === 1) {
    const load = (q: number): string =>
      `vec4<f32>(${fourOf(q)
        .map((c) => `rhs[b_${c} + i]`)
        .join(', ')})`;
    return { setup, segment, first: [], load };
  }
  return {
    setup,
    segment,
    first: columns.map((c) => `let t${c} = rhs[(b_${c} + i) / 4u];`),
    load: (q, j) =>
      `vec4<f32>(${fourOf(q)
        .map((c) => `t${c}.${'xyzw'[j]}`)
        .join(', ')})`,
  };
}

interface LhsText {
  /** How many places `segment` finds: names run from 0. */
  readonly origins: number;
  readonly setup: string[];
  readonly segment: string[];
  readonly first: string[];
  /** Lines before the multiply-adds of inner index i + j. */
  load(j: number): string[];
  /** Expression: the element of row r at inner index i + j. */
  value(r: number, j: number): string;
}

/** Statements that find a row's (or four rows') place in this segment; `a_<name>` is its address. */
function originText(g: Gemm, name: number): string[] {
  if (!g.padded) return [`let a_${name} = u32(lhsOrigin(row${name}, s));`];
  return [
    `let origin${name} = lhsOrigin(row${name}, s);`,
    `let inside${name} = origin${name} != NOWHERE;`,
    `let a_${name} = select(0u, u32(origin${name}), inside${name});`,
  ];
}

/** A load of lhs at `address`, zero where the row lies in the padding. */
const guarded = (g: Gemm, name: number, load: string): string =>
  g.padded ? `select(${g.lhs.aligned ? 'vec4<f32>()' : '0.0'}, ${load}, inside${name})` : load;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Every invocation loads all its rows. */
function lhsText(g: Gemm, rows: number): LhsText {
  const { lhs } = g;
  const all = range(rows);
  if (lhs.contiguous === 'outer' && lhs.aligned) {
    const quads = range(rows / 4);
    return {
      origins: quads.length,
      setup: quads.map((q) => `let row${q} = rowOf(batch, min(firstRow + ${4 * q}u, p.m - 4u));`),
      segment: quads.flatMap((q) => originText(g, q)),
      first: [],
      load: (j) => quads.map((q) => `let a${q}_${j} = lhs[(a_${q} + ${plus(j)} * lhsStep) / 4u];`),
      value: (r, j) => `a${Math.floor(r / 4)}_${j}.${'xyzw'[r % 4]}`,
    };
  }
  const setup = all.map((r) => `let row${r} = rowOf(batch, min(firstRow + ${r}u, p.m - 1u));`);
  const segment = all.flatMap((r) => originText(g, r));
  if (lhs.contiguous === 'inner' && lhs.aligned) {
    return {
      origins: rows,
      setup,
      segment,
      first: all.map((r) => `let a${r} = ${guarded(g, r, `lhs[(a_${r} + i) / 4u]`)};`),
      load: () => [],
      value: (r, j) => `a${r}.${'xyzw'[j]}`,
    };
  }
  const at = (r: number, j: number): string =>
    `lhs[a_${r} + ${plus(j)}${lhs.contiguous === 'outer' ? ' * lhsStep' : ''}]`;
  return {
    origins: rows,
    setup,
    segment,
    first: [],
    load: (j) => all.map((r) => `let a${r}_${j} = ${guarded(g, r, at(r, j))};`),
    value: (r, j) => `a${r}_${j}`,
  };
}

/** Lane w of every `share` lanes loads rows w, w + share, … (or row quads, where four rows are one vec4), then broadcasts them. */
function sharedLhsText(g: Gemm, rows: number, share: number): LhsText {
  const { lhs } = g;
  const perLoad = lhs.contiguous === 'outer' && lhs.aligned ? 4 : 1;
  const loads = range(rows / share / perLoad);
  const last = perLoad === 4 ? 'p.m - 4u' : 'p.m - 1u';
  const setup = [
    `let lane = subgroupExclusiveAdd(1u) % ${share}u;`,
    ...loads.map((q) => `let row${q} = rowOf(batch, min(firstRow + (${q * share}u + lane) * ${perLoad}u, ${last}));`),
  ];
  const segment = loads.flatMap((q) => originText(g, q));
  if (perLoad === 4) {
    return {
      origins: loads.length,
      setup,
      segment,
      first: [],
      load: (j) => loads.map((q) => `let own${q}_${j} = lhs[(a_${q} + ${plus(j)} * lhsStep) / 4u];`),
      value: (r, j) => {
        const quad = Math.floor(r / 4);
        return `subgroupBroadcast(own${Math.floor(quad / share)}_${j}.${'xyzw'[r % 4]}, ${quad % share}u)`;
      },
    };
  }
  if (lhs.contiguous === 'inner' && lhs.aligned) {
    return {
      origins: loads.length,
      setup,
      segment,
      first: loads.map((q) => `let own${q} = ${guarded(g, q, `lhs[(a_${q} + i) / 4u]`)};`),
      load: () => [],
      value: (r, j) => `subgroupBroadcast(own${Math.floor(r / share)}.${'xyzw'[j]}, ${r % share}u)`,
    };
  }
  const at = (q: number, j: number): string =>
    `lhs[a_${q} + ${plus(j)}${lhs.contiguous === 'outer' ? ' * lhsStep' : ''}]`;
  return {
    origins: loads.length,
    setup,
    segment,
    first: [],
    load: (j) => loads.map((q) => `let own${q}_${j} = ${guarded(g, q, at(q, j))};`),
    value: (r, j) => `subgroupBroadcast(own${Math.floor(r / share)}_${j}, ${r % share}u)`,
  };
}

const plus = (j: number): string => (j === 0 ? 'i' : `(i + ${j}u)`);
