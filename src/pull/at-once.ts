/** A backend that serves people is not to feel us. */
const AT_ONCE = 4;

/** Does the work for each, a few at a time. */
export async function atOnce<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const open = all.values();
  const workOn = async () => {
    for (const one of open) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, workOn));
}
