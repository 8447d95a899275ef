import { it } from 'vitest'
import { inMemory } from './assert-histories.ts'
import { play } from './play.ts'
import { plainSetting as plain, type Setting } from './scenario.ts'
import type { Mishap, Step } from './steps.ts'

const run = (kind: 'full' | 'modified', ...mishaps: Mishap[]): Step => ({
  do: 'run',
  kind,
  pageSize: 1,
  mishaps,
})
const insert: Step = { do: 'insert', side: 'local', refused: false }

/** Short histories that have gone wrong once. */
const goesWell = (setting: Partial<Setting>, ...steps: Step[]) =>
  play({ setting: { ...plain, ...setting }, steps }, inMemory)

it('P3: a creation whose answer was lost is completed although the other system would refuse the record now', () =>
  goesWell(
    {},
    insert,
    run(
      'full',
      { before: 'write', nth: 1, what: { accident: 'lose answer', side: 'remote' } },
      {
        before: 'write',
        nth: 1,
        what: { do: 'edit', side: 'local', pick: 0, field: 'name', value: 'refused' },
      },
    ),
    { do: 'edit', side: 'local', pick: 0, field: 'name', value: 'fresh' },
  ))

it('P4: a creation that was completed is no trouble when its source has got another key since', () =>
  goesWell(
    { remoteKeys: 'mapped' },
    { do: 'insert', side: 'remote', refused: false },
    run('full', { before: 'read', nth: 1, what: { accident: 'hold write', side: 'local' } }),
    { do: 'edit', side: 'local', pick: 0, field: 'number', value: 'fresh' },
    { do: 'request', side: 'local', pick: 0, creates: false, pageSize: 1, mishaps: [] },
  ))

it('P11: a pass over everything goes on as one, although another run has scanned the table meanwhile', () =>
  goesWell(
    {},
    insert,
    insert,
    run(
      'modified',
      { before: 'read', nth: 1, what: { accident: 'lose queue', side: 'local' } },
      { before: 'decide', nth: 2, what: { accident: 'kill', side: 'local' } },
    ),
  ))

it('P4: an issue does not stay behind under the key that its record had before', () =>
  goesWell(
    { remoteKeys: 'mapped' },
    insert,
    run('full'),
    { do: 'edit', side: 'remote', pick: 0, field: 'city', value: 'refused' },
    run('full'),
    { do: 'edit', side: 'local', pick: 0, field: 'number', value: 'fresh' },
  ))

it('P3: a creation under way when the number of its record is changed makes no second record under the new number', () =>
  goesWell(
    { remoteKeys: 'mapped' },
    insert,
    run(
      'full',
      { before: 'write', nth: 1, what: { accident: 'hold write', side: 'remote' } },
      {
        before: 'write',
        nth: 1,
        what: { do: 'edit', side: 'local', pick: 0, field: 'number', value: 'fresh' },
      },
    ),
  ))

it('P3: a creation is completed with what was sent first, although a later try was refused and lost its answer, too', () =>
  goesWell(
    {},
    insert,
    run(
      'modified',
      { before: 'read', nth: 1, what: { accident: 'lose queue', side: 'local' } },
      { before: 'commit', nth: 1, what: { accident: 'kill', side: 'local' } },
    ),
    { do: 'edit', side: 'local', pick: 0, field: 'name', value: 'refused' },
    run('full', { before: 'sort', nth: 1, what: { accident: 'lose answer', side: 'remote' } }),
  ))

it('P10: a creation that is refused as often as it was sent is told of as refused, and not as a record that keeps changing', () =>
  goesWell(
    {},
    { do: 'insert', side: 'remote', refused: true },
    run(
      'full',
      { before: 'decide', nth: 3, what: { accident: 'throttle', side: 'local' } },
      { before: 'read', nth: 2, what: { accident: 'throttle', side: 'local' } },
    ),
  ))

it('P3: a creation whose answer was lost is not created back when its users have edited it before it was recognised', () =>
  goesWell(
    { remoteKeys: 'mapped' },
    run(
      'full',
      { before: 'read', nth: 1, what: { accident: 'lose answer', side: 'remote' } },
      { before: 'read', nth: 1, what: insert },
      {
        before: 'references',
        nth: 2,
        what: { do: 'edit', side: 'remote', pick: 0, field: 'name', value: 'fresh' },
      },
    ),
    { do: 'release' },
    { do: 'settle', kind: 'full', pageSize: 1, mishaps: [] },
    { do: 'couple', local: 0, remote: 0, next: 'to', pageSize: 1, mishaps: [] },
  ))

it('P3: a pair uncoupled while its creation is in doubt is not coupled again when a new partner is asked for', () =>
  goesWell(
    { remoteKeys: 'mapped' },
    run('full', { before: 'read', nth: 1, what: { accident: 'hold write', side: 'remote' } }),
    insert,
    run('full'),
    { do: 'uncouple', side: 'local', picks: [0], pageSize: 1, mishaps: [] },
    { do: 'request', side: 'local', pick: 0, creates: true, pageSize: 1, mishaps: [] },
    { do: 'request', side: 'local', pick: 0, creates: false, pageSize: 1, mishaps: [] },
    { do: 'settle', kind: 'full', pageSize: 1, mishaps: [] },
  ))

it('P3: a creation whose answer was lost is not created back while its own record keeps being locked', () =>
  goesWell(
    { remoteKeys: 'mapped' },
    insert,
    {
      do: 'request',
      side: 'local',
      pick: 0,
      creates: false,
      pageSize: 1,
      mishaps: [{ before: 'commit', nth: 1, what: { accident: 'lose answer', side: 'remote' } }],
    },
    insert,
    {
      do: 'settle',
      kind: 'full',
      pageSize: 3,
      mishaps: [{ before: 'decide', nth: 2, what: { accident: 'lock records', side: 'remote' } }],
    },
  ))

it('P4: an edit of a counterpart is carried although nothing has ever been agreed on', () =>
  goesWell(
    {},
    run(
      'full',
      { before: 'read', nth: 1, what: { do: 'insert', side: 'remote', refused: false } },
      {
        before: 'write',
        nth: 1,
        what: { do: 'edit', side: 'remote', pick: 0, field: 'city', value: 'refused' },
      },
    ),
    {
      do: 'settle',
      kind: 'full',
      pageSize: 1,
      mishaps: [
        {
          before: 'read',
          nth: 2,
          what: { do: 'edit', side: 'local', pick: 0, field: 'name', value: 'fresh' },
        },
      ],
    },
    { do: 'edit', side: 'local', pick: 0, field: 'name', value: 'fresh' },
  ))

const atRest: Step = { do: 'settle', kind: 'full', pageSize: 1, mishaps: [] }
const rename = (side: 'local' | 'remote'): Step => ({
  do: 'edit',
  side,
  pick: 0,
  field: 'name',
  value: 'fresh',
})

/** What random histories come upon too rarely. */
it('P4: a record that was edited is not deleted with its partner', () =>
  goesWell({ deletionConflict: 'Propagate Deletion' }, insert, atRest, rename('local'), {
    do: 'delete',
    side: 'remote',
    pick: 0,
  }))

it('P4: a decision does not hold for a value that it was not made for', () =>
  goesWell(
    {},
    insert,
    atRest,
    rename('local'),
    rename('remote'),
    atRest,
    { do: 'decide', pick: 0, scope: 'one', take: 'local', first: null },
    rename('remote'),
  ))

it('P3: a creation that arrives late is not created back while nobody has recognised it', () =>
  goesWell(
    { remoteKeys: 'drawn' },
    insert,
    run('full', { before: 'write', nth: 1, what: { accident: 'hold write', side: 'remote' } }),
    { do: 'release' },
    run('modified'),
  ))

it('P3: a creation that arrives late is recognised although its record has been edited since', () =>
  goesWell(
    { remoteKeys: 'drawn' },
    insert,
    run('full', { before: 'write', nth: 1, what: { accident: 'hold write', side: 'remote' } }),
    { do: 'release' },
    { do: 'edit', side: 'remote', pick: 0, field: 'name', value: 'fresh' },
    run('modified'),
  ))
