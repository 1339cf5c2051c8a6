/** Statements while they are made: as in ir.ts, but with slots, places in a list that may be filled later. */
import { branch, not } from '../build.js';
import type { Expr, Stmt } from '../ir.js';

export type Draft = Exclude<Stmt, { kind: 'if' | 'block' | 'loop' }> | Slot | DraftIf | DraftBody;

export interface Slot {
  readonly kind: 'slot';
  readonly items: Draft[];
}

interface DraftIf {
  readonly kind: 'if';
  readonly condition: Expr;
  readonly yes: readonly Draft[];
  readonly no: readonly Draft[];
}

interface DraftBody {
  readonly kind: 'block' | 'loop';
  readonly label: number;
  readonly body: readonly Draft[];
}

export const makeSlot = (): Slot => ({ kind: 'slot', items: [] });

/** `yes`, but where one of the guesses made in it fails, it is given up and `no` runs: block(end) { block(slow) { yes; branch end } no }. */
export const fallback = (end: number, slow: number, yes: readonly Draft[], no: readonly Draft[]): Draft => ({
  kind: 'block',
  label: end,
  body: [{ kind: 'block', label: slow, body: [...yes, branch(end) as Draft] }, ...no],
});

/** The finished statements; slots dissolve, and an `if` with nothing in it is left out. */
export function finish(list: readonly Draft[]): Stmt[] {
  const result: Stmt[] = [];
  append(list, result);
  return result;
}

function append(list: readonly Draft[], to: Stmt[]): void {
  for (const item of list) {
    switch (item.kind) {
      case 'slot':
        append(item.items, to);
        break;
      case 'if': {
        const [yes, no] = [finish(item.yes), finish(item.no)];
        if (yes.length > 0) to.push({ kind: 'if', condition: item.condition, yes, no });
        else if (no.length > 0) to.push({ kind: 'if', condition: not(item.condition), yes: no, no: [] });
        break;
      }
      case 'block':
      case 'loop':
        to.push({ kind: item.kind, label: item.label, body: finish(item.body) });
        break;
      default:
        to.push(item);
    }
  }
}
