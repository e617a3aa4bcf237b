/** Answers that depend on a span's name alone: a trace of a million spans has a few hundred names. */

/** Names with ids in them are many; what is remembered is thrown away before it is much. */
const MOST_NAMES = 4_096;

export function rememberByName<T>(ask: (name: string) => T): (name: string) => T {
  const answers = new Map<string, T>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined || answers.has(name)) return known as T;
    if (answers.size === MOST_NAMES) answers.clear();
    const answer = ask(name);
    answers.set(name, answer);
    return answer;
  };
}
