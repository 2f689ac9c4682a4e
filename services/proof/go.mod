module github.com/galaxyco-ai/conversations/services/proof

go 1.26.0

require (
	github.com/galaxyco-ai/conversations/pkg v0.0.0
	github.com/galaxyco-ai/conversations/proto v0.0.0
	github.com/galaxyco-ai/conversations/services/sandbox v0.0.0
)

replace github.com/galaxyco-ai/conversations/proto => ../../proto

replace github.com/galaxyco-ai/conversations/pkg => ../../pkg

replace github.com/galaxyco-ai/conversations/services/gateway => ../gateway

replace github.com/galaxyco-ai/conversations/services/outbound-sender => ../outbound-sender

replace github.com/galaxyco-ai/conversations/services/inbound-webhook => ../inbound-webhook

replace github.com/galaxyco-ai/conversations/services/conversation-store => ../conversation-store

replace github.com/galaxyco-ai/conversations/services/sandbox => ../sandbox
