import { printable } from '../printable.js';

/** A text with its left end on the baseline at a place. */
export function svgText(x: number, y: number, content: string, className = ''): string {
  const attribute = className === '' ? '' : ` class="${className}"`;
  return `<text${attribute} x="${Math.round(x)}" y="${Math.round(y)}" xml:space="preserve">${escapeXml(content)}</text>`;
}

/** What XML does not allow in any form, lone surrogates among it, becomes a mark. */
export function escapeXml(content: string): string {
  return printable(content.toWellFormed())
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\ufffe\uffff]/g, '\ufffd');
}
