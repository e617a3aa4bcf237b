/** As much of a run's view as a store needs to keep it for looking for shifts. */
import type { RunReport, RunView } from '../../src/model/report.ts';
import type { ShiftRun } from '../../src/model/shift.ts';

const NO_VERDICT: RunReport['verdict'] = {
  ...{ layer: 'unknown', component: '', cause: 'unknown', ns: 0 },
  ...{ sentence: '', evidence: '', next: '', spanIds: [] },
};

export function viewOfShiftRun({ site, conditions, ...run }: ShiftRun): RunView {
  return {
    report: {
      ...run,
      steps: run.steps.map((step) => ({ ...step, spanId: '', startNs: 0 })),
      ...{
        unknownNs: 0,
        verdict: NO_VERDICT,
        coverage: [],
        clocks: [],
        warnings: [],
        overhead: {},
        viewerUrl: null,
      },
    },
    path: [],
    trace: {
      traceId: run.traceId,
      originUnixNano: run.startUnixNano,
      rootId: '',
      spans: [],
      clocks: [],
      warnings: [],
    },
    madeOf: 0,
    ...{ site, conditions },
  };
}
