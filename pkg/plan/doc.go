// Package plan says what a workspace may use in a calendar month and what it costs: meters, allowances, periods and money.
// It knows no storage: counting is the business of pkg/quota and of the ledger.
//
// Money is whole numbers: prices of a unit in millionths of the currency's unit (micros), amounts in its minor units.
package plan
