// Package record reads conversations and messages as the rest of the system sees them: the rows behind a CHANGE fact
// and behind an answer to a question are read by the same statement and written in the same form.
package record
