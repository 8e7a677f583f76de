// SPDX-License-Identifier: Apache-2.0
// The licences of the packages whose code is in the page. They ask to stand beside every copy of it, and
// a report is one.
import {readdirSync, readFileSync} from 'node:fs';

// "/a/node_modules/b/node_modules/@c/d/src/e.js": the folder of the package that a module is from.
function packageFolder(module) {
  return module.match(/^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1];
}

function licenceText(folder) {
  const file = readdirSync(folder).find(name => /^licen[cs]e/i.test(name));
  if (!file) throw new Error(`${folder} has no licence`);
  return readFileSync(`${folder}/${file}`, 'utf8').replace(/\r/g, '').trim();
}

// A text for all packages that `modules` are from, those with the same licence together.
export function thirdPartyText(modules) {
  const folders = [...new Set(modules.map(packageFolder).filter(Boolean))].sort();
  const byText = new Map();
  for (const folder of folders) {
    const {name, version, license} = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const text = licenceText(folder);
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`).join('\n---\n\n');
}
