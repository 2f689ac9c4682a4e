// Command conversation-store owns the database: it turns the streams into rows and answers questions about them.
package main

import (
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	store "github.com/galaxyco-ai/conversations/services/conversation-store"
)

func main() { service.Main(event.ServiceStore, store.Run) }
