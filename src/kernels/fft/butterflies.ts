/**
 * Small transforms in registers, as WGSL over real and imaginary parts in variables of their own. The text is the same for numbers and for
 * vec4 (four rows at once).
 */

/** A complex variable `x` is the two variables `xr` and `xi`. */
export const times = (to: string, a: string, w: string): string =>
  `let ${to}r = ${a}r * ${w}.x - ${a}i * ${w}.y; let ${to}i = ${a}r * ${w}.y + ${a}i * ${w}.x;`;

/** WGSL that defines `${y}0` … from `${v}0` …: the forward transform of `radix` numbers. `${y}` with a suffix names what lies between. */
export function butterfly(radix: number, v: string, y: string): string {
  if (radix === 1) return `let ${y}0r = ${v}0r; let ${y}0i = ${v}0i;`;
  if (radix === 2) return both((c) => `let ${y}0${c} = ${v}0${c} + ${v}1${c}; let ${y}1${c} = ${v}0${c} - ${v}1${c};`);
  if (radix === 4)
    return four(
      [0, 1, 2, 3].map((q) => `${v}${q}`),
      y,
      y,
    );
  if (radix === 8) return eight(v, y);
  return odd(radix, v, y);
}

const both = (text: (part: 'r' | 'i') => string): string => `${text('r')} ${text('i')}`;

function four([a, b, c, d]: readonly string[], y: string, t: string): string {
  return `${both((p) => `let ${t}s${p} = ${a}${p} + ${c}${p}; let ${t}t${p} = ${a}${p} - ${c}${p};`)}
${both((p) => `let ${t}u${p} = ${b}${p} + ${d}${p}; let ${t}w${p} = ${b}${p} - ${d}${p};`)}
${both((p) => `let ${y}0${p} = ${t}s${p} + ${t}u${p}; let ${y}2${p} = ${t}s${p} - ${t}u${p};`)}
let ${y}1r = ${t}tr + ${t}wi; let ${y}1i = ${t}ti - ${t}wr;
let ${y}3r = ${t}tr - ${t}wi; let ${y}3i = ${t}ti + ${t}wr;`;
}

/** Even and odd inputs by fours; the odd ones are turned by eighths of a circle. */
function eight(v: string, y: string): string {
  const [e, o, t] = [`${y}e`, `${y}o`, `${y}t`];
  const h = '0.707106781';
  return `${four(
    [0, 2, 4, 6].map((q) => `${v}${q}`),
    e,
    e,
  )}
${four(
  [1, 3, 5, 7].map((q) => `${v}${q}`),
  o,
  o,
)}
let ${t}1r = (${o}1r + ${o}1i) * ${h}; let ${t}1i = (${o}1i - ${o}1r) * ${h};
let ${t}3r = (${o}3i - ${o}3r) * ${h}; let ${t}3i = (${o}3i + ${o}3r) * -${h};
${both((p) => `let ${y}0${p} = ${e}0${p} + ${o}0${p}; let ${y}4${p} = ${e}0${p} - ${o}0${p};`)}
${both((p) => `let ${y}1${p} = ${e}1${p} + ${t}1${p}; let ${y}5${p} = ${e}1${p} - ${t}1${p};`)}
let ${y}2r = ${e}2r + ${o}2i; let ${y}2i = ${e}2i - ${o}2r;
let ${y}6r = ${e}2r - ${o}2i; let ${y}6i = ${e}2i + ${o}2r;
${both((p) => `let ${y}3${p} = ${e}3${p} + ${t}3${p}; let ${y}7${p} = ${e}3${p} - ${t}3${p};`)}`;
}

/**
 * y_k and y_{r−k} share their work: with s_q = v_q + v_{r−q} and d_q = v_q − v_{r−q}, they are v_0 + Σ_q cos(2πqk/r)·s_q ∓ i·Σ_q sin(2πqk/r)·d_q,
 * q up to (r − 1)/2.
 */
function odd(radix: number, v: string, y: string): string {
  const half = Array.from({ length: (radix - 1) / 2 }, (_, i) => i + 1);
  const lines = half.map((q) =>
    both(
      (p) =>
        `let ${y}s${q}${p} = ${v}${q}${p} + ${v}${radix - q}${p}; let ${y}d${q}${p} = ${v}${q}${p} - ${v}${radix - q}${p};`,
    ),
  );
  lines.push(both((p) => `let ${y}0${p} = ${v}0${p} + ${half.map((q) => `${y}s${q}${p}`).join(' + ')};`));
  const angle = (q: number, k: number): number => (2 * Math.PI * ((q * k) % radix)) / radix;
  const sum = (f: (x: number) => number, k: number, name: string, part: string): string =>
    half.map((q) => `${f(angle(q, k)).toFixed(9)} * ${y}${name}${q}${part}`).join(' + ');
  for (const k of half) {
    lines.push(
      both(
        (p) =>
          `let ${y}m${k}${p} = ${v}0${p} + ${sum(Math.cos, k, 's', p)}; let ${y}n${k}${p} = ${sum(Math.sin, k, 'd', p)};`,
      ),
      `let ${y}${k}r = ${y}m${k}r + ${y}n${k}i; let ${y}${k}i = ${y}m${k}i - ${y}n${k}r;`,
      `let ${y}${radix - k}r = ${y}m${k}r - ${y}n${k}i; let ${y}${radix - k}i = ${y}m${k}i + ${y}n${k}r;`,
    );
  }
  return lines.join('\n');
}
