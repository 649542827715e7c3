import type { KvcError } from '../errors.js';
import type { ConditionFailedJson, VersionJson } from '../protocol/api.js';
import { readCommand } from '../view/entryText.js';
import { formatDotJson } from '../view/formatClock.js';
import { valueText } from '../view/valueText.js';
import type { FailedCall } from './explainDepsTimeout.js';

const versionsShownMax = 3;
const valueCharactersMax = 60;

/** Says of a KVC_E_CONDITION_FAILED what stands at the key, and how to write all the same. */
export function explainConditionFailed(error: KvcError, { node }: FailedCall): KvcError {
  const { key, versions, session } = error.facts as Partial<ConditionFailedJson>;
  if (key === undefined || versions === undefined || session === undefined) return error;
  const message = `${error.message}. ${node} holds ${versionsText(versions)}`;
  return error.with({ try: [readCommand(key, '--siblings'), `--if-context ${session}`] }, message);
}

function versionsText(versions: readonly VersionJson[]): string {
  const shown = versions.slice(0, versionsShownMax).map(versionText);
  const rest = versions.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}

function versionText({ dot, ...content }: VersionJson): string {
  if (content.value === null) return `nothing since ${formatDotJson(dot)}`;
  const text = valueText(content);
  const shown = text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax)}...` : text;
  return `${shown} (${formatDotJson(dot)})`;
}
