module github.com/galaxyco-ai/conversations/services/sandbox

go 1.26

require github.com/galaxyco-ai/conversations/pkg v0.0.0

replace github.com/galaxyco-ai/conversations/pkg => ../../pkg

replace github.com/galaxyco-ai/conversations/proto => ../../proto
