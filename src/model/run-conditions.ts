/**
 * On a run's span: under which conditions it was walked, as JSON (`Conditions` in src/replay/conditions.ts), so that it
 * can be walked again under the same ones. Of the visitor's machine, not of the site: nothing in it is secret.
 */
export const RUN_CONDITIONS = 'headwater.run.conditions';
/** On a run that replays a recording: which one, so that later replays find it. */
export const RUN_RECORDING = 'headwater.run.recording';
