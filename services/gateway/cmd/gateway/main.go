// Command gateway serves the HTTP API, realtime and the page.
package main

import (
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/gateway"
)

func main() { service.Main(event.ServiceGateway, gateway.Run) }
