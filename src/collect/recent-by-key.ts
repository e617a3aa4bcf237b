/** The most recent values by a key that several may share; the oldest are forgotten beyond a number. */
export class RecentByKey<Value> {
  readonly #limit: number;
  readonly #valuesByKey = new Map<string, Value[]>();
  /** Keys in the order in which their values came: the first one's first value is the oldest. */
  #order: string[] = [];
  #forgotten = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(key: string): readonly Value[] {
    return this.#valuesByKey.get(key) ?? [];
  }

  add(key: string, value: Value): void {
    const values = this.#valuesByKey.get(key);
    if (values) values.push(value);
    else this.#valuesByKey.set(key, [value]);
    this.#order.push(key);
    if (this.#order.length - this.#forgotten > this.#limit) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const key = this.#order[this.#forgotten++]!;
    const values = this.#valuesByKey.get(key);
    values?.shift();
    if (values?.length === 0) this.#valuesByKey.delete(key);
    if (this.#forgotten < this.#limit) return;
    this.#order = this.#order.slice(this.#forgotten);
    this.#forgotten = 0;
  }
}
