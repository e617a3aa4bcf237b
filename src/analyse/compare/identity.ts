/**
 * What a span is, whenever it happens: the keys by which the spans of two runs find each other below one parent, the
 * narrowest first. `literal` has the very values: picture 3 finds picture 3. `exact` has what they are values of, and
 * who did it. `loose` leaves open who: web-1's part finds web-2's.
 */
import { sqlShape } from '../../model/sql-shape.ts';
import type { Span } from '../../model/trace.ts';
import { lastingName } from '../lasting-name.ts';
import { textAt, typeOf } from '../tree.ts';
import { addressParts, nameTemplate, pathTemplate } from './template.ts';

export interface Identity {
  readonly literal: string;
  readonly exact: string;
  readonly loose: string;
}

/** Keys of steps, statements and names come again and again: each is worked out once. */
export class Identities {
  readonly #shapes = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #hosts = new Map<string, string>();

  of(span: Span): Identity {
    const type = typeOf(span);
    if (type === 'step') return alone(`step|${span.name}`);
    if (type === 'request') return this.#request(span);
    const what = `${type ?? span.kind}|${span.layer}|${this.#operation(span)}`;
    const who = once(this.#hosts, span.component, lastingName);
    return { literal: `${what}|${who}|${span.name}|${valuesOf(span)}`, exact: `${what}|${who}`, loose: what };
  }

  #request(span: Span): Identity {
    const address = addressParts(textAt(span.attributes, 'url.full') ?? '');
    if (!address) return alone(`request|${once(this.#names, span.name, nameTemplate)}`);
    const method = textAt(span.attributes, 'http.request.method') ?? '';
    const what = `request|${method} ${pathTemplate(address.path, address.query)}`;
    const literal = `${what}|${address.host}${address.path}${address.query}`;
    return { literal, exact: `${what}|${address.host}`, loose: what };
  }

  #operation(span: Span): string {
    const sql = statementOf(span);
    if (sql !== undefined) return once(this.#shapes, sql, sqlShape);
    const name = once(this.#names, span.name, nameTemplate);
    const address = addressParts(textAt(span.attributes, 'url.full') ?? '');
    return address ? `${name} ${pathTemplate(address.path, address.query)}` : name;
  }
}

const statementOf = ({ attributes }: Span): string | undefined =>
  textAt(attributes, 'db.query.text') ?? textAt(attributes, 'db.statement');

/** Long statements are told by their beginning, as their shapes are. */
const LITERAL_CHARS = 500;

function valuesOf(span: Span): string {
  const { path = '', query = '' } = addressParts(textAt(span.attributes, 'url.full') ?? '') ?? {};
  return `${path}${query}${statementOf(span)?.slice(0, LITERAL_CHARS) ?? ''}`;
}

const alone = (key: string): Identity => ({ literal: key, exact: key, loose: key });

function once(known: Map<string, string>, text: string, work: (text: string) => string): string {
  let result = known.get(text);
  if (result === undefined) {
    result = work(text);
    known.set(text, result);
  }
  return result;
}
