// Package sweep asks providers for what their webhooks did not tell, and feeds it to where the webhooks go.
//
// Each account of a provider that can be asked (channel.Lister) is swept by itself, now and then. How far it was swept
// stands in the ledger; the mark moves only when everything up to it is published. The revision of the mark makes one of
// several processes the one that sweeps: who starts writes the mark anew, and a mark that was written lately is left
// alone.
//
// Run starts one goroutine for each account and returns when all have ended.
package sweep
