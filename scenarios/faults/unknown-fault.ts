/** What is said of a fault that does not exist: the few that were probably meant, and where all of them are listed. */

const MOST_NAMED = 3;

/** `There is no fault "dns-slo". Did you mean dns-slow, dns-slow-tld or dns-gone? All 58: headwater demo --help` */
export function unknownFault(name: string, known: readonly string[]): string {
  const wanted = pairsOf(name);
  const nearest = known
    .map((candidate) => ({ candidate, likeness: likenessOf(wanted, pairsOf(candidate)) }))
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, MOST_NAMED)
    .map(({ candidate }) => candidate);
  const others = nearest.slice(0, -1).join(', ');
  return `There is no fault "${shortened(name)}". Did you mean ${others} or ${nearest.at(-1)}? All ${known.length}: headwater demo --help`;
}

const MOST_CHARACTERS = 60;
const shortened = (name: string): string =>
  name.length > MOST_CHARACTERS ? `${name.slice(0, MOST_CHARACTERS)}…` : name;

/** Neighbouring letters, word by word: `dns-slow` → dn ns sl lo ow. */
const pairsOf = (name: string): ReadonlySet<string> =>
  new Set(
    name
      .slice(0, MOST_CHARACTERS)
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .flatMap((word) =>
        Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => word.slice(i, i + 2)),
      ),
  );

/** Dice's coefficient: 1 for the same pairs, 0 for none in common. */
function likenessOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((pair) => b.has(pair)).length;
  return (2 * common) / Math.max(1, a.size + b.size);
}
