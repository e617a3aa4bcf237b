/** Writes runs into a store from a process of its own: `write-runs.ts PATH FIRST COUNT`. Prints the longest write, ms. */
import { openStore } from '../../src/store/sqlite.ts';
import { keepRun } from './fill.ts';

const [path = '', first = '0', count = '0'] = process.argv.slice(2);
const store = openStore(path);
let longestMs = 0;
for (let n = Number(first); n < Number(first) + Number(count); n++) {
  const startMs = performance.now();
  keepRun(store, n, { atUnixMs: Date.now(), journey: 'other', pictureBytes: 100_000, spanBytes: 500_000 });
  longestMs = Math.max(longestMs, performance.now() - startMs);
}
store.close();
process.stdout.write(String(longestMs));
