/**
 * Counts warnings by code and keeps the first few of each: a log of the wrong kind has the same fault on every line, and a
 * person needs to see it a few times, and how often it was there.
 */
import type { Warning } from '../model/span.ts';

export interface WarningGroup {
  readonly code: string;
  readonly count: number;
  /** The first few, in the order they came. */
  readonly examples: readonly Warning[];
}

/** Enough to see what the faulty lines have in common. */
const EXAMPLES = 5;
/** Readers know a dozen codes; the bound is against sources that make codes up. */
const MAX_CODES = 100;
const OTHERS = 'import.other';

interface OpenGroup {
  count: number;
  readonly examples: Warning[];
}

export class WarningTally {
  readonly #groups = new Map<string, OpenGroup>();

  add(warnings: Iterable<Warning>): void {
    for (const warning of warnings) {
      const group = this.#group(warning.code);
      group.count++;
      if (group.examples.length < EXAMPLES) group.examples.push(warning);
    }
  }

  #group(code: string): OpenGroup {
    const known = this.#groups.get(code);
    if (known) return known;
    if (this.#groups.size >= MAX_CODES && code !== OTHERS) return this.#group(OTHERS);
    const group: OpenGroup = { count: 0, examples: [] };
    this.#groups.set(code, group);
    return group;
  }

  get count(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.count;
    return count;
  }

  groups(): WarningGroup[] {
    return [...this.#groups].map(([code, group]) => ({ code, ...group }));
  }

  /** The examples, each group ending in how many more there were. */
  list(): Warning[] {
    return this.groups().flatMap(({ code, count, examples }) => {
      const more = count - examples.length;
      const { where } = examples[0]!;
      return more > 0 ? [...examples, { code, where, message: `and ${more} more like these` }] : examples;
    });
  }
}

/** The same warnings when they are few; else the first few of each code and how many more. */
export function boundedWarnings(warnings: readonly Warning[]): readonly Warning[] {
  if (warnings.length <= EXAMPLES) return warnings;
  const tally = new WarningTally();
  tally.add(warnings);
  return tally.list();
}
