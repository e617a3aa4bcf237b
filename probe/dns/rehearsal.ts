/**
 * The first few questions of a fresh process are slow because of the process (its code is not compiled yet), not
 * because of a name server; the probe would measure itself. So it asks a name server of its own first.
 */
import { createSocket } from 'node:dgram';
import * as dns from 'dns-packet';
import { startUnixClock } from '../unix-clock.ts';
import { RCODE, respond } from './dns-message.ts';
import { askServer } from './upstream-query.ts';

/** After about this many rounds a question over loopback takes as long as it ever will. */
const ROUNDS = 40;
const TIMEOUT_MS = 200;

export async function rehearse(): Promise<void> {
  const server = createSocket('udp4');
  server.on('message', (query, client) =>
    server.send(respond(query, RCODE.nameError), client.port, client.address),
  );
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  const self = { name: 'rehearsal', address: '127.0.0.1', port: server.address().port };
  const context = { clock: startUnixClock(), record: () => undefined, attempt: 1, timeoutMs: TIMEOUT_MS };
  const question = { name: 'rehearsal.invalid', type: 'A' } as const;
  const message = dns.encode({ type: 'query', id: 1, questions: [question] });
  for (let round = 0; round < ROUNDS; round++)
    await askServer(message, self, { ...context, askedFor: question.name });
  server.close();
}
