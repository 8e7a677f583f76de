// SPDX-License-Identifier: Apache-2.0
// Opens built reports in Debian's Chromium, from a file, and watches for errors and requests.
import assert from 'node:assert/strict';
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before} from 'node:test';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';
import {report} from './fixture.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
                   '--disable-component-update', '--disable-sync'];

// One browser for all tests of a file; open(document, options) gives {page, faults}, closed after the test.
export function reports() {
  const folder = mkdtempSync(join(tmpdir(), 'nbits-report-'));
  let browser;
  let number = 0;
  before(async () => {
    assert.ok(existsSync(CHROMIUM), `no browser at ${CHROMIUM}: scripts/setup installs it`);
    browser = await chromium.launch({executablePath: CHROMIUM, headless: true, args: ARGUMENTS});
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, {recursive: true});
  });
  return async (test, document, options = {}) => {
    const file = join(folder, `report${number++}.html`);
    writeFileSync(file, typeof document === 'string' ? document : report(document));
    const page = await browser.newPage({reducedMotion: 'reduce', ...options});
    test.after(() => page.close());
    const faults = watch(page, file);
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('h1');
    return {page, faults};
  };
}

// Console errors, uncaught errors, and every request but the file itself.
function watch(page, file) {
  const faults = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => request.url().startsWith('data:') || request.url() === pathToFileURL(file).href ||
                                  faults.push(request.url()));
  return faults;
}

// Figures hold spaces that do not break.
export const words = async (locator) => (await locator.textContent()).replace(/\u00a0/g, ' ');

export const scene = (page) => page.waitForSelector('.frame canvas');

// How many colours a picture of this part of the page has: a blank one has one.
export async function colours(page, locator) {
  const png = await locator.screenshot();
  return page.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size;
  }, `data:image/png;base64,${png.toString('base64')}`);
}
