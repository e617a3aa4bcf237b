/** The shop's links to a page go by an old address, as in an old mail. */
{
  const { link, by } = document.currentScript.dataset;
  addEventListener('DOMContentLoaded', () => {
    for (const a of document.querySelectorAll(`a[href="${link}"]`))
      a.href = `${by}?to=${encodeURIComponent(a.href)}`;
  });
}
