/** Functions of the kernel: pure ones for expressions, and procedures that change a variable through a pointer, or private memory. */
import { LARGEST, slotPlace, type Callable, type Context } from './context.js';
import { capped } from './leaves.js';
import { statements, type Flow } from './statements.js';
import { call } from './text.js';
import { block, copy, runBody, typeText, type Expr, type State, type Stmt, type Type, type Value } from './tree.js';

export interface Procedure {
  readonly target: Type;
  readonly cost: number;
  /** `place`: a whole local variable. */
  readonly invoke: (
    name: string,
    read: (s: State) => Value,
    write: (s: State, v: Value) => void,
    args: readonly Expr[],
  ) => Stmt;
  readonly parameters: readonly Type[];
}

const BODY: Flow = { inLoop: false, inSwitch: false, result: null, nesting: 1 };

interface Body {
  readonly parameters: readonly { readonly name: string; readonly type: Type; readonly slot: number }[];
  readonly cost: number;
}

/** Runs `make` where only the module's names are in sight. */
function apart<T>(g: Context, make: () => T): { made: T; cost: number } {
  const { variables, cost, times } = g;
  g.cost = 0;
  g.times = 1;
  const made = g.scoped(() => {
    // A pure function must not change private memory, or the order of evaluation would matter.
    g.variables = g.variables.map((v) => ({ ...v, mutable: false }));
    return make();
  });
  const result = { made, cost: g.cost };
  Object.assign(g, { variables, cost, times });
  return result;
}

function parametersOf(g: Context): Body['parameters'] {
  return Array.from({ length: g.random.between(1, 3) }, () => {
    const type = g.structs.length > 0 && g.random.chance(0.15) ? g.random.pick(g.structs) : g.valueType();
    const name = g.name('a');
    return { name, type, slot: g.declare(name, type, false).slot };
  });
}

export function pureFunction(g: Context): { code: string; callable: Callable } {
  const name = g.name('fun');
  const result = g.structs.length > 0 && g.random.chance(0.15) ? g.random.pick(g.structs) : g.valueType();
  const { made, cost } = apart(g, () => {
    const parameters = parametersOf(g);
    const body = statements(g, { ...BODY, result }, 1, 4);
    const last = capped(g, g.expr(result, 3), LARGEST);
    return { parameters, body, last };
  });
  const { parameters, body, last } = made;
  const list = parameters.map((p) => `${p.name}: ${typeText(p.type)}`).join(', ');
  const end: Stmt = { code: `return ${last.code};`, exec: () => 0 };
  const code = `fn ${name}(${list}) -> ${typeText(result)} ${block([...body, end])}`;
  const run = (args: readonly Expr[]) => (s: State) => {
    const values = args.map((a) => copy(a.run(s)));
    values.forEach((value, i) => (s.values[parameters[i].slot] = value));
    s.result = undefined;
    runBody(body, s);
    const value = s.result ?? copy(last.run(s));
    s.result = undefined;
    return value;
  };
  const make = (args: readonly Expr[]): Expr => ({
    ...call(name, args, { type: result, size: LARGEST, run: run(args) }),
    constant: false,
  });
  return { code, callable: { name, parameters: parameters.map((p) => p.type), result, cost, call: make } };
}

export function procedure(g: Context): { code: string; procedure: Procedure } {
  const name = g.name('fun');
  const target = g.structs.length > 0 && g.random.chance(0.3) ? g.random.pick(g.structs) : g.valueType();
  const before = g.variables;
  const { made, cost } = apart(g, () => {
    // Here private memory may change: a procedure is called as a statement.
    g.variables = [...before];
    const pointer = g.name('q');
    const slot = g.slots++;
    const place = slotPlace(`(*${pointer})`, target, slot, LARGEST);
    g.variables.push({ name: pointer, type: target, mutable: true, place });
    const parameters = parametersOf(g);
    return { pointer, slot, parameters, body: statements(g, BODY, 2, 4) };
  });
  const { pointer, slot, parameters, body } = made;
  const list = [
    `${pointer}: ptr<function, ${typeText(target)}>`,
    ...parameters.map((p) => `${p.name}: ${typeText(p.type)}`),
  ];
  const code = `fn ${name}(${list.join(', ')}) ${block(body)}`;
  const invoke: Procedure['invoke'] = (variable, read, write, args) => ({
    code: `${name}(&${variable}${args.map((a) => `, ${a.code}`).join('')});`,
    exec: (s) => {
      const values = args.map((a) => copy(a.run(s)));
      s.values[slot] = copy(read(s));
      values.forEach((value, i) => (s.values[parameters[i].slot] = value));
      runBody(body, s);
      write(s, s.values[slot]);
      return 0;
    },
  });
  return { code, procedure: { target, cost, invoke, parameters: parameters.map((p) => p.type) } };
}
