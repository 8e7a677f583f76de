// SPDX-License-Identifier: Apache-2.0
// Small helpers for building the page. Text from the document only ever becomes text nodes.

export type Child = Node | string | null | undefined;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag, attributes: Record<string, string> = {}, ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}

export function section(id: string, title: string, ...children: Child[]): HTMLElement {
  const heading = element('h2', {id: `${id}-title`}, title);
  return element('section', {id, 'aria-labelledby': `${id}-title`}, heading, ...children);
}

export function select(label: string, options: [string, string][], chosen: string,
                       changed: (value: string) => void): HTMLLabelElement {
  const input = element('select', {'aria-label': label});
  for (const [value, name] of options) input.append(element('option', {value}, name));
  input.value = chosen;
  input.addEventListener('change', () => changed(input.value));
  return element('label', {class: 'control'}, element('span', {}, label), input);
}

export function range(label: string, value: number, changed: (value: number) => void,
                      classes = ''): HTMLLabelElement {
  const input = element('input', {type: 'range', min: '0', max: '100', value: String(value), 'aria-label': label});
  input.addEventListener('input', () => changed(Number(input.value)));
  return element('label', {class: `control ${classes}`}, element('span', {}, label), input);
}
