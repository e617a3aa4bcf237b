// For lost-context.test.ts, loaded by `node --import` before a service: whoever reads a request's headers finds no
// trace context in them, as behind a gateway that takes out what it does not know. (Node.js 20 and later.)
import { IncomingMessage } from 'node:http';

const { _addHeaderLine: addHeaderLine } = IncomingMessage.prototype;
IncomingMessage.prototype._addHeaderLine = function (name, value, headers) {
  if (String(name).toLowerCase() !== 'traceparent') addHeaderLine.call(this, name, value, headers);
};
