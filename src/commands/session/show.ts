import { BaseCommand } from '../../cli/baseCommand.js';
import { sessionName } from '../../cli/sessionName.js';
import { sessionView, type SessionView } from '../../cli/sessionView.js';
import { clusterDir } from '../../cluster/clusterHome.js';
import { SessionStore } from '../../cluster/sessionStore.js';
import { sessionText } from '../../view/sessionText.js';

export default class SessionShow extends BaseCommand {
  static override summary = 'Show what a session has seen, and its token.';
  static override description = '--json: {name, token, seen, updated_at_ms}.';
  static override examples = ['<%= config.bin %> session show alice'];
  static override args = { name: sessionName({ required: true }) };

  async run(): Promise<SessionView> {
    const { args, flags } = await this.parse(SessionShow);
    const session = sessionView(await new SessionStore(clusterDir(flags.cluster)).get(args.name));
    this.log(sessionText(session, Date.now()));
    return session;
  }
}
