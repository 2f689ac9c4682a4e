module github.com/galaxyco-ai/conversations/services/gateway

go 1.26.0

require (
	github.com/danielgtaylor/huma/v2 v2.37.2
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace github.com/galaxyco-ai/conversations/pkg => ../../pkg

replace github.com/galaxyco-ai/conversations/proto => ../../proto

ignore ./web/node_modules
