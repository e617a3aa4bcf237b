/**
 * Takes secrets out of what was observed, before it is stored. Applied once, at the store's gate, to every span of
 * every source; nothing else needs to remember it.
 *
 * Redacted: values of headers and attributes whose name says that they are secret, query parameters likewise, user
 * names and passwords inside URLs, bearer tokens and JSON web tokens wherever they stand in a text, and quoted values
 * in SQL (a plan repeats the parameters of its statement, and with them what people typed).
 */
import { HEADWATER } from './attributes.ts';
import type { Attributes, AttributeValue, ReportedSpan } from './span.ts';

export const REDACTED = '[redacted]';

const SECRET_NAME =
  /(^|[^a-z])(authorization|proxy-authorization|cookie|set-cookie|pass(word|wd|phrase)?|pwd|secret|client[_-]?secret|api[_-]?key|x-api-key|token|csrf|xsrf|session(id)?|sid|jwt|bearer|credential|otp|pin|cvv|cvc|card[_-]?number|private[_-]?key|signature|sig)s?($|[^a-z])/i;
const CAMEL_HUMP = /([a-z0-9])([A-Z])/g;
const BEARER = /\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}/gi;
const JSON_WEB_TOKEN = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
const URL_USERINFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+@/gi;
/** Most texts hold no token: one cheap look saves two searches. */
const MAYBE_TOKEN = /bearer|basic|eyJ/i;
const QUERY_PAIR = /([?&;#]|^)([^=&;#?\s]{1,200})=([^&;#\s]*)/g;

const SQL_NAME =
  /^(db\.query\.text|db\.statement|postgresql\.blocker\.last_statement|postgresql\.plan\.(filter|\w+_(cond|filter)))$/;
/** `'it''s'`, `E'it\'s'`, `$tag$ … $tag$`; a text that was cut may end inside one. Numbers stay: plans need them. */
const SQL_LITERAL =
  /"(?:[^"]|"")*"|\b[eE]'(?:[^'\\]|\\.|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|(\$[A-Za-z_]*\$)[\s\S]*?(?:\1|$)/g;

/** MySQL and MariaDB: double quotes hold values too (unless `ANSI_QUOTES` is set), backslashes escape, `…` names. */
const MYSQL_LITERAL = /`(?:[^`]|``)*`|"(?:[^"\\]|\\[\s\S]|"")*(?:"|\\?$)|'(?:[^'\\]|\\[\s\S]|'')*(?:'|\\?$)/g;
const MYSQL_SYSTEM = /^(mysql|mariadb)$/i;

/**
 * SQL with each quoted value replaced by `'?'`. Comments and quoted identifiers are kept.
 * @param system as `db.system.name` has it: what double quotes mean depends on it
 */
export function maskSqlLiterals(sql: string, system?: unknown): string {
  return typeof system === 'string' && MYSQL_SYSTEM.test(system)
    ? sql.replace(MYSQL_LITERAL, (found) => (found.startsWith('`') ? found : "'?'"))
    : sql.replace(SQL_LITERAL, (found) => (found.startsWith('"') ? found : "'?'"));
}

/** `accessToken`, `X-Api-Key`, `http.request.header.cookie` are secret; `db.query.text` is not. */
export function isSecretName(name: string): boolean {
  const known = verdictByName.get(name);
  if (known !== undefined) return known;
  const secret = name !== HEADWATER.dbSession && SECRET_NAME.test(name.replace(CAMEL_HUMP, '$1_$2'));
  if (verdictByName.size < MAX_NAMES_REMEMBERED) verdictByName.set(name, secret);
  return secret;
}

/** The same few hundred names come with every span. The bound is against sources that make names up. */
const MAX_NAMES_REMEMBERED = 5_000;
const verdictByName = new Map<string, boolean>();

/** A text with the secrets that can be recognised taken out: userinfo and query parameters of URLs, tokens. */
export function redactText(text: string): string {
  let clean = text;
  if (clean.includes('://')) clean = clean.replace(URL_USERINFO, `$1${REDACTED}@`);
  if (clean.includes('=') && (clean.includes('?') || clean.includes('&') || clean.includes('#'))) {
    clean = clean.replace(QUERY_PAIR, (pair, lead: string, name: string) =>
      isSecretName(decodeLoosely(name)) ? `${lead}${name}=${REDACTED}` : pair,
    );
  }
  if (!MAYBE_TOKEN.test(clean)) return clean;
  return clean.replace(BEARER, `$1 ${REDACTED}`).replace(JSON_WEB_TOKEN, REDACTED);
}

function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The attributes with secret values replaced; the same object when there is nothing to take out. */
export function redactAttributes(attributes: Attributes): Attributes {
  let clean: Record<string, AttributeValue> | undefined;
  const system = attributes['db.system.name'] ?? attributes['db.system'];
  for (const [name, value] of Object.entries(attributes)) {
    const safe = redactValue(name, value, system);
    if (safe === value) continue;
    clean ??= { ...attributes };
    clean[name] = safe;
  }
  return clean ?? attributes;
}

function redactValue(name: string, value: AttributeValue, system?: AttributeValue): AttributeValue {
  if (isSecretName(name) && typeof value !== 'number' && typeof value !== 'boolean') return REDACTED;
  if (typeof value === 'string')
    return redactText(SQL_NAME.test(name) ? maskSqlLiterals(value, system) : value);
  if (Array.isArray(value) && typeof value[0] === 'string') {
    const list = (value as readonly string[]).map(redactText);
    return list.some((item, i) => item !== value[i]) ? list : value;
  }
  return value;
}

export function redactSpan(span: ReportedSpan): ReportedSpan {
  return {
    ...span,
    name: redactText(span.name),
    attributes: redactAttributes(span.attributes),
    resource: redactAttributes(span.resource),
    status: span.status.message ? { ...span.status, message: redactText(span.status.message) } : span.status,
    events: span.events.map((event) => ({ ...event, attributes: redactAttributes(event.attributes) })),
  };
}
