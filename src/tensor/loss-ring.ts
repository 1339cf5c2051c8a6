/**
 * Losses of the last steps, in one small buffer: a step writes its loss into the next slot, and training reads a batch of them now and then.
 * Nothing is created for a loss, and nobody has to dispose it; one that nobody read in time is lost.
 */
import { Storage } from './storage.js';
import type { Node, Value } from './graph.js';

/** How many losses are kept. */
export const RING_SLOTS = 1024;
/** 256 bytes, so that a loss can be bound like any other tensor. */
const SLOT_ELEMENTS = 64;

export class LossRing {
  private readonly storage = Storage.zeros(RING_SLOTS * SLOT_ELEMENTS, 'f32', 'losses');
  private readonly owners: (Node | undefined)[] = new Array<Node | undefined>(RING_SLOTS).fill(undefined);
  private next = 0;

  /** A slot for `value`; its previous owner's value is gone. */
  place(value: Value): Storage {
    const slot = this.take(value.node);
    return Storage.within(this.storage, slot * SLOT_ELEMENTS, 1, 'loss');
  }

  private take(owner: Node): number {
    const slot = this.next;
    this.next = (slot + 1) % RING_SLOTS;
    const old = this.owners[slot];
    if (old) old.results = undefined;
    this.owners[slot] = owner;
    return slot;
  }
}
