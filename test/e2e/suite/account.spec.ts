import { expect, test } from './shop-test.ts';

test.describe('With a stored state', () => {
  test.use({
    storageState: {
      cookies: [
        {
          name: 'who',
          value: 'ada',
          domain: 'localhost',
          path: '/',
          expires: -1,
          httpOnly: false,
          secure: false,
          sameSite: 'Lax',
        },
      ],
      origins: [],
    },
  });
  test('is somebody', async ({ page, workerName }) => {
    expect(workerName).toMatch(/^worker\d+$/);
    await page.goto('/account');
    await expect(page.locator('#who')).toHaveText('ada');
  });
});

test('mocks an answer', async ({ page }) => {
  await page.route('**/api/me', (route) => route.fulfill({ body: 'mallory' }));
  await page.goto('/account');
  await expect(page.locator('#who')).toHaveText('mallory');
});

test('opens two contexts and a window', async ({ browser, page, baseURL }) => {
  await page.goto('/');
  const other = await browser.newContext({ baseURL });
  const opened = await other.newPage();
  const popup = opened.waitForEvent('popup');
  await opened.goto('/account');
  await opened.evaluate("window.open('/'); undefined");
  await expect((await popup).locator('h1')).toHaveText('Our shop');
  await other.close();
});

test('asks without a browser', async ({ request }) => {
  expect(await (await request.get('/api/me')).text()).toBe('nobody');
});
