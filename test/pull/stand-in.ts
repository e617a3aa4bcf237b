/** A small server that answers as a real backend did when test/fixtures/record-backends.ts recorded it. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StandIn {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Answers by path; every other one is 404. */
  readonly answers: Record<string, { status?: number; type?: string; body: string | Buffer } | 'hang'>;
  readonly requests: IncomingMessage[];
  stop(): Promise<void>;
}

/** Jaeger 1.76 and Zipkin 3.5 by what they said; Tempo by its documentation: it was not to be had. */
export const JAEGER_SERVICES = '{"data":null,"total":0,"limit":0,"offset":0,"errors":null}\n';
export const ZIPKIN_SERVICES = '[]';

export async function standIn(answers: StandIn['answers']): Promise<StandIn> {
  const asked: string[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    asked.push(request.url ?? '');
    const answer = answers[request.url ?? ''];
    if (answer === 'hang') return;
    response.writeHead(answer ? (answer.status ?? 200) : 404, {
      'content-type': answer?.type ?? 'application/json',
    });
    response.end(answer?.body ?? '{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answers,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
