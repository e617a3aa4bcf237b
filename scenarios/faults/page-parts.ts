/** Pieces of the heads that page faults add. Scripts run in the order in which they stand there. */

/** Scripts of faults may be read before they are needed: they must not cost what nobody asked for. */
const script = (file: string, data: Readonly<Record<string, string | number>>): string => {
  const attributes = Object.entries(data).map(([name, value]) => ` data-${name}="${value}"`);
  return `<script src="{assets}/${file}"${attributes.join('')}></script>`;
};

/** First of all: how a page tells what it timed. */
const NOTE = script('fault-note.js', {});

/** One script of the shop's, after what lets it note its times. */
export const withScript = (file: string, data: Readonly<Record<string, string | number>>): string =>
  `${NOTE}\n${script(file, data)}\n`;

/** The page has the way to another host made in advance, as pages do that know whom they will ask. */
export const preconnect = (origin: string): string =>
  `<link rel="preconnect" href="${origin}" crossorigin>\n`;
