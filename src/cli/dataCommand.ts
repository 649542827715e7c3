import { printable } from '../view/printable.js';
import { BaseCommand } from './baseCommand.js';
import { dataFlags } from './dataFlags.js';

/** What the commands that read or write keys share: `--node`, `--session` or `--token`, and `--timeout`. */
export abstract class DataCommand extends BaseCommand {
  static override baseFlags = { ...BaseCommand.baseFlags, ...dataFlags };

  /** Whoever keeps a token by hand gets the one to go on with, as a line of its own. */
  protected logToken(given: string | undefined, result: { readonly session: string }): void {
    if (given !== undefined && !this.isWithinShell) this.log(`token ${result.session}`);
  }

  /** Bytes that are no text cannot be told from text that happens to be base64, unless one is told. */
  protected noteBase64(values: readonly { readonly key: string; readonly encoding?: 'base64' }[]): void {
    const keys = values.filter(({ encoding }) => encoding === 'base64').map(({ key }) => key);
    const names = [...new Set(keys)].map(printable).join(', ');
    if (keys.length > 0) this.logToStderr(`Not UTF-8 text, so shown as base64: ${names}`);
  }
}
