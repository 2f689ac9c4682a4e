// Command standalone runs everything in one process.
package main

import (
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/standalone"
)

func main() {
	service.Main("standalone", standalone.Run)
}
