/**
 * JUnit XML, as CI servers read it: a suite a journey, a case a budget and a step. There is no standard; this is the
 * part that Jenkins, GitLab and GitHub's actions agree on (https://github.com/testmoapp/junitxml). Times are seconds.
 */
import { budgetInWords, guiltyInWords } from '../analyse/goals/goal-words.ts';
import type { JudgedJourney } from '../analyse/goals/judged-journey.ts';
import { percentile } from '../analyse/journey/percentile.ts';
import type { JudgedBudget } from '../model/goals.ts';
import { formatDuration, type Nanos, unixMsFromNano } from '../model/time.ts';

interface Case {
  readonly name: string;
  readonly ns: Nanos | null;
  readonly failure?: string;
  /** Why nobody can say whether it holds. */
  readonly error?: string;
}

export function junitXml(journeys: readonly JudgedJourney[]): string {
  const suites = journeys.map(suiteXml);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="headwater">\n${suites.join('\n')}\n</testsuites>\n`;
}

function suiteXml(journey: JudgedJourney): string {
  const cases = [...stepCases(journey), ...endingCase(journey), ...journey.budgets.map(budgetCase(journey))];
  const count = (is: (one: Case) => unknown): number => cases.filter(is).length;
  const [first] = journey.reports;
  const attributes = attributesXml({
    name: journey.journey,
    tests: cases.length,
    failures: count(({ failure }) => failure),
    errors: count(({ error }) => error),
    time: seconds(journey.reports.reduce((sum, { wallNs }) => sum + wallNs, 0)),
    ...(first && { timestamp: new Date(unixMsFromNano(BigInt(first.startUnixNano))).toISOString() }),
  });
  return `  <testsuite${attributes}>\n${cases.map((one) => caseXml(journey.journey, one)).join('\n')}\n  </testsuite>`;
}

function caseXml(journey: string, { name, ns, failure, error }: Case): string {
  const attributes = attributesXml({ classname: journey, name, time: seconds(ns ?? 0) });
  const told = failure ?? error;
  if (told === undefined) return `    <testcase${attributes}/>`;
  const kind = failure === undefined ? 'error' : 'failure';
  return `    <testcase${attributes}>\n      <${kind}${attributesXml({ message: told })}>${xmlText(told)}</${kind}>\n    </testcase>`;
}

/** Each step once, by its median; it fails when it failed in any run. */
function stepCases({ reports }: JudgedJourney): Case[] {
  const names = [...new Set(reports.flatMap(({ steps }) => steps.map(({ name }) => name)))];
  return names.map((name) => {
    const inRuns = reports.flatMap((report) =>
      report.steps.filter((step) => step.name === name).map((step) => ({ report, step })),
    );
    const failed = inRuns.find(({ step }) => step.status === 'failed');
    const ns = percentile(
      inRuns.map(({ step }) => step.wallNs),
      50,
    );
    return { name: `step: ${name}`, ns, ...(failed && { failure: failed.report.verdict.sentence }) };
  });
}

/** A run that failed outside of its steps fails all the same. */
function endingCase({ reports }: JudgedJourney): Case[] {
  const failed = reports.find(
    ({ status, steps }) => status === 'failed' && !steps.some((step) => step.status === 'failed'),
  );
  return failed ? [{ name: 'the run', ns: failed.wallNs, failure: failed.verdict.sentence }] : [];
}

const budgetCase =
  ({ unknownSteps }: JudgedJourney) =>
  (budget: JudgedBudget): Case => {
    const { step, allowedNs, medianNs, isBroken, eachNs } = budget;
    const name = `budget: ${budgetInWords(budget)} ${formatDuration(allowedNs)}`;
    if (isBroken) return { name, ns: medianNs, failure: brokenInWords(budget) };
    if (step !== null && unknownSteps.includes(step))
      return { name, ns: null, error: `No run has a step "${step}".` };
    if (medianNs === null)
      return { name, ns: null, error: `None of ${eachNs.length} runs ended well: it could not be judged.` };
    return { name, ns: medianNs };
  };

function brokenInWords({ medianNs, allowedNs, eachNs, guilty }: JudgedBudget): string {
  const took = formatDuration(medianNs ?? 0);
  const judged = eachNs.filter((ns) => ns !== null).length;
  const median = judged === 1 ? took : `${took} (median of ${judged} runs)`;
  const who = guilty ? `: ${formatDuration(guilty.ns)} ${guiltyInWords(guilty)}` : '';
  return `${median}, and ${formatDuration(allowedNs)} is allowed${who}`;
}

const seconds = (ns: Nanos): string => (ns / 1e9).toFixed(3);

const attributesXml = (attributes: Readonly<Record<string, string | number>>): string =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
    .join('');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
/** XML 1.0 has no way to write most control characters, lone surrogates, U+FFFE and U+FFFF, not even as a number. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const xmlText = (text: string): string =>
  text.replace(NOT_XML, '\ufffd').replace(/[&<>"\t\n\r]/g, (char) => ENTITIES[char] ?? char);
