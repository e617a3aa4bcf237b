/**
 * How often the bound that is told of a clock is true: `node --import tsx test/eval/clocks.ts [CASES] [SEED] [--json]`.
 */
import { formatDuration } from '../../src/model/time.ts';
import { clockAccuracy } from './clock-cases.ts';

const [cases = 2_000, seed = 1] = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word))
  .map(Number);
const found = clockAccuracy(cases, seed);
if (process.argv.includes('--json')) console.log(JSON.stringify(found));
else
  console.log(
    [
      `${found.cases} made-up runs, ${found.clocks} clocks (offset ±5 s, drift up to 200 ppm, 2 s to 10 min, seed ${found.seed}):`,
      `  true offset inside the bound   ${found.inside} (${(found.insideShare * 100).toFixed(2)} %), at the start, the middle and the end`,
      `  bound, median                  ±${formatDuration(found.medianBoundNs)}, ${found.medianBoundToResidual.toFixed(2)} × what the best pair leaves open`,
      `  error, median                  ${formatDuration(found.medianErrorNs)} in the middle of the run`,
      `  drawn with a drift             ${found.drifting}, true drift inside its bound in ${found.driftInside}`,
      `  called contradictory           ${found.disjoint} runs`,
      found.outside.length > 0 ? `  outside: seeds ${found.outside.slice(0, 20).join(', ')}` : '',
    ]
      .filter(Boolean)
      .join('\n'),
  );
