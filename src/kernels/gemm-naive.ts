/** The plain form of a gemm, to be read first and to measure the others against; and the product over nothing. */
import { gemmParams, lhsBinding, resultBinding, rhsBinding, SEGMENT, type GemmTask } from './gemm.js';
import { defineLaunch, flatIndex, gridFor, u32, type Launch } from './launch.js';

/** `naive`: one invocation an output element; neighbours in a workgroup share a row of lhs and read neighbouring columns of rhs. */
export function naiveLaunch({ gemm: g, problem }: GemmTask): Launch {
  const lhsStep = g.lhs.contiguous === 'inner' ? '1u' : g.lhs.step;
  const [rhsInner, rhsOuter] = g.rhs.contiguous === 'inner' ? ['1u', g.rhs.step] : [g.rhs.step, '1u'];
  return defineLaunch({
    name: `${g.name}.naive`,
    bindings: [lhsBinding(g), rhsBinding(g), resultBinding(), ...problem.epilogue.bindings],
    params: [...gemmParams(g), ...problem.epilogue.params],
    workgroupSize: [64, 1, 1],
    grid: gridFor(g.batch * g.m * g.n, 64),
    declarations: `${SEGMENT}\n${g.code}\n${problem.epilogue.code}`,
    body: `
  let index = ${flatIndex(64)};
  if (index >= p.batch * p.m * p.n) { return; }
  let column = index % p.n;
  let batch = index / p.n / p.m;
  let row = rowOf(batch, index / p.n % p.m);
  let lhsStep = ${lhsStep};
  let rhsStep = ${rhsInner};
  var sum = 0.0;
  for (var segment = 0u; segment < p.segments; segment++) {
    let s = segmentOf(batch, segment);
    let origin = lhsOrigin(row, s);
    ${g.padded ? 'if (origin == NOWHERE) { continue; }' : ''}
    let start = u32(origin);
    let columnStart = s.rhs + column * ${rhsOuter};
    for (var i = s.begin; i < s.end; i++) {
      sum += lhs[start + i * lhsStep] * rhs[columnStart + i * rhsStep];
    }
  }
  result[index] = epilogue(sum, index);`,
  });
}

/** A product over nothing: zeros, through the epilogue. Binds neither factor, since an empty one has no memory to bind. */
export function zeroLaunch({ gemm: g, problem }: GemmTask): Launch {
  return defineLaunch({
    name: `${g.name}.zero`,
    bindings: [resultBinding(), ...problem.epilogue.bindings],
    params: [u32('count', g.batch * g.m * g.n), ...problem.epilogue.params],
    workgroupSize: [64, 1, 1],
    grid: gridFor(g.batch * g.m * g.n, 64),
    declarations: problem.epilogue.code,
    body: `
  let index = ${flatIndex(64)};
  if (index < p.count) { result[index] = epilogue(0.0, index); }`,
  });
}
