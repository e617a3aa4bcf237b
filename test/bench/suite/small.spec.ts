/** Twenty tests of the size that suites have: a page, a search, a purchase or two, and what must be seen then. */
import { expect, test } from '../../e2e/suite/shop-test.ts';

const WORDS = ['kettle', 'teapot', 'cup', 'saucer', 'spoon'];

for (const word of WORDS) {
  test(`finds ${word}`, async ({ shop }) => {
    await test.step('Search', async () => {
      await shop.getByRole('searchbox').fill(word);
      await shop.getByRole('button', { name: 'Find' }).click();
    });
    await expect(shop.getByRole('listitem')).toHaveText([`Buy ${word}`]);
  });

  test(`buys ${word} twice`, async ({ shop }) => {
    await shop.getByRole('searchbox').fill(word);
    await shop.getByRole('button', { name: 'Find' }).click();
    for (const count of [1, 2])
      await test.step(`Buy ${count}`, async () => {
        await shop.getByRole('button', { name: `Buy ${word}` }).click();
        await expect(shop.locator('#basket')).toHaveText(`${count} in the basket`);
      });
  });

  test(`goes to the account and back for ${word}`, async ({ shop }) => {
    await shop.goto('/account');
    await expect(shop.locator('#who')).toHaveText('nobody');
    await shop.goBack();
    await shop.getByRole('searchbox').fill(word);
    await shop.getByRole('button', { name: 'Find' }).click();
    await expect(shop.getByRole('listitem')).toHaveCount(1);
  });

  test(`reloads while looking for ${word}`, async ({ shop }) => {
    await shop.reload();
    await shop.getByRole('searchbox').fill(word);
    await shop.reload();
    await expect(shop.getByRole('searchbox')).toHaveValue('');
  });
}
