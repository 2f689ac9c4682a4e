package channel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestLocation_Text(t *testing.T) {
	t.Parallel()
	for want, location := range map[string]channel.Location{
		"":                                    {},
		"Location: 52.52,13.4":                {Latitude: "52.52", Longitude: "13.4"},
		"Location: Office, 1 Main St, 52.5,1": {Name: "Office ", Address: "1 Main St", Latitude: "52.5", Longitude: "1"},
		"Location: Office":                    {Name: "Office", Latitude: "52.5"},
	} {
		require.Equal(t, want, location.Text())
	}
}
