// For named-traces-shop.test.ts, loaded by `node --import` before a service: its answers name the trace they were made
// in, as Splunk's distribution of OpenTelemetry has them. (The instrumentation wraps what it finds: its span is active here.)
import { Server } from 'node:http';
import { trace } from '@opentelemetry/api';

const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...args) {
  const span = event === 'request' ? trace.getActiveSpan()?.spanContext() : undefined;
  if (span) {
    const flags = String(span.traceFlags).padStart(2, '0');
    args[1].setHeader('Server-Timing', `traceparent;desc="00-${span.traceId}-${span.spanId}-${flags}"`);
  }
  return emit.call(this, event, ...args);
};
