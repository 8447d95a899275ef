import { code, option, plain, type Table, text } from './field.ts'

export const currency: Table = {
  caption: 'Currency',
  key: ['code'],
  fields: {
    code: code(10, 'Code'),
    displayName: text(30, 'Description'),
    symbol: text(10, 'Symbol'),
    amountDecimalPlaces: text(5, 'Amount Decimal Places'),
    amountRoundingPrecision: plain('decimal', 'Amount Rounding Precision'),
    // Latest rate from the local currency to this one; 0 while there is none.
    currentExchangeRate: plain('decimal', 'Current Exchange Rate', { readOnly: true, isApiOnly: true }),
  },
}

export const currencyExchangeRate: Table = {
  caption: 'Currency Exchange Rate',
  key: ['currencyCode', 'startingDate'],
  fields: {
    currencyCode: code(10, 'Currency Code', { relation: 'currency' }),
    startingDate: plain('date', 'Starting Date'),
    exchangeRateAmount: plain('decimal', 'Exchange Rate Amount'),
    relationalExchangeRateAmount: plain('decimal', 'Relational Exch. Rate Amount'),
  },
}

export const salesperson: Table = {
  caption: 'Salesperson/Purchaser',
  key: ['code'],
  fields: {
    code: code(20, 'Code'),
    displayName: text(50, 'Name'),
    email: text(80, 'E-Mail'),
    email2: text(80, 'E-Mail 2'),
    phoneNo: text(30, 'Phone No.'),
    jobTitle: text(30, 'Job Title'),
    commisionPercent: plain('decimal', 'Commission %'),
    privacyBlocked: plain('boolean', 'Privacy Blocked'),
    blocked: plain('boolean', 'Blocked'),
  },
}

export const unitOfMeasure: Table = {
  caption: 'Unit of Measure',
  key: ['code'],
  fields: {
    code: code(10, 'Code'),
    displayName: text(50, 'Description'),
    internationalStandardCode: code(10, 'International Standard Code'),
    symbol: text(10, 'Symbol'),
  },
}

export const paymentTerm: Table = {
  caption: 'Payment Terms',
  key: ['code'],
  fields: {
    code: code(10, 'Code'),
    displayName: text(100, 'Description'),
    dueDateCalculation: text(32, 'Due Date Calculation'),
    discountDateCalculation: text(32, 'Discount Date Calculation'),
    discountPercent: plain('decimal', 'Discount %'),
    calculateDiscountOnCreditMemos: plain('boolean', 'Calc. Pmt. Disc. on Cr. Memos'),
  },
}

export const shipmentMethod: Table = {
  caption: 'Shipment Method',
  key: ['code'],
  fields: { code: code(10, 'Code'), displayName: text(100, 'Description') },
}

export const shippingAgent: Table = {
  caption: 'Shipping Agent',
  key: ['code'],
  fields: {
    code: code(10, 'Code'),
    displayName: text(50, 'Name'),
    internetAddress: text(250, 'Internet Address'),
  },
}

export const employee: Table = {
  caption: 'Employee',
  key: ['number'],
  fields: {
    number: code(20, 'No.'),
    displayName: text(100, 'Search Name'),
    givenName: text(30, 'First Name'),
    middleName: text(30, 'Middle Name'),
    surname: text(30, 'Last Name'),
    jobTitle: text(30, 'Job Title'),
    email: text(80, 'Company E-Mail'),
    mobilePhone: text(30, 'Mobile Phone No.'),
    status: option(['Active', 'Inactive', 'Terminated'], 'Status'),
    employmentDate: plain('date', 'Employment Date'),
    terminationDate: plain('date', 'Termination Date'),
    birthDate: plain('date', 'Birth Date'),
  },
}
