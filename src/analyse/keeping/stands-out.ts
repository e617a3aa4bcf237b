/** Whether a run told something that is not true of every run: it failed, had a problem, or was not as usual. */
import type { RunReport } from '../../model/report.ts';
import { problemsOf } from '../problems.ts';

/** Of what is usual: slower runs than this are looked for later, also when no part of them is to blame. */
const SLOW = 1.5;

export function standsOut({ status, ledger, wallNs, verdict }: RunReport): boolean {
  if (status === 'failed' || problemsOf(ledger).length > 0) return true;
  // somebody is blamed, and says how sure it is
  if (verdict.confidence !== undefined) return true;
  return verdict.usual !== undefined && wallNs > SLOW * verdict.usual.wallNs;
}
