// SPDX-License-Identifier: Apache-2.0
// The licences of what the page is made of.
import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {thirdPartyText} from '../third_party.js';

const dist = (name) => readFileSync(new URL(`../dist/${name}`, import.meta.url), 'utf8');

test('the page carries the licence of each package in it', () => {
  const page = dist('report.html');
  const licences = dist('third_party.txt');
  assert.ok(page.includes(licences));
  for (const name of ['@observablehq/plot', 'd3-scale', 'd3-shape']) assert.match(licences, new RegExp(`^${name} \\d.*\\(ISC\\)$`, 'm'));
  assert.match(licences, /Permission to use, copy, modify, and\/or distribute/);
  const notice = readFileSync(new URL('../../NOTICE', import.meta.url), 'utf8');
  for (const [, name] of licences.matchAll(/^(\S+) \d\S* \(/gm)) assert.ok(notice.includes(name), `NOTICE says nothing of ${name}`);
  assert.ok(!licences.includes('-->'), 'ends the comment that it stands in');
});

test('a package without a licence does not get in', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'nbits-'));
  t.after(() => rmSync(folder, {recursive: true}));
  const add = (name, text) => {
    const place = join(folder, 'node_modules', name);
    mkdirSync(place, {recursive: true});
    writeFileSync(join(place, 'package.json'), JSON.stringify({name, version: '1.0.0', license: 'MIT'}));
    if (text) writeFileSync(join(place, 'LICENSE.md'), text);
    return join(place, 'src/index.js');
  };
  const [a, b, none] = [add('a', 'Be good.'), add('@b/c', 'Be good.'), add('none')];
  assert.equal(thirdPartyText([b, a, a, '/project/src/main.ts']), '@b/c 1.0.0 (MIT)\na 1.0.0 (MIT)\n\nBe good.\n');
  assert.throws(() => thirdPartyText([none]), /none has no licence/);
});
