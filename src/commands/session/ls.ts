import { BaseCommand } from '../../cli/baseCommand.js';
import { sessionView, type SessionView } from '../../cli/sessionView.js';
import { clusterDir } from '../../cluster/clusterHome.js';
import { SessionStore } from '../../cluster/sessionStore.js';
import { sessionsText } from '../../view/sessionText.js';

export default class SessionLs extends BaseCommand {
  static override summary = 'List the sessions kept with the cluster.';
  static override description = '--json: {sessions: [{name, token, seen, updated_at_ms}]}.';
  static override examples = ['<%= config.bin %> session ls'];

  async run(): Promise<{ sessions: SessionView[] }> {
    const { flags } = await this.parse(SessionLs);
    const sessions = (await new SessionStore(clusterDir(flags.cluster)).list()).map(sessionView);
    if (sessions.length > 0) this.log(sessionsText(sessions, Date.now()));
    else this.logToStderr('No sessions; start one: kvc read KEY --session alice');
    return { sessions };
  }
}
