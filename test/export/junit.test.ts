/** JUnit XML: well-formed by a strict parser, whatever names are in it. */
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { judgedJourney } from '../../src/analyse/goals/judged-journey.ts';
import { junitXml } from '../../src/export/junit.ts';
import { BUDGETS, judged, lockedReport } from '../fixtures/judged-journey.ts';

interface Element {
  readonly name: string;
  readonly attributes: Record<string, string>;
  text: string;
}

/** Every element in order. @throws what is not well-formed */
function parse(xml: string): Element[] {
  const parser = new SaxesParser();
  const found: Element[] = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => void found.push({ name, attributes, text: '' }));
  parser.on('text', (text) => {
    const last = found.at(-1);
    if (last) last.text += text;
  });
  parser.write(xml).close();
  return found;
}
/** A lone surrogate is a character of its own to a `for … of`. */
function isInXml(char: string): boolean {
  const code = char.codePointAt(0)!;
  const isSpace = code === 0x9 || code === 0xa || code === 0xd;
  return (
    isSpace || (code >= 0x20 && !(code >= 0xd800 && code < 0xe000) && code !== 0xfffe && code !== 0xffff)
  );
}
const named = (elements: readonly Element[], name: string) =>
  elements.filter((element) => element.name === name);

describe('JUnit XML', () => {
  const elements = parse(junitXml([judged()]));

  it('has a suite a journey, with a case a step and a budget', () => {
    const [suite] = named(elements, 'testsuite');
    expect(suite?.attributes).toEqual({
      name: 'buy',
      tests: '4',
      failures: '1',
      errors: '1',
      time: '1.500',
      timestamp: expect.stringMatching(/^2026-\d\d-\d\dT/),
    });
    expect(named(elements, 'testcase').map(({ attributes }) => attributes)).toEqual([
      { classname: 'buy', name: 'step: Pay', time: '0.500' },
      { classname: 'buy', name: 'budget: the whole run 1.00 s', time: '0.500' },
      { classname: 'buy', name: 'budget: database in Pay 300 ms', time: '0.400' },
      { classname: 'buy', name: 'budget: Paid 300 ms', time: '0.000' },
    ]);
  });

  it('says of a broken budget what was taken and by whom, of a slip of the pen that it is one', () => {
    const told = '400 ms (median of 3 runs), and 300 ms is allowed: 400 ms lock wait in postgresql';
    expect(named(elements, 'failure')).toMatchObject([{ attributes: { message: told } }]);
    expect(named(elements, 'error')).toMatchObject([
      { attributes: { message: 'No run has a step "Paid".' } },
    ]);
  });

  it('fails the step that failed, or the run itself', () => {
    const step = { ...lockedReport(1, 10).steps[0]!, status: 'failed' as const };
    const verdict = { ...lockedReport(1, 10).verdict, sentence: 'buy failed.' };
    const cases = (steps: (typeof step)[]) => {
      const report = lockedReport(1, 10, { status: 'failed', steps, verdict });
      const all = parse(junitXml([judgedJourney('buy', [report], BUDGETS.slice(0, 1), undefined)]));
      const failed = all.flatMap(({ name }, i) => (name === 'failure' ? all[i - 1]!.attributes.name : []));
      return [failed, named(all, 'error').map(({ attributes }) => attributes.message)];
    };
    const unjudged = ['None of 1 runs ended well: it could not be judged.'];
    expect(cases([step])).toEqual([['step: Pay'], unjudged]);
    expect(cases([])).toEqual([['the run'], unjudged]);
  });

  it('stays well-formed and keeps what XML can hold, whatever a journey is called', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 20 });
    const nasty = fc.constantFrom('a\u0000b', ']]>', '<x a="1">&amp;', '\ud800', '\uffff', '\u0085\r\n\t');
    fc.assert(
      fc.property(fc.oneof(anyText, nasty), (name) => {
        const [suite] = named(parse(junitXml([judged(name)])), 'testsuite');
        const held = [...name].map((char) => (isInXml(char) ? char : '\ufffd')).join('');
        expect(suite?.attributes.name).toBe(held);
      }),
    );
  });
});
