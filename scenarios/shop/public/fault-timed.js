/** Notes how long a file of others took that the page waits for. */
{
  const { fault, file } = document.currentScript.dataset;
  addEventListener('load', () => noteFault(fault, entryOf(file).duration));
}
