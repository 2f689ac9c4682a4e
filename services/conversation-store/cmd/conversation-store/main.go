// Command conversation-store owns the database: it turns the streams into rows and answers questions about them.
//
// It has commands that take the same configuration, may run beside the service, and end:
//
//	conversation-store rebuild-buckets         writes the projection buckets anew from the database
//	conversation-store rebuild-messages        fills the database with what the streams still hold of messages
//	conversation-store grant-operator EMAIL    lets a user handle what is left over of every workspace
//	conversation-store revoke-operator EMAIL   takes that away
package main

import (
	"os"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	store "github.com/galaxyco-ai/conversations/services/conversation-store"
)

func main() {
	switch {
	case takes("rebuild-buckets", 1):
		service.Main("rebuild-buckets", store.RebuildBuckets)
	case takes("rebuild-messages", 1):
		service.Main("rebuild-messages", store.RebuildMessages)
	case takes("grant-operator", 2):
		service.Main("grant-operator", store.SetOperator(operand(), true))
	case takes("revoke-operator", 2):
		service.Main("revoke-operator", store.SetOperator(operand(), false))
	default:
		service.Main(event.ServiceStore, store.Run)
	}
}

// takes tells whether a command of so many words is meant, and takes its name away: the rest is for Main.
func takes(command string, words int) bool {
	if len(os.Args) <= words || os.Args[1] != command {
		return false
	}
	os.Args = append(os.Args[:1], os.Args[2:]...)
	return true
}

// operand takes the word that follows a command.
func operand() string {
	word := os.Args[1]
	os.Args = append(os.Args[:1], os.Args[2:]...)
	return word
}
