/** Takes a trace ID, the first digits of one, or a pasted `traceparent`, and goes there. */
import { parseTraceparent } from '../../src/model/ids.ts';
import { el } from '../element.ts';

const PREFIX = /^[0-9a-f]{4,32}$/i;

/** The trace ID (or its beginning) in what was pasted; undefined when there is none. */
export function traceIdIn(text: string): string | undefined {
  const value = text
    .trim()
    .replace(/^traceparent:\s*/i, '')
    .replace(/^["']|["']$/g, '');
  const parent = parseTraceparent(value.toLowerCase());
  if (parent) return parent.traceId;
  return PREFIX.test(value) ? value.toLowerCase() : undefined;
}

export function traceBox(navigate: (to: string) => void): HTMLElement {
  const input = el('input', {
    id: 'trace',
    type: 'text',
    placeholder: 'Trace ID or traceparent',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'trace-error',
  });
  const error = el('p', { id: 'trace-error', class: 'field-error', 'aria-live': 'polite' });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const traceId = traceIdIn(input.value);
    error.textContent = traceId
      ? ''
      : 'That is no trace ID (32 hex digits, or the first 4 or more) and no traceparent (00-…-…-01).';
    input.setAttribute('aria-invalid', String(!traceId));
    if (traceId) navigate(`/run/${traceId}`);
  };
  return el(
    'form',
    { class: 'trace-box', on: { submit } },
    el('label', { for: 'trace', class: 'spoken' }, 'Trace ID or traceparent'),
    input,
    el('button', { type: 'submit' }, 'Open'),
    error,
  );
}
