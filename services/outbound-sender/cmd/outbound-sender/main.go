// Command outbound-sender takes messages to their providers.
package main

import (
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

func main() { service.Main(event.ServiceSender, sender.Run) }
