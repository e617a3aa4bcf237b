/** What the panel says about why a span took time: only what the run can tell. */
import { expect, it } from 'vitest';
import { storyOf } from '../../viewer/panel/story.ts';
import { RunState } from '../../viewer/run/run-state.ts';
import { runView } from '../fixtures/run-view.ts';

const why = (state: RunState, position: number): string =>
  storyOf(state, position)
    .why.map((phrase) => (typeof phrase === 'string' ? phrase : phrase.text))
    .join('');
/** A span that nobody waited for, though the run has a critical path. */
function besideThePath(state: RunState): number {
  const found = state.path.subtreeNs.indexOf(0);
  expect(found).toBeGreaterThan(0);
  return found;
}

it('says that the run did not wait for a span beside its critical path', () => {
  const state = new RunState(runView());
  expect(why(state, besideThePath(state))).toContain('The run did not wait for it');
});

it('does not claim so of a run without a critical path', () => {
  const view = runView();
  const position = besideThePath(new RunState(view));
  const state = new RunState({ ...view, path: [] });
  expect(why(state, position)).toContain('Whether the run waited for it is not known');
  expect(why(state, position)).not.toContain('did not wait');
});
