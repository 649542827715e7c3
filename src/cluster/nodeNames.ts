/** Whether a user who types `text` means the node of this name: `node3` is `3` for short. */
export function isCalled(name: string, text: string): boolean {
  return name === text || name === fullName(text);
}

/** `3` is `node3`. */
export function fullName(text: string): string {
  return /^[1-9][0-9]*$/.test(text) ? `node${text}` : text;
}

/** `node3` is `3` for short. */
export function shortName(name: string): string {
  return /^node([1-9][0-9]*)$/.exec(name)?.[1] ?? name;
}
