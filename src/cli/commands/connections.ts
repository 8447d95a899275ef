import type { Command } from 'commander'
import type { ConnectionRecord, Pair } from '../../core/ports/mapping-store.ts'
import { jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { printJson, printTable } from '../output.ts'
import { withContext } from '../session.ts'

interface ListedConnection extends ConnectionRecord {
  /** Pairs that use it, with the side. */
  readonly usedBy: readonly string[]
}

const listing = {
  columns: [
    { title: 'name' },
    { title: 'kind' },
    { title: 'address' },
    { title: 'schema' },
    { title: 'used by' },
  ],
  row: ({ name, kind, settings, usedBy }: ListedConnection) => [
    name,
    kind,
    settings['url'] ?? '',
    settings['schema'] ?? '',
    usedBy.join(', '),
  ],
  empty: 'There are no connections. Make two with `couplet setup`.',
}

/** `couplet connections`: where the addresses stand, never the addresses. */
export function addConnections(program: Command, finish: Finish): void {
  program
    .command('connections')
    .description('List the connected systems')
    .addOption(jsonOption())
    .action((options: { json?: boolean }) =>
      finish(() =>
        withContext(async ({ deps }) => {
          const pairs = await deps.stores.mappings.listPairs()
          const connections = await deps.stores.mappings.listConnections()
          const listed = connections.map((each) => ({ ...each, usedBy: usersOf(each, pairs) }))
          if (options.json) printJson({ connections: listed })
          else printTable(listed, listing)
          return exitCodes.good
        }),
      ),
    )
}

function usersOf({ id }: ConnectionRecord, pairs: readonly Pair[]): readonly string[] {
  return pairs.flatMap(({ name, localConnection, remoteConnection }) => [
    ...(localConnection.id === id ? [`${name} (local)`] : []),
    ...(remoteConnection.id === id ? [`${name} (remote)`] : []),
  ])
}
