/**
 * Which rows are open: a byte a span, and one a group by its first span. "Everything is open" is a flag that turns the
 * meaning of the bytes round, so that a million rows open and close at once.
 */
export class OpenRows {
  private spans: Uint8Array;
  private groups: Uint8Array;
  private everything = false;

  constructor(
    readonly size: number,
    keys: Iterable<string> = [],
  ) {
    this.spans = new Uint8Array(size);
    this.groups = new Uint8Array(size);
    for (const key of keys) this.open(key);
  }

  hasSpan(span: number): boolean {
    return (this.spans[span] === 1) !== this.everything;
  }

  hasGroup(first: number): boolean {
    return (this.groups[first] === 1) !== this.everything;
  }

  has(key: string): boolean {
    return key.startsWith('g') ? this.hasGroup(numberOf(key)) : this.hasSpan(numberOf(key));
  }

  /** @returns whether it was closed */
  open(key: string): boolean {
    return this.set(key, true);
  }

  /** @returns whether it was open */
  close(key: string): boolean {
    return this.set(key, false);
  }

  private set(key: string, open: boolean): boolean {
    if (this.has(key) === open) return false;
    const bytes = key.startsWith('g') ? this.groups : this.spans;
    bytes[numberOf(key)] = open === this.everything ? 0 : 1;
    return true;
  }

  get isEverything(): boolean {
    return this.everything && !this.spans.includes(1) && !this.groups.includes(1);
  }

  openEverything(): void {
    this.closeEverything();
    this.everything = true;
  }

  closeEverything(): void {
    this.everything = false;
    this.spans.fill(0);
    this.groups.fill(0);
  }
}

/** `s12`, `g12` → 12. */
const numberOf = (key: string): number => Number(key.slice(1));
