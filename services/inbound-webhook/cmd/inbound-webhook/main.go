// Command inbound-webhook receives the providers' webhooks.
package main

import (
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

func main() { service.Main(event.ServiceWebhook, webhook.Run) }
