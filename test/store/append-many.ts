/** A process of its own that appends batches to a store: `append-many.ts PATH TRACE BATCHES`. For sqlite.test.ts. */
import { openStore } from '../../src/store/sqlite.ts';
import { reportedSpan } from './spans.ts';

const [path, traceId = '', batches] = process.argv.slice(2);
const store = openStore(path);
for (let i = 0; i < Number(batches); i++) {
  store.append([reportedSpan({ traceId, name: `${process.pid}/${i}` }), reportedSpan({ traceId })]);
}
store.close();
