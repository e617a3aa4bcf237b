/**
 * Properties are tried with the same inputs every time, so that a change is red for what it changed only.
 * `HEADWATER_SEED=random npm test` tries others; a number tries those of that seed again.
 */
import fc from 'fast-check';

const USUAL_SEED = 20_261_128;
const { HEADWATER_SEED: asked } = process.env;
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked) || USUAL_SEED });
