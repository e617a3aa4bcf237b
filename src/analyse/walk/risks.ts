/**
 * What can go wrong at each stop, in words, and where to look: general knowledge, true of any site. The causes are
 * those of docs/causes.md; a test holds that.
 */
import type { Layer } from '../../model/layer.ts';
import type { Risk, StopKind } from '../../model/walk.ts';

export interface StopGuide {
  readonly name: string;
  readonly layer?: Layer;
  readonly risks: readonly Risk[];
  readonly look: readonly string[];
}

const risk = (cause: string, words: string): Risk => ({ cause, words });

export const GUIDE: Readonly<Record<StopKind, StopGuide>> = {
  overview: { name: 'Overview', risks: [], look: [] },
  start: {
    name: 'Start',
    layer: 'browser',
    risks: [
      risk('browser.long_task', 'A script computes for so long that the click has to wait.'),
      risk('browser.slow_timer', 'The page waits for a timer that it set itself.'),
    ],
    look: [
      'In the browser’s developer tools, “Performance” records what the page does between a click and its request.',
    ],
  },
  queue: {
    name: 'Browser’s queue',
    layer: 'browser',
    risks: [
      risk(
        'browser.six_per_host',
        'Over HTTP/1.1 a browser opens six connections to a host; the seventh request waits.',
      ),
      risk('browser.socket_pool_full', 'So many connections are open that the browser allows no more.'),
      risk('browser.stream_limit', 'Over HTTP/2 the server allows only so many requests at a time.'),
    ],
    look: [
      'Serve over HTTP/2: `curl -sI --http2 https://HOST/` shows which version answers.',
      'Ask for fewer files, or later.',
    ],
  },
  dns: {
    name: 'DNS',
    layer: 'dns',
    risks: [
      risk('dns.slow_upstream', 'A name server answers slowly.'),
      risk('dns.timeout_retry', 'A name server is silent, and the question is asked again after seconds.'),
      risk('dns.cname_chain', 'The name is an alias of an alias of an alias, and each must be looked up.'),
    ],
    look: [
      '`dig +trace HOST` asks each name server in turn and shows how long it took.',
      'A longer time to live (TTL) of the record lets others remember it.',
    ],
  },
  tcp: {
    name: 'TCP',
    layer: 'tcp',
    risks: [
      risk('tcp.syn_retransmit', 'The first packet is lost, and is sent again only after a second.'),
      risk(
        'tcp.happy_eyeballs_fallback',
        'The first address is silent, and the browser tries a second one beside it.',
      ),
      risk('tcp.refused', 'Nobody listens at the address.'),
    ],
    look: [
      '`ss -lnt` on the server: a full “Recv-Q” means that new connections are not picked up.',
      'A server nearer to its visitors makes every round trip shorter.',
    ],
  },
  tls: {
    name: 'TLS',
    layer: 'tls',
    risks: [
      risk('tls.slow_handshake', 'The server is slow at its part: a busy processor, or a costly key.'),
      risk(
        'tls.extra_round_trip',
        'The server asks to begin again, because the two guessed different methods.',
      ),
      risk('tls.no_resumption', 'The server does not remember a visitor who was there before.'),
      risk('tls.certificate_invalid', 'The certificate has expired, or is for another name.'),
    ],
    look: [
      '`openssl s_client -connect HOST:443` shows version, certificate and whether a session can be resumed.',
      'TLS 1.3 needs one round trip where 1.2 needs two.',
    ],
  },
  reuse: {
    name: 'Open connection',
    layer: 'tcp',
    risks: [
      risk(
        'tls.no_resumption',
        'The server closes idle connections early, and each visit pays for a new one.',
      ),
      risk('browser.stream_limit', 'Too many requests share the one connection, and some wait.'),
    ],
    look: [
      'The keep-alive time-outs of load balancer and server decide how long an idle connection stays open.',
    ],
  },
  cache: {
    name: 'Cache',
    layer: 'browser',
    risks: [
      risk(
        'browser.one_by_one',
        'Without a cache each of these files would be a request of its own, often one after the other.',
      ),
    ],
    look: ['The answer’s `Cache-Control` header says how long it may be kept: `curl -sI ADDRESS`.'],
  },
  send: {
    name: 'Sending',
    layer: 'network',
    risks: [
      risk('network.slow_hop', 'The way itself is long, or a line on it is full.'),
      risk('network.flow_control', 'An upload waits until the other side has read what was sent.'),
      risk('network.loss', 'Packets get lost and are sent again.'),
    ],
    look: ['`ping HOST` and `mtr HOST` show how long the way is and where packets get lost.'],
  },
  lb: {
    name: 'Load balancer',
    layer: 'lb',
    risks: [
      risk('lb.queue', 'All servers are busy, and requests wait in line.'),
      risk('lb.retry', 'A server does not answer, and another one has to be tried.'),
      risk('lb.uneven_backends', 'One of the servers is slower than its brothers.'),
      risk('lb.no_server', 'No server is up.'),
    ],
    look: [
      'Its limit of connections to a server (HAProxy: `maxconn` of the `server` line) decides who waits.',
      'Its statistics page or log shows queue and state of each server.',
    ],
  },
  service: {
    name: 'Services',
    layer: 'service',
    risks: [
      risk('service.cpu_block', 'The program computes for long in one piece.'),
      risk(
        'service.sequential_calls',
        'It asks one thing after the other, where it could ask for all at once.',
      ),
      risk('service.retry_backoff', 'A call fails, and it pauses before it tries again.'),
      risk('service.silent_wait', 'It waits for something that nobody traces.'),
    ],
    look: [
      'A CPU profile of the process (Node.js: `node --cpu-prof`) shows what it computes.',
      'The waterfall below this span shows which calls wait for each other.',
    ],
  },
  pool: {
    name: 'Connection pool',
    layer: 'service',
    risks: [
      risk(
        'service.pool_wait',
        'All connections are taken: by slow statements, or by work that keeps one too long.',
      ),
      risk('db.connections_exhausted', 'The database accepts no more connections.'),
    ],
    look: [
      'The pool’s size (often `max`) against how many requests run at once.',
      'Who keeps a connection: PostgreSQL’s `pg_stat_activity` lists sessions “idle in transaction”.',
    ],
  },
  db: {
    name: 'Database',
    layer: 'db',
    risks: [
      risk('db.seq_scan', 'A table is read row by row, because no index fits the question.'),
      risk('db.lock_wait', 'Somebody else is changing the same rows, and this statement waits.'),
      risk('db.n_plus_one', 'A loop asks one small question for each row, instead of one for all.'),
      risk('db.sort_spill', 'There are too many rows to sort in memory, so it goes to disk.'),
    ],
    look: [
      '`EXPLAIN (ANALYZE, BUFFERS) STATEMENT` shows by which plan it is done.',
      '`pg_stat_activity` and `pg_locks` show who waits for whom.',
    ],
  },
  wait: {
    name: 'Waiting',
    layer: 'network',
    risks: [
      risk('service.cpu_block', 'A program behind the site computes for long.'),
      risk('db.slow_query', 'Its database is slow.'),
      risk('network.slow_hop', 'The way there and back is long.'),
    ],
    look: [
      '`headwater doctor --target ADDRESS` says what this site lets be seen, and which lines would show more.',
    ],
  },
  back: {
    name: 'Way back',
    layer: 'network',
    risks: [
      risk('network.download', 'The answer is large, or the line is slow.'),
      risk('network.loss', 'Packets get lost on the way and are sent again.'),
    ],
    look: [
      '`curl -sI --compressed ADDRESS`: is the answer compressed (`content-encoding`)?',
      'Its size stands in the waterfall, beside the request.',
    ],
  },
  page: {
    name: 'The page',
    layer: 'browser',
    risks: [
      risk('browser.long_task', 'A script has the page to itself for long, and nobody can click.'),
      risk(
        'browser.forced_layout',
        'A script asks again and again where things are, and the browser works it out each time.',
      ),
      risk('browser.render_blocking', 'A file in the page’s head holds the first picture up.'),
      risk('browser.third_party', 'The page waits for another site.'),
    ],
    look: [
      'In the browser’s developer tools, “Performance” names the scripts, “Coverage” what of them is used.',
    ],
  },
  sum: { name: 'Sum', risks: [], look: [] },
};
