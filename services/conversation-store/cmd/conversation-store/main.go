// Command conversation-store owns the database: it turns the streams into rows and answers questions about them.
//
// conversation-store rebuild-buckets writes the projection buckets anew from the database and ends. It takes the same
// configuration and may run beside the service.
package main

import (
	"os"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	store "github.com/galaxyco-ai/conversations/services/conversation-store"
)

const rebuildBuckets = "rebuild-buckets"

func main() {
	if len(os.Args) > 1 && os.Args[1] == rebuildBuckets {
		os.Args = append(os.Args[:1], os.Args[2:]...) // the rest is for Main
		service.Main(rebuildBuckets, store.RebuildBuckets)
	}
	service.Main(event.ServiceStore, store.Run)
}
