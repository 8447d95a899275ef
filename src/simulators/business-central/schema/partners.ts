import { code, type Field, idBeside, option, plain, type Table, text } from './field.ts'

const address: Readonly<Record<string, Field>> = {
  addressLine1: text(100, 'Address'),
  addressLine2: text(50, 'Address 2'),
  city: text(30, 'City'),
  state: text(30, 'County'),
  country: code(10, 'Country/Region Code'),
  postalCode: code(20, 'Post Code'),
  phoneNumber: text(30, 'Phone No.'),
  mobilePhoneNumber: text(30, 'Mobile Phone No.'),
  faxNumber: text(30, 'Fax No.'),
  email: text(80, 'E-Mail'),
  website: text(255, 'Home Page'),
}

const terms: Readonly<Record<string, Field>> = {
  currencyCode: code(10, 'Currency Code', { relation: 'currency' }),
  currencyId: idBeside('currencyCode', 'Currency Id'),
  paymentTermsCode: code(10, 'Payment Terms Code', { relation: 'paymentTerm' }),
  paymentTermsId: idBeside('paymentTermsCode', 'Payment Terms Id'),
  shipmentMethodCode: code(10, 'Shipment Method Code', { relation: 'shipmentMethod' }),
  shipmentMethodId: idBeside('shipmentMethodCode', 'Shipment Method Id'),
  shippingAgentCode: code(10, 'Shipping Agent Code', { relation: 'shippingAgent' }),
  primaryContactNumber: code(20, 'Primary Contact No.', { relation: 'contact' }),
  companyContactNumber: code(20, 'Company Contact No.', { readOnly: true, isApiOnly: true }),
}

const changed: Readonly<Record<string, Field>> = {
  lastDateModified: plain('date', 'Last Date Modified', { readOnly: true }),
}

export const customer: Table = {
  caption: 'Customer',
  key: ['number'],
  fields: {
    number: code(20, 'No.'),
    displayName: text(100, 'Name'),
    contactName: text(100, 'Contact'),
    type: option(['Company', 'Person'], 'Contact Type'),
    ...address,
    salespersonCode: code(20, 'Salesperson Code', { relation: 'salesperson' }),
    balanceDue: plain('decimal', 'Balance Due (LCY)', { readOnly: true }),
    creditLimit: plain('decimal', 'Credit Limit (LCY)'),
    taxLiable: plain('boolean', 'Tax Liable'),
    ...terms,
    blocked: option([' ', 'Ship', 'Invoice', 'All'], 'Blocked'),
    ...changed,
  },
}

export const vendor: Table = {
  caption: 'Vendor',
  key: ['number'],
  fields: {
    number: code(20, 'No.'),
    displayName: text(100, 'Name'),
    contactName: text(100, 'Contact'),
    ...address,
    purchaserCode: code(20, 'Purchaser Code', { relation: 'salesperson' }),
    balance: plain('decimal', 'Balance (LCY)', { readOnly: true }),
    taxLiable: plain('boolean', 'Tax Liable'),
    ...terms,
    blocked: option([' ', 'Payment', 'All'], 'Blocked'),
    ...changed,
  },
}

export const contact: Table = {
  caption: 'Contact',
  key: ['number'],
  fields: {
    number: code(20, 'No.'),
    type: option(['Company', 'Person'], 'Type'),
    displayName: text(100, 'Name'),
    firstName: text(30, 'First Name'),
    middleName: text(30, 'Middle Name'),
    surname: text(30, 'Surname'),
    jobTitle: text(30, 'Job Title'),
    companyNumber: code(20, 'Company No.', { relation: 'contact' }),
    companyName: text(100, 'Company Name', { readOnly: true }),
    businessRelation: option(
      [' ', 'Customer', 'Vendor', 'Bank_Account', 'Multiple', 'Other'],
      'Business Relation',
      {
        readOnly: true,
        isApiOnly: true,
      },
    ),
    // The customer that the company of this contact stands for: a column of the custom page, not of the table.
    customerNumber: code(20, 'Customer No.', { relation: 'customer', isApiOnly: true }),
    ...address,
    pagerNumber: text(30, 'Pager'),
    salutationCode: code(10, 'Salutation Code'),
    salespersonCode: code(20, 'Salesperson Code', { relation: 'salesperson' }),
    currencyCode: code(10, 'Currency Code', { relation: 'currency' }),
    privacyBlocked: plain('boolean', 'Privacy Blocked'),
    ...changed,
  },
}
