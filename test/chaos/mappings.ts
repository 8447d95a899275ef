/**
 * Two tables, the second one refers to the first. Both find changes by time, create on both sides in every run, and carry
 * deletions; a field that both sides have changed is for people to decide.
 */
const common = {
  direction: 'Bidirectional',
  onlyCoupled: false,
  deletionConflict: 'Propagate Deletion',
  // People here delete many at once, and nobody would be there to approve it.
  deletionBrake: { share: 1, records: 10_000 },
}

export const chaosMappings = [
  {
    ...common,
    name: 'CUSTOMER',
    local: { table: 'customers', modifiedField: 'lastModifiedDateTime', referenceField: 'number' },
    remote: { table: 'account', modifiedField: 'modifiedon' },
    fields: [
      { local: 'number', remote: 'accountnumber' },
      { local: 'displayName', remote: 'name' },
      { local: 'city', remote: 'address1_city' },
      { local: 'phoneNumber', remote: 'telephone1' },
      { remote: 'owneridtype', direction: 'ToIntegrationTable', constant: 'systemuser' },
    ],
  },
  {
    ...common,
    name: 'CONTACT',
    local: {
      table: 'couplet/sync/v1.0/contacts',
      modifiedField: 'lastModifiedDateTime',
      referenceField: 'number',
      filter: 'customerNumber is not null',
      // 0: companies, whose fields follow their customer.
      ignore: 'type = 0',
    },
    remote: { table: 'contact', modifiedField: 'modifiedon', filter: 'parentcustomerid is not null' },
    fields: [
      { local: 'number', remote: 'pager' },
      { local: 'surname', remote: 'lastname' },
      { local: 'jobTitle', remote: 'jobtitle' },
      { local: 'type', direction: 'FromIntegrationTable', constant: 'Person' },
      { remote: 'parentcustomeridtype', direction: 'ToIntegrationTable', constant: 'account' },
      { local: 'customerNumber', remote: 'parentcustomerid', reference: { mapping: 'CUSTOMER' } },
      { remote: 'owneridtype', direction: 'ToIntegrationTable', constant: 'systemuser' },
    ],
  },
]
