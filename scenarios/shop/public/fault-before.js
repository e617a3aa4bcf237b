/** Does something else first, whenever the shop's own script asks for `data-before`. */
{
  const { before, deed, ms, url, count, fault, other } = document.currentScript.dataset;
  const ask = globalThis.fetch;

  const DEEDS = {
    /** Leave enough time for people to see something move. */
    pause: async () => {
      const startMs = performance.now();
      await new Promise((resolve) => setTimeout(resolve, Number(ms)));
      noteFault(fault, performance.now() - startMs);
    },
    /** A header of its own makes the browser ask for leave first; the same without it shows what asking takes anyway. */
    header: async () => {
      await ask(url, { headers: { 'x-points-of': 'shop' } }).then((answer) => answer.text());
      ask(`${url}?plain`)
        .then((answer) => answer.text())
        .then(() => noteFault(fault, beforeSending(url) - beforeSending(`${url}?plain`)));
    },
    together: async () => {
      const urls = numbered();
      await Promise.all([...urls, other].map(sheet));
      noteLongestQueue(urls);
    },
    oneByOne: async () => {
      const urls = numbered();
      for (const one of urls) await ask(one).then((answer) => answer.text());
      const others = urls.slice(1).map(entryOf);
      noteFault(
        fault,
        others.reduce((sum, { duration }) => sum + duration, 0),
      );
    },
  };

  const beforeSending = (asked) => entryOf(asked).requestStart - entryOf(asked).startTime;

  const numbered = () => Array.from({ length: Number(count) }, (_, i) => `${url}${i + 1}`);

  /** Style sheets go straight to the network; pictures would first queue inside the browser. */
  const sheet = (href) =>
    new Promise((resolve) => {
      const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
      link.onload = link.onerror = resolve;
      document.head.append(link);
    });

  /**
   * The one that is answered last has queued longest. One to another host is asked for after all of them: when the
   * browser began with that, and a connection to their host was made, the last one could have gone too, had there been
   * no limit.
   */
  function noteLongestQueue(urls) {
    const entries = urls.map(entryOf);
    const last = entries.reduce((a, b) => (b.responseEnd > a.responseEnd ? b : a));
    const control = entryOf(other);
    const begunMs = hasConnected(control) ? control.domainLookupStart : control.requestStart;
    const madeMs = Math.min(...entries.filter(hasConnected).map(({ connectEnd }) => connectEnd));
    noteFault(fault, last.requestStart - Math.max(begunMs, Number.isFinite(madeMs) ? madeMs : 0));
  }

  const hasConnected = ({ connectStart, connectEnd }) => connectEnd > connectStart;

  let isDone = false;
  globalThis.fetch = async (path, options) => {
    if (!isDone && `${options?.method ?? 'GET'} ${path}`.startsWith(before)) {
      isDone = true;
      await DEEDS[deed]();
    }
    return ask(path, options);
  };
}
