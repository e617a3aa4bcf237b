/** For pages with a fault: tells the shop what the page timed, once the page is loaded, and not at once. */
globalThis.noteFault = (fault, ms) => {
  const send = () => navigator.sendBeacon('/api/noted', JSON.stringify({ fault, ms }));
  const sendSoon = () => setTimeout(send, 20);
  if (document.readyState === 'complete') sendSoon();
  else addEventListener('load', sendSoon);
};

/** How long the browser was at a file or an answer, from asking for it to its last byte. */
globalThis.entryOf = (url) => performance.getEntriesByName(new URL(url, location).href)[0];
