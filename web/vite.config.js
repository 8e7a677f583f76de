// SPDX-License-Identifier: Apache-2.0
import {defineConfig} from 'vite';
import {thirdPartyText} from './third_party.js';

// Puts scripts and styles inside the page, so that the report is one file that needs no network.
function inlineAssets() {
  return {
    name: 'inline-assets',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = bundle['index.html'];
      const modules = Object.values(bundle).flatMap(part => Object.keys(part.modules ?? {}));
      const licences = thirdPartyText(modules);
      page.source += `<!--\nThis page holds code of these packages.\n\n${licences}-->\n`;
      for (const [file, part] of Object.entries(bundle)) {
        if (part === page) continue;
        page.source = part.type === 'chunk' ? inlineScript(page.source, file, part.code)
                                            : inlineStyle(page.source, file, part.source);
        delete bundle[file];
      }
      page.fileName = 'report.html';
      this.emitFile({type: 'asset', fileName: 'third_party.txt', source: licences});
    },
  };
}

// The script goes to the end: it reads the document that stands before it.
function inlineScript(html, file, code) {
  const tag = new RegExp(`<script[^>]*src="[^"]*${file}"[^>]*></script>`);
  const safe = code.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');
  return html.replace(tag, '').replace('</body>', () => `<script type="module">${safe}</script></body>`);
}

function inlineStyle(html, file, source) {
  const tag = new RegExp(`<link[^>]*href="[^"]*${file}"[^>]*>`);
  return html.replace(tag, () => `<style>${source}</style>`);
}

export default defineConfig({
  base: './',
  plugins: [inlineAssets()],
  build: {target: 'es2020', modulePreload: false, emptyOutDir: true, cssCodeSplit: false},
});
