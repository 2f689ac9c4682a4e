module github.com/galaxyco-ai/conversations/services/standalone

go 1.26
