/** Reads like an array whose elements are made when they are asked for, and then kept: nobody looks at a million. */
export function lazyList<T>(length: number, make: (i: number) => T): readonly T[] {
  const known = new Map<number, T>();
  const element = (i: number): T => {
    const made = known.get(i) ?? make(i);
    known.set(i, made);
    return made;
  };
  const place = (key: string | symbol): number => {
    const i = typeof key === 'string' ? Number(key) : Number.NaN;
    return Number.isInteger(i) && i >= 0 && i < length ? i : -1;
  };
  return new Proxy<T[]>([], {
    get(target, key, receiver) {
      if (key === 'length') return length;
      const i = place(key);
      return i >= 0 ? element(i) : Reflect.get(target, key, receiver);
    },
    has: (target, key) => place(key) >= 0 || Reflect.has(target, key),
  });
}
