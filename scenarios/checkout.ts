/** A customer buys a kettle: the demo shop's journey, in plain Playwright. */
import { defineJourney } from '../probe/journey.ts';

export default defineJourney({ name: 'checkout' }, async ({ page, step, baseUrl }) => {
  await step('Open the shop', async () => {
    const answer = await page.goto(baseUrl);
    if (!answer?.ok()) throw new Error(`The shop answered with status ${answer?.status()}.`);
    await page.getByRole('heading', { name: 'Our shop' }).waitFor();
    await page.getByText('In stock').first().waitFor();
  });

  await step('View a product', async () => {
    await page.getByRole('link', { name: 'River Kettle' }).click();
    await page.getByRole('heading', { name: 'River Kettle' }).waitFor();
    await page.getByText('In stock').first().waitFor();
  });

  await step('Add to cart', async () => {
    await page.getByRole('button', { name: 'Add to cart' }).click();
    await page.getByRole('status').getByText('River Kettle is in your cart').waitFor();
  });

  await step('Check out', async () => {
    await page.getByRole('link', { name: 'Cart' }).click();
    await page.getByRole('link', { name: 'Check out' }).click();
    await page.getByRole('heading', { name: 'Check out' }).waitFor();
  });

  await step('Place order', async () => {
    await page.getByLabel('Name').fill('Ada Marsh');
    await page.getByLabel('E-mail').fill('ada.marsh@example.com');
    await page.getByLabel('Address').fill('1 Weir Lane, Lower Millbrook');
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
  });
});
