package all_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	registry, err := all.Registry()
	require.NoError(t, err)
	require.NotEmpty(t, registry.Names())

	variables := map[string]string{}
	for _, name := range registry.Names() {
		provider, _ := registry.Provider(name)
		for _, field := range provider.Describe().Fields {
			require.Empty(t, variables[field.Env], "%s and %s share %s", name, variables[field.Env], field.Env)
			variables[field.Env] = name
		}
	}
	accounts, err := channel.PlatformAccounts(registry, func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	require.Empty(t, accounts, "an empty environment configures nothing")
}
