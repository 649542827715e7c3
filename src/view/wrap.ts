/** How much further than its first line a broken line is indented. */
const hang = '  ';

/**
 * Breaks a line at spaces into lines of at most `width` characters; a longer word has a line of its own. Further lines
 * are indented like the first one, and by `hang` more where the text is a listing rather than prose.
 */
export function wrap(text: string, width: number, kind: 'prose' | 'listing' = 'prose'): string[] {
  const [indent = ''] = /^ */.exec(text) ?? [];
  const lines: string[] = [];
  let line = indent;
  for (const word of text.slice(indent.length).split(' ')) {
    const longer = line.trim() === '' ? line + word : `${line} ${word}`;
    if (line.trim() !== '' && longer.length > width) {
      lines.push(line.trimEnd());
      line = indent + (kind === 'listing' ? hang : '') + word;
    } else line = longer;
  }
  return [...lines, line];
}
