/** From the checked tree to the middle form: one function, everything inlined, composites taken apart. */
import type { BuiltinValue, Expression, FunctionDeclaration, Module, Value, Variable } from '../ast.js';
import { add, block, builtin, mul, u32 } from '../build.js';
import type { BuiltinName, Expr, IrFunction } from '../ir.js';
import { Memories, type Context, type Exit } from './context.js';
import { Emitter } from './emitter.js';
import { lowerAll, lowerExpression, lowerPointer } from './expression.js';
import { pin, type Place } from './place.js';
import { declare } from './simple.js';
import { lowerStatements, type Frame } from './statement.js';
import { survey } from './survey.js';
import { readAll, shapeOf, type Lowered } from './value.js';

export interface LowerOptions {
  readonly name: string;
  /** vec4 as packed fours; otherwise everything is a scalar. */
  readonly packed: boolean;
  /** Adds a load to every choice among values by a number known at run time: of nobody's memory, but its bounds are those of the values. */
  readonly checked?: boolean;
}

/** Width 1. */
export function lower(module: Module, { name, packed, checked = false }: LowerOptions): IrFunction {
  const out = new Emitter();
  const cx: Context = {
    out,
    packed,
    checked,
    survey: survey(module),
    values: new Map<Value | Variable, Lowered>(),
    places: new Map<Value | Variable, Place>(),
    memories: new Memories(),
    inline: (call) => inline(cx, call),
  };
  const body = out.capture(() => {
    for (const variable of module.variables)
      if (variable.space === 'private' && cx.survey.used.has(variable)) declare(cx, variable);
    for (const { value, builtin: kind } of module.main.parameters)
      if (kind) cx.values.set(value, cx.out.keep(builtinValue(kind, module.workgroupSize), value.name));
    run(cx, module.main);
  });
  return {
    name,
    width: 1,
    workgroupSize: module.workgroupSize,
    bindings: module.bindings.map((b) => ({ name: b.name, index: b.index })),
    paramWords: (module.uniform?.type.bytes ?? 0) / 4,
    body,
  };
}

/** The body of a function whose parameters have their values. */
function run(cx: Context, f: FunctionDeclaration): Lowered | undefined {
  const exit: Exit = { label: undefined };
  const none = { breakTo: undefined, continueTo: undefined };
  const last = f.body.at(-1);
  if (cx.survey.straight.has(f) && last?.kind === 'return' && last.value) {
    lowerStatements(cx, f.body.slice(0, -1), { exit, result: undefined, ...none }, []);
    return lowerExpression(cx, last.value);
  }
  const hasResult = f.result.kind !== 'void';
  const result = hasResult ? cx.out.locals(shapeOf(f.result, cx.packed, f.at), f.name) : undefined;
  const frame: Frame = { exit, result, ...none };
  const body = cx.out.capture(() => {
    lowerStatements(cx, f.body, frame, [exit]);
  });
  if (exit.label === undefined) cx.out.emit(...body);
  else cx.out.emit(block(exit.label, body));
  return result && readAll(result);
}

function inline(cx: Context, call: Expression & { readonly kind: 'call' }): Lowered | undefined {
  const { parameters } = call.target;
  const isPointer = (e: Expression): boolean => e.type.kind === 'pointer';
  const pointers = call.arguments.map((e) => (isPointer(e) ? pin(cx, lowerPointer(cx, e)) : undefined));
  const values = lowerAll(
    cx,
    call.arguments.filter((e) => !isPointer(e)),
  );
  let next = 0;
  parameters.forEach(({ value }, i) => {
    const pointer = pointers[i];
    if (pointer) cx.places.set(value, pointer);
    else cx.values.set(value, cx.out.keep(values[next++], value.name));
  });
  return run(cx, call.target);
}

/** Coordinates are sums of what the middle form has; a subgroup is four neighbours. */
function builtinValue(kind: BuiltinValue, size: readonly [number, number, number]): Lowered {
  const axes = (prefix: 'lid' | 'wid' | 'nwg'): readonly Expr[] =>
    (['x', 'y', 'z'] as const).map((axis, i) =>
      prefix === 'lid' && size[i] === 1 ? u32(0) : builtin(`${prefix}.${axis}` satisfies BuiltinName),
    );
  switch (kind) {
    case 'local_invocation_id':
      return axes('lid');
    case 'workgroup_id':
      return axes('wid');
    case 'num_workgroups':
      return axes('nwg');
    case 'global_invocation_id': {
      const local = axes('lid');
      return axes('wid').map((w, i) => add(mul(w, u32(size[i])), local[i]));
    }
    case 'local_invocation_index':
      return size[1] * size[2] === 1 ? axes('lid')[0] : builtin('lindex');
    case 'subgroup_size':
      return u32(4);
    case 'subgroup_invocation_id':
      return { kind: 'subgroup', type: 'u32', op: 'invocationId', a: u32(0), b: undefined, line: 1 };
  }
}
