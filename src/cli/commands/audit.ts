import { type Command, InvalidArgumentError, Option } from 'commander'
import type { StoredAuditEntry } from '../../core/access/audit-entry.ts'
import { verifyAudit } from '../../usecases/access/verify-audit.ts'
import { addDefaultList, addListOptions, jsonOption, parseInstant } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { formatTime, type ListOptions, print, printJson, printPage, say } from '../output.ts'
import { withContext } from '../session.ts'

interface AuditOptions extends ListOptions {
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
  readonly since?: string
  readonly until?: string
}

const listing = {
  name: 'entries',
  show: (entry: StoredAuditEntry) => entry,
  columns: [
    { title: 'entry', align: 'right' as const },
    { title: 'time (UTC)' },
    { title: 'who' },
    { title: 'what' },
    { title: 'to' },
    { title: 'why' },
    { title: 'before → after' },
  ],
  row: ({ id, at, actor, action, subject, reason, before, after, detail }: StoredAuditEntry) => [
    String(id),
    formatTime(at),
    actor,
    action,
    subject,
    reason ?? '',
    before === null && after === null ? shown(detail) : `${shown(before)} → ${shown(after)}`,
  ],
  empty: 'There are no such entries.',
}

const shown = (facts: StoredAuditEntry['before']) => (facts === null ? '–' : JSON.stringify(facts))

/** `couplet audit list|verify` */
export function addAudit(program: Command, finish: Finish): void {
  const audit = program.command('audit').description('Who changed what, when and why')
  addListOptions(addDefaultList(audit))
    .description('list entries of the audit log, newest first; `couplet audit` does it, too')
    .option('--actor <name>', 'only what this person, key or process did')
    .option('--action <name>', 'only this kind of change, such as mapping.save')
    .option('--subject <name>', 'only changes of this, such as "mapping CUSTOMER"')
    .addOption(new Option('--since <time>', 'only entries from then on').argParser(parseInstant))
    .addOption(new Option('--until <time>', 'only entries before then').argParser(parseInstant))
    .action((options: AuditOptions) => finish(() => list(options)))
  audit
    .command('verify')
    .description('read the whole audit log and tell whether it is as it was written')
    .addOption(
      new Option('--expect <hash>', 'a hash that was printed before must still be there').argParser(
        parseHash,
      ),
    )
    .addOption(jsonOption())
    .action((options: { expect?: string; json?: boolean }) => finish(() => verify(options)))
}

function parseHash(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text
  throw new InvalidArgumentError('Expected a hash as `couplet audit verify` prints it.')
}

function list({ json, limit, before, ...filter }: AuditOptions): Promise<number> {
  return withContext(async ({ deps }) => {
    const entries = await deps.stores.access.listAudit({ ...filter, limit, before })
    printPage(entries, { limit, before, ...(json && { json }) }, listing)
    return exitCodes.good
  })
}

function verify({ expect, json }: { readonly expect?: string; readonly json?: boolean }): Promise<number> {
  return withContext(async ({ config, deps }) => {
    const isRetentionOn = config.retentionAuditDays !== null
    const { removed, good, broken } = await verifyAudit({ expected: expect ?? null, isRetentionOn }, deps)
    if (json) printJson({ ...good, removed: removed.entries, broken })
    else if (broken === null) {
      const cut = removed.entries === 0 ? '' : ` Entries up to ${removed.entries} were removed by retention.`
      print(
        `${good.entries - removed.entries} entries, all as they were written.${cut} Hash of the last one:\n${good.hash}`,
      )
      say('Note it down outside of the database; --expect HASH shows later that nobody wrote the log anew.')
    } else
      print(
        `Entry ${broken.number}: ${broken.reason}. ${good.entries - removed.entries} entries before it are as they were written.`,
      )
    if (broken !== null && !isRetentionOn)
      say(
        'Entries that retention once removed count as missing while COUPLET_RETENTION_AUDIT_DAYS is not set.',
      )
    return broken === null ? exitCodes.good : exitCodes.failed
  })
}
