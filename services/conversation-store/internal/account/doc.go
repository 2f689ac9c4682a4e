// Package account knows who may come in: sign-up, log-in and log-out, API keys, and the addresses a new workspace
// gets on the platform's channels.
//
// Sessions and API keys are rows here and principals in the access bucket, so that the gateway lets people in while
// the database is away. A row and its bucket entry commit together through the outbox.
package account
