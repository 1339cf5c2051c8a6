/** Makers of the middle form (ir.ts): they fold constants and leave out what does nothing. Every pass builds with them. */
export * from './build/number.js';
export * from './build/operate.js';
export * from './build/pack.js';
export * from './build/statement.js';
export * from './build/type.js';
export * from './build/walk.js';
