/**
 * Elementary functions in WGSL, because the built-in ones may not be used where numbers matter: WGSL lets an implementation be off by
 * 2⁻¹¹ in `tanh`, `sin` and (near 1) `log`, and drivers make use of it; `tanh(100)` is NaN on one. These here have relative errors of
 * a few 1e-7 for every finite argument (tested in test/kernels/math.test.ts). NaN and infinity give what the driver makes of them.
 *
 * Polynomial coefficients: Taylor series where that is short enough, else interpolation in Chebyshev nodes (near-minimax), found in
 * float64. Argument reductions are the textbook ones: Cody and Waite, "Software Manual for the Elementary Functions", 1980, and for
 * huge sine arguments Payne and Hanek, "Radian reduction for trigonometric functions", 1983.
 */

interface Snippet {
  readonly needs: readonly string[];
  readonly code: string;
}

const snippets: Readonly<Record<string, Snippet>> = {
  /** e^x = 2^n · e^r with |r| ≤ ln2 / 2; n·0.693359375 is exact; 2^n is made in two factors, as n can be 128. */
  exp_: {
    needs: [],
    code: `
fn exp_(x: f32) -> f32 {
  if (!(x > -86.6 && x < 88.72)) { return exp(x); }
  let n = floor(x * 1.44269504 + 0.5);
  let r = (x - n * 0.693359375) + n * 2.12194440e-4;
  let q = 0.5 + r * (0.166665763 + r * (0.0416665524 + r * (0.00836324692 + r * 0.00139262679)));
  return (1.0 + (r + r * r * q)) * bitcast<f32>(u32(i32(n) + 126) << 23u) * 2.0;
}`,
  },
  /** e^x − 1 without cancellation near 0. */
  expm1_: {
    needs: ['exp_'],
    code: `
fn expm1_(x: f32) -> f32 {
  if (abs(x) < 0.3466) {
    return x + x * x * (0.5 + x * (0.166665763 + x * (0.0416665524 + x * (0.00836324692 + x * 0.00139262679))));
  }
  return exp_(x) - 1.0;
}`,
  },
  /** Only e^−|x| is formed, so nothing overflows; small results keep their relative accuracy. */
  sigmoid_: {
    needs: ['exp_'],
    code: `
fn sigmoid_(x: f32) -> f32 {
  let t = exp_(-abs(x));
  return select(t, 1.0, x >= 0.0) / (1.0 + t);
}`,
  },
  /** An odd polynomial near 0, else 1 − 2/(e^2|x| + 1); 20 is far past the point where f32 rounds to 1. */
  tanh_: {
    needs: ['exp_'],
    code: `
fn tanh_(x: f32) -> f32 {
  let a = abs(x);
  let z = x * x;
  if (a < 0.6) {
    return x + x * z * (-0.333333343 + z * (0.133333132 + z * (-0.0539615527
      + z * (0.0217883214 + z * (-0.00841007102 + z * 0.00237076567)))));
  }
  let y = 1.0 - 2.0 / (exp_(2.0 * select(a, 20.0, a > 20.0)) + 1.0);
  return select(y, -y, x < 0.0);
}`,
  },
  /** e^x of four at once, without a branch; 0 from −87 down, and as if 88 above. Keeps NaN where the driver knows it. */
  exp4_: {
    needs: [],
    code: `
fn exp4_(x: vec4<f32>) -> vec4<f32> {
  let y = clamp(x, vec4<f32>(-87.0), vec4<f32>(88.0));
  let n = floor(y * 1.44269504 + 0.5);
  let r = (y - n * 0.693359375) + n * 2.12194440e-4;
  let q = 0.5 + r * (0.166665763 + r * (0.0416665524 + r * (0.00836324692 + r * 0.00139262679)));
  let e = (1.0 + (r + r * r * q)) * bitcast<vec4<f32>>(vec4<u32>(vec4<i32>(n) + 126) << vec4<u32>(23u)) * 2.0;
  return select(e, x, x != x);
}`,
  },
  sigmoid4_: {
    needs: ['exp4_'],
    code: `
fn sigmoid4_(x: vec4<f32>) -> vec4<f32> {
  let t = exp4_(-abs(x));
  return select(t, vec4<f32>(1.0), x >= vec4<f32>()) / (1.0 + t);
}`,
  },
  tanh4_: {
    needs: ['exp4_'],
    code: `
fn tanh4_(x: vec4<f32>) -> vec4<f32> {
  let a = abs(x);
  let z = x * x;
  let near = x + x * z * (-0.333333343 + z * (0.133333132 + z * (-0.0539615527
    + z * (0.0217883214 + z * (-0.00841007102 + z * 0.00237076567)))));
  let y = 1.0 - 2.0 / (exp4_(2.0 * select(a, vec4<f32>(20.0), a > vec4<f32>(20.0))) + 1.0);
  return select(select(y, -y, x < vec4<f32>()), near, a < vec4<f32>(0.6));
}`,
  },
  /** log(2^e · (1 + f)) for √½ ≤ 1 + f < √2, from 2·artanh(s) with s = f / (2 + f); the leading f is added last. */
  log_core_: {
    needs: [],
    code: `
fn log_core_(f: f32, e: f32) -> f32 {
  let s = f / (2.0 + f);
  let z = s * s;
  let r = z * (0.666666667 + z * (0.4 + z * (0.285714286 + z * 0.222222222)));
  let h = 0.5 * f * f;
  return e * 0.693359375 - ((h - (s * (h + r) - e * 2.12194440e-4)) - f);
}`,
  },
  /** −∞ at 0 (and for subnormal numbers), NaN below. The built-in's answers there differ by driver: one gives finite numbers. */
  log_: {
    needs: ['log_core_'],
    code: `
fn log_(x: f32) -> f32 {
  if (!(x >= 1.17549435e-38 && x <= 3.40282346e38)) {
    var special = bitcast<u32>(x);
    if (x < 1.17549435e-38) { special = select(0xff800000u, 0x7fc00000u, x < 0.0); }
    return bitcast<f32>(special);
  }
  let bits = bitcast<u32>(x) + 0x004afb0du;
  let m = bitcast<f32>((bits & 0x007fffffu) + 0x3f3504f3u);
  return log_core_(m - 1.0, f32(i32(bits >> 23u) - 127));
}`,
  },
  /** log(1 + x) without losing the small x in the sum. */
  log1p_: {
    needs: ['log_core_', 'log_'],
    code: `
fn log1p_(x: f32) -> f32 {
  if (x > -0.292 && x < 0.414) { return log_core_(x, 0.0); }
  return log_(1.0 + x);
}`,
  },
  /**
   * x = (4k + q)·π/2 + r with |r| ≤ π/4 (a hair more at the seams); gives (r, q). Below 8,000 π/2 is taken off in four pieces, the
   * first three of 11 bits, so that their products with n < 2^13 are exact. Above, the product of x's 24 bits with the four words
   * of 2/π that matter is formed in integers (whole turns drop out by themselves).
   */
  trig_reduce_: {
    needs: [],
    code: `
fn mul_wide_(a: u32, b: u32) -> vec2<u32> {
  let ah = a >> 16u; let al = a & 0xffffu; let bh = b >> 16u; let bl = b & 0xffffu;
  let mid = ah * bl + ((al * bl) >> 16u);
  let mid2 = al * bh + (mid & 0xffffu);
  return vec2<u32>(a * b, ah * bh + (mid >> 16u) + (mid2 >> 16u));
}
fn trig_reduce_(x: f32) -> vec2<f32> {
  let a = abs(x);
  if (a < 8000.0) {
    let n = floor(x * 0.636619772 + 0.5);
    let r = (((x - n * TRIG_A) - n * TRIG_B) - n * TRIG_C) - n * TRIG_D;
    return vec2<f32>(r, f32(i32(n) & 3));
  }
  var words = array<u32, 7>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u);
  let bits = bitcast<u32>(a);
  let m = (bits << 8u) | 0x80000000u;
  let e = (bits >> 23u) - 128u;
  let first = min(e >> 5u, 3u);
  let shift = e & 31u;
  let low = mul_wide_(m, words[first + 2u]);
  let middle = mul_wide_(m, words[first + 1u]);
  let r0 = low.x + mul_wide_(m, words[first + 3u]).y;
  let carry = select(0u, 1u, r0 < low.x);
  let r1 = middle.x + low.y + carry;
  let r2 = m * words[first] + middle.y + select(0u, 1u, r1 < middle.x || (carry == 1u && r1 == middle.x));
  var hi = r2;
  var lo = r1;
  if (shift > 0u) {
    hi = (r2 << shift) | (r1 >> (32u - shift));
    lo = (r1 << shift) | (r0 >> (32u - shift));
  }
  var q = hi >> 30u;
  hi = (hi << 2u) | (lo >> 30u);
  lo = lo << 2u;
  var sign = 1.0;
  if (hi >= 0x80000000u) {
    q = q + 1u;
    sign = -1.0;
    hi = ~hi;
    lo = ~lo;
  }
  let r = sign * (f32(hi) + f32(lo) * 2.32830644e-10) * 3.65729443e-10;
  if (x < 0.0) { return vec2<f32>(-r, f32((4u - (q & 3u)) & 3u)); }
  return vec2<f32>(r, f32(q & 3u));
}`,
  },
  /** Taylor series of sine and cosine on |r| ≤ π/4, chosen by the quadrant. */
  trig_core_: {
    needs: [],
    code: `
fn trig_core_(r: f32, quadrant: u32) -> f32 {
  let z = r * r;
  let s = r + r * z * (-0.166666667 + z * (0.00833333333 + z * (-1.98412698e-4 + z * 2.75573192e-6)));
  let c = 1.0 + z * (-0.5 + z * (0.0416666667 + z * (-0.00138888889 + z * (2.48015873e-5 - z * 2.75573192e-7))));
  let v = select(s, c, (quadrant & 1u) == 1u);
  return select(v, -v, (quadrant & 2u) == 2u);
}`,
  },
  sin_: {
    needs: ['trig_reduce_', 'trig_core_'],
    code: `
fn sin_(x: f32) -> f32 {
  if (!(abs(x) <= 3.40282346e38)) { return sin(x); }
  let t = trig_reduce_(x);
  return trig_core_(t.x, u32(t.y));
}`,
  },
  cos_: {
    needs: ['trig_reduce_', 'trig_core_'],
    code: `
fn cos_(x: f32) -> f32 {
  if (!(abs(x) <= 3.40282346e38)) { return cos(x); }
  let t = trig_reduce_(x);
  return trig_core_(t.x, u32(t.y) + 1u);
}`,
  },
  /** x·P(x²) below 1; above, 1 − erfc with log(erfc) as a polynomial; from 4 on f32 rounds to 1. */
  erf_: {
    needs: ['exp_'],
    code: `
fn erf_(x: f32) -> f32 {
  let a = abs(x);
  if (a < 1.0) {
    let z = x * x;
    return x * (1.12837911 + z * (-0.376126260 + z * (0.112835944 + z * (-0.0268542115
      + z * (0.00518908724 + z * (-0.000801686430 + z * 0.0000787587487))))));
  }
  let t = select(a, 4.0, a > 4.0) - 2.5;
  let y = 1.0 - exp_(-7.80681562 + t * (-5.35268068 + t * (-0.943889022 + t * (-0.0108583439
    + t * (0.00215490302 + t * (-0.000420293538 + t * (0.0000846706898 - t * 0.0000132723626)))))));
  return select(y, -y, x < 0.0);
}`,
  },
};

/** π/2 in pieces: three of 11 bits and the rest. */
function splitHalfPi(): readonly string[] {
  const pieces: number[] = [];
  let rest = Math.PI / 2;
  for (let i = 0; i < 3; i++) {
    const unit = 2 ** (Math.floor(Math.log2(rest)) - 10);
    const piece = Math.floor(rest / unit) * unit;
    pieces.push(piece);
    rest -= piece;
  }
  // What float64 has left of π/2 is short of π/2 itself by 6.1e-17, which counts no more here.
  pieces.push(Math.fround(rest));
  return pieces.map((v) => v.toExponential(12));
}

const halfPi = splitHalfPi();
const constants = (code: string): string =>
  code.replace(/TRIG_([A-D])/g, (_, letter: string) => halfPi[letter.charCodeAt(0) - 65]);

/**
 * WGSL text of each function, in an order in which every function comes after those that it calls: `exp_`, `expm1_`, `sigmoid_`, `tanh_`,
 * `exp4_`, `sigmoid4_`, `tanh4_`, `log_core_`, `log_`, `log1p_`, `trig_reduce_`, `trig_core_`, `sin_`, `cos_`, `erf_`. Each is `fn name(x: f32) -> f32` but for the helpers
 * `…core_` and `…reduce_`, and `…4_` which take and give a vec4. `wgslDependencies` says what each one calls; `wgslMath` puts together what a kernel needs.
 */
export const wgslFunctions: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(snippets).map(([name, s]) => [name, constants(s.code.trim())]),
);

/** What each function of `wgslFunctions` calls directly. */
export const wgslDependencies: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(snippets).map(([name, s]) => [name, s.needs]),
);

/** WGSL of the named functions and of everything that they call, each once, callees first. Unknown names are ignored. */
export function wgslMath(...names: readonly string[]): string {
  const wanted = new Set<string>();
  const want = (name: string): void => {
    if (wanted.has(name) || !(name in snippets)) return;
    snippets[name].needs.forEach(want);
    wanted.add(name);
  };
  names.forEach(want);
  return Object.keys(wgslFunctions)
    .filter((name) => wanted.has(name))
    .map((name) => wgslFunctions[name])
    .join('\n');
}

/** All of them. */
export const mathFunctions: string = wgslMath(...Object.keys(wgslFunctions));
