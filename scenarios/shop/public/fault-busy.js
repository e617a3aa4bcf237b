/** Computes for a while before the page goes on. */
const beganMs = performance.now();
const { ms, fault } = document.currentScript.dataset;

function rankOffers(forMs) {
  const startMs = performance.now();
  let rank = 0;
  while (performance.now() - startMs < forMs) rank = (rank * 31 + 7) % 1_000_003;
  return rank;
}

rankOffers(Number(ms));
noteFault(fault, performance.now() - beganMs);
