/** Which element of a variable a word belongs to. */
import type { Module, Statement } from '../ast.js';
import { strideWords } from '../lower/layout.js';
import type { Type } from '../types.js';

/** Words of an element of each array, by name; a name of several variables with different elements, or what is no array, has 0. */
export function elementWords(module: Module): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const note = (name: string, type: Type): void => {
    const stride = type.kind === 'array' ? strideWords(type) : 0;
    const known = found.get(name);
    found.set(name, known === undefined || known === stride ? stride : 0);
  };
  for (const b of module.bindings) note(b.name, b.type);
  for (const v of module.variables) note(v.name, v.type);
  const visit = (body: readonly Statement[]): void => {
    for (const s of body) {
      if (s.kind === 'var') note(s.variable.name, s.variable.type);
      else if (s.kind === 'if') [s.yes, s.no].forEach(visit);
      else if (s.kind === 'loop') [s.initial, s.body, s.continuing].forEach(visit);
      else if (s.kind === 'switch') s.cases.forEach((c) => visit(c.body));
      else if (s.kind === 'block') visit(s.body);
    }
  };
  for (const f of module.functions) visit(f.body);
  visit(module.main.body);
  return found;
}
