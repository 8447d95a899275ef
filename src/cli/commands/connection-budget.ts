import type { Command } from 'commander'
import { type BudgetReading, readBudgetState } from '../../core/budget/budget-reading.ts'
import { getConnection } from '../../usecases/setup/connections.ts'
import { jsonOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { printJson, printTable } from '../output.ts'
import { withContext } from '../session.ts'

interface ReadBudget extends BudgetReading {
  readonly identity: string
}

const listing = {
  columns: [
    { title: 'application user' },
    { title: 'limit' },
    { title: 'used', align: 'right' as const },
    { title: 'usable', align: 'right' as const },
    { title: 'granted', align: 'right' as const },
    { title: 'workers', align: 'right' as const },
    { title: '' },
  ],
  row: ({ budget, facet }: { budget: ReadBudget; facet: BudgetReading['facets'][number] }) => [
    budget.identity,
    facet.facet === 'execution-time' ? 'execution time (ms)' : facet.facet,
    String(facet.used),
    String(facet.usable),
    String(facet.limit),
    String(budget.workers),
    budget.holdForMs > 0
      ? `held for ${Math.ceil(budget.holdForMs / 1_000)} s`
      : budget.binding === facet.facet
        ? 'sets the speed'
        : '',
  ],
  empty: 'Nothing has been sent through this connection yet, or its system has no budget.',
}

/** `couplet connection budget`: what is used of what the system grants, by all workers together. */
export function addBudget(connection: Command, finish: Finish): void {
  connection
    .command('budget')
    .description('show what is used of the requests that the system grants each application user')
    .argument('<name>', 'name of the connection')
    .addOption(jsonOption())
    .action((name: string, options: { json?: boolean }) => finish(() => show(name, options)))
}

function show(name: string, { json }: { readonly json?: boolean }): Promise<number> {
  return withContext(async ({ deps }) => {
    const connection = await getConnection(name, deps)
    const { budgetLimitsOf } = await import('../../app/connections.ts')
    const limits = budgetLimitsOf(connection)
    const stored = limits === null ? [] : await deps.stores.budgets.readBudgets(connection.id)
    const budgets = stored.flatMap(({ identity, state, now }): readonly ReadBudget[] =>
      limits === null ? [] : [{ identity, ...readBudgetState(state, now, limits) }],
    )
    if (json) printJson({ connection: name, limits, budgets })
    else
      printTable(
        budgets.flatMap((budget) => budget.facets.map((facet) => ({ budget, facet }))),
        listing,
      )
    return exitCodes.good
  })
}
