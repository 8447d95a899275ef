import {
  boolean,
  choice,
  currencyColumns,
  date,
  decimal,
  entity,
  int,
  lookup,
  memo,
  money,
  owner,
  required,
  states,
  text,
} from './definition.ts'

const price = [0, 1_000_000_000_000] as const
const customer = lookup('customerid', ['account customerid_account', 'contact customerid_contact'], required)

/** Products, and what is sold. */
export const salesEntities = [
  entity({
    logicalName: 'product',
    entitySet: 'products',
    typeCode: 1024,
    alternateKeys: [{ name: 'productnumber', columns: ['productnumber'] }],
    columns: [
      text('name', 100, required),
      text('productnumber', 100, required),
      choice(
        'producttypecode',
        ['1 Sales Inventory', '2 Miscellaneous Charges', '3 Services', '4 Flat Fees'],
        {
          default: 1,
        },
      ),
      choice('productstructure', ['1 Product', '2 Product Family', '3 Product Bundle'], { default: 1 }),
      ...money('price', ...price),
      ...money('standardcost', ...price),
      ...money('currentcost', ...price),
      decimal('stockvolume', 5, { min: 0 }),
      decimal('stockweight', 5, { min: 0 }),
      decimal('quantityonhand', 5, { min: 0 }),
      int('quantitydecimal', 0, 5, required),
      text('vendorid', 100),
      text('vendorname', 100),
      text('vendorpartnumber', 100),
      lookup('defaultuomid', 'uom', required),
      lookup('defaultuomscheduleid', 'uomschedule', required),
      lookup('pricelevelid', 'pricelevel'),
      boolean('isstockitem', false),
      memo('description', 2_000),
      ...currencyColumns,
      ...states(
        ['0 Active', '1 Retired', '2 Draft', '3 Under Revision'],
        ['1 Active (0)', '2 Retired (1)', '0 Draft (2)', '3 Under Revision (3)'],
        2,
      ),
    ],
  }),
  entity({
    logicalName: 'opportunity',
    entitySet: 'opportunities',
    typeCode: 3,
    readOnlyStates: [1, 2],
    columns: [
      text('name', 300, required),
      customer,
      owner,
      ...money('estimatedvalue', ...price),
      date('estimatedclosedate'),
      memo('description', 2_000),
      ...currencyColumns,
      ...states(
        ['0 Open', '1 Won', '2 Lost'],
        ['1 In Progress (0)', '2 On Hold (0)', '3 Won (1)', '4 Canceled (2)', '5 Out-Sold (2)'],
      ),
    ],
  }),
  entity({
    logicalName: 'salesorder',
    entitySet: 'salesorders',
    typeCode: 1088,
    readOnlyStates: [2, 3, 4],
    columns: [
      text('name', 300, required),
      text('ordernumber', 100),
      customer,
      owner,
      ...money('totalamount', ...price),
      date('requestdeliveryby'),
      memo('description', 2_000),
      ...currencyColumns,
      ...states(
        ['0 Active', '1 Submitted', '2 Canceled', '3 Fulfilled', '4 Invoiced'],
        [
          '1 New (0)',
          '2 Pending (0)',
          '3 In Progress (1)',
          '4 No Money (2)',
          '100001 Complete (3)',
          '100003 Invoiced (4)',
        ],
      ),
    ],
  }),
]
