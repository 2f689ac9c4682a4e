// Command rebuild-buckets writes the projection buckets anew from the database: for a bus that lost them, or when they
// are doubted. It takes the configuration of conversation-store and may run beside it.
package main

import (
	"github.com/galaxyco-ai/conversations/pkg/service"
	store "github.com/galaxyco-ai/conversations/services/conversation-store"
)

func main() { service.Main("rebuild-buckets", store.RebuildBuckets) }
