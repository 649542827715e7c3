import { BaseCommand } from '../../cli/baseCommand.js';
import { sessionName } from '../../cli/sessionName.js';
import { sessionView, type SessionView } from '../../cli/sessionView.js';
import { clusterDir } from '../../cluster/clusterHome.js';
import { SessionStore } from '../../cluster/sessionStore.js';
import { sessionText } from '../../view/sessionText.js';

export default class SessionMerge extends BaseCommand {
  static override summary = 'Let a session have seen what other sessions have seen.';
  static override description =
    'The target is made if it is new; the sources stay as they are.\n--json: {name, token, seen, updated_at_ms} of the target.';
  static override examples = ['<%= config.bin %> session merge alice bob carol'];
  static override args = {
    target: sessionName({ required: true, description: 'The session that learns.' }),
    sources: sessionName({ multiple: true, required: true, description: 'The sessions it learns from.' }),
  };

  async run(): Promise<SessionView> {
    const { args, flags } = await this.parse(SessionMerge);
    const store = new SessionStore(clusterDir(flags.cluster));
    const session = sessionView(await store.merge(args.target, args.sources));
    this.log(sessionText(session, Date.now()));
    return session;
  }
}
