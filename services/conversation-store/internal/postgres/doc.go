// Package postgres is the one door to the database.
//
// Every connection acts as one of four roles, chosen when it is opened, none of which may bypass row-level security:
// conversations_app answers questions about the one workspace named in its transaction, conversations_writer projects
// batches of several, conversations_relay empties the outbox and sees no other table, conversations_owner owns the
// tables, migrates them and rebuilds buckets. Without a workspace set the first two see no row.
//
// A transaction that writes CHANGE facts holds its workspace's lane (a transaction-level advisory lock, taken before
// anything else): facts of one workspace therefore enter the outbox in the order their transactions commit, whichever
// process writes them, and no two of them can block one another on rows.
package postgres
