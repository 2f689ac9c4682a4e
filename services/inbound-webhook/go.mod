module github.com/galaxyco-ai/conversations/services/inbound-webhook

go 1.26

require (
	github.com/galaxyco-ai/conversations/pkg v0.0.0
	github.com/galaxyco-ai/conversations/proto v0.0.0
)

replace github.com/galaxyco-ai/conversations/pkg => ../../pkg

replace github.com/galaxyco-ai/conversations/proto => ../../proto
