import { BaseCommand } from '../../cli/baseCommand.js';
import { sessionName } from '../../cli/sessionName.js';
import { clusterDir } from '../../cluster/clusterHome.js';
import { SessionStore } from '../../cluster/sessionStore.js';

export default class SessionReset extends BaseCommand {
  static override summary = 'Forget what a session has seen.';
  static override description = 'Its next use starts it anew.\n--json: {name, reset: true}.';
  static override examples = ['<%= config.bin %> session reset alice'];
  static override args = { name: sessionName({ required: true }) };

  async run(): Promise<{ name: string; reset: true }> {
    const { args, flags } = await this.parse(SessionReset);
    await new SessionStore(clusterDir(flags.cluster)).reset(args.name);
    this.log(`Session ${args.name} is forgotten; its next use starts it anew`);
    return { name: args.name, reset: true };
  }
}
