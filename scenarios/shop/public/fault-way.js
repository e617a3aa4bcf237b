/**
 * Notes how much longer the way to this page was (`data-way="long"`) than the way to a later one: from the click until
 * the browser asked for the page itself.
 */
{
  const { fault, way } = document.currentScript.dataset;
  const { fetchStart } = performance.getEntriesByType('navigation')[0];
  if (way === 'long') sessionStorage.setItem(fault, fetchStart);
  else noteFault(fault, Number(sessionStorage.getItem(fault)) - fetchStart);
}
