package template_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/template"
)

func TestLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ws, other := workspace.NewID(), workspace.NewID()
		asked, away := 0, errors.New("nobody answers")
		var failing error
		lists, err := template.New(func(_ context.Context, ws workspace.ID, accountID string) ([]*senderv1.Template, error) {
			asked++
			return []*senderv1.Template{{Id: ws.String() + accountID}}, failing
		})
		require.NoError(t, err)
		known := func(ws workspace.ID) (string, error) {
			items, err := lists.Known(t.Context(), ws, "a")
			if err != nil {
				return "", err
			}
			return items[0].GetId(), nil
		}

		for range 3 {
			id, err := known(ws)
			require.NoError(t, err)
			require.Equal(t, ws.String()+"a", id)
		}
		require.Equal(t, 1, asked, "a list is taken for a while")
		id, err := known(other)
		require.NoError(t, err)
		require.Equal(t, other.String()+"a", id, "another workspace has another list")
		require.Equal(t, 2, asked)

		<-time.After(2 * time.Minute) // of the bubble's clock
		_, err = known(ws)
		require.NoError(t, err)
		require.Equal(t, 3, asked, "and not for longer")

		failing = away
		<-time.After(time.Hour)
		_, err = known(ws)
		require.NoError(t, err, "while nobody answers an old list will do")
		<-time.After(24 * time.Hour)
		_, err = known(ws)
		require.ErrorIs(t, err, away, "for a day")
		_, err = lists.Newest(t.Context(), other, "a")
		require.ErrorIs(t, err, away)
	})
}
