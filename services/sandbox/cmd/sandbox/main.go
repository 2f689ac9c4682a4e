// Command sandbox runs the stand-in for the outside world.
package main

import (
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

func main() { service.Main("sandbox", sandbox.Run) }
