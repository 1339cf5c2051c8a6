/** WGSL text → checked tree. */
import type { Module } from './ast.js';
import { WgslError } from './error.js';
import { lex } from './lexer.js';
import { ModuleParser } from './parser/module.js';

/**
 * Reads and checks a compute shader: what WGSL's rules forbid and what this compiler does not have is a `WgslError`, which says where and why.
 * Texts that WGSL's uniformity analysis alone forbids (a barrier that not all invocations reach) are not found here.
 */
export function parseWgsl(code: string): Module {
  try {
    return new ModuleParser(lex(code)).module();
  } catch (error) {
    if (error instanceof WgslError) throw new WgslError(error.reason, error.line, error.column, code);
    throw error;
  }
}
