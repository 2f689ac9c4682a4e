package relay

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

func TestRounds_never_publish_two_facts_of_a_workspace_together(t *testing.T) {
	t.Parallel()
	one, two := workspace.NewID(), workspace.NewID()
	fact := func(ws workspace.ID, id string) bus.Publishing {
		return bus.Publishing{Subject: event.ChangeSubject(ws, "message", "received"), ID: id}
	}
	got := rounds([]bus.Publishing{fact(one, "1a"), fact(one, "1b"), fact(two, "2a"), fact(one, "1c"), fact(two, "2b")})

	var ids [][]string
	for _, round := range got {
		var names []string
		for _, publishing := range round {
			names = append(names, publishing.ID)
		}
		ids = append(ids, names)
	}
	require.Equal(t, [][]string{{"1a", "2a"}, {"1b", "2b"}, {"1c"}}, ids)
}
