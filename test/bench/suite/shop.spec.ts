/** Twenty tests of the demo's shop, which has some forty requests a test: pages, pictures, scripts, a font. */
import { expect, test } from '../../e2e/suite/shop-test.ts';

const PRODUCTS = ['River Kettle', 'Dusk Lantern', 'Enamel Mug', 'Ford Canteen', 'Portage Pack'];

for (const product of PRODUCTS) {
  test(`shows ${product}`, async ({ shop }) => {
    await shop.getByRole('link', { name: product }).click();
    await expect(shop.getByRole('heading', { name: product })).toBeVisible();
    await expect(shop.getByText('In stock').first()).toBeVisible();
  });

  test(`puts ${product} into the cart`, async ({ shop }) => {
    await shop.getByRole('link', { name: product }).click();
    await shop.getByRole('button', { name: 'Add to cart' }).click();
    await expect(shop.getByRole('status').getByText(`${product} is in your cart`)).toBeVisible();
  });

  test(`keeps ${product} in the cart over a reload`, async ({ shop }) => {
    await shop.getByRole('link', { name: product }).click();
    await shop.getByRole('button', { name: 'Add to cart' }).click();
    await expect(shop.getByRole('status').getByText(`${product} is in your cart`)).toBeVisible();
    await shop.getByRole('link', { name: 'Cart' }).click();
    await expect(shop.getByRole('heading', { name: 'Your cart' })).toBeVisible();
    await shop.reload();
    await expect(shop.getByText(product).first()).toBeVisible();
  });

  test(`buys ${product}`, async ({ shop }) => {
    await test.step('Choose', async () => {
      await shop.getByRole('link', { name: product }).click();
      await shop.getByRole('button', { name: 'Add to cart' }).click();
      await expect(shop.getByRole('status').getByText(`${product} is in your cart`)).toBeVisible();
    });
    await test.step('Check out', async () => {
      await shop.getByRole('link', { name: 'Cart' }).click();
      await shop.getByRole('link', { name: 'Check out' }).click();
    });
    await test.step('Place the order', async () => {
      await shop.getByLabel('Name').fill('Ada Marsh');
      await shop.getByLabel('E-mail').fill('ada.marsh@example.com');
      await shop.getByLabel('Address').fill('1 Weir Lane, Lower Millbrook');
      await shop.getByRole('button', { name: 'Place order' }).click();
      await expect(shop.getByRole('heading', { name: 'Thank you' })).toBeVisible();
    });
  });
}
