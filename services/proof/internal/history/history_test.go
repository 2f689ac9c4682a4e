package history_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

func TestAHistoryIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	var journal bytes.Buffer
	recorder := history.NewRecorder(&journal)
	at := time.Date(2025, 1, 2, 3, 4, 5, 6, time.UTC)
	recorder.Add(history.Record{Kind: history.Send, At: at, Marker: "m-1-1.", Outcome: history.Accepted, Files: []history.File{{Filename: "a"}}})
	recorder.Add(history.Record{Kind: history.Frame, At: at.Add(-time.Second), Seq: 7, Frame: &history.FrameText{Type: "change"}})
	require.NoError(t, recorder.Err())
	read, err := history.Parse(&journal)
	require.NoError(t, err)
	require.Equal(t, recorder.History().Records(), read.Records())
	require.Equal(t, history.Frame, read.Records()[0].Kind, "what began first comes first")
	require.Len(t, read.Records(history.Send), 1)
}

func TestARecorderTakesRecordsFromEverywhereAtOnce(t *testing.T) {
	t.Parallel()
	recorder := history.NewRecorder(nil)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			for range 20 {
				recorder.Add(history.Record{Kind: history.Read})
			}
		})
	}
	group.Wait()
	require.Len(t, recorder.History().Records(), 1_000)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestAJournalThatCannotBeWrittenIsTold(t *testing.T) {
	t.Parallel()
	recorder := history.NewRecorder(full{})
	recorder.Add(history.Record{Kind: history.Read})
	require.ErrorContains(t, recorder.Err(), "the disk is full")
	require.Len(t, recorder.History().Records(), 1)
}

func TestParseRefusesWhatIsNoRecord(t *testing.T) {
	t.Parallel()
	_, err := history.Parse(strings.NewReader("{}\nnot a record"))
	require.ErrorContains(t, err, "record 2")
}

func TestAStoryIsWhatConcernsOneMessageByAllItsNames(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	after := func(seconds int) time.Time { return at.Add(time.Duration(seconds) * time.Second) }
	story := history.New([]history.Record{
		{Kind: history.Fault, At: after(-60), Name: "long before"},
		{Kind: history.Send, At: after(0), Marker: "m-1-1.", Key: "k", Attempt: 1, Outcome: history.Failed},
		{Kind: history.Fault, At: after(1), Name: "kill"},
		{Kind: history.Send, At: after(2), Marker: "m-1-1.", Key: "k", Attempt: 2, Outcome: history.Accepted, ID: "id"},
		{Kind: history.Send, At: after(2), Marker: "m-1-2.", Key: "l", Attempt: 1, Outcome: history.Accepted, ID: "other"},
		{Kind: history.Seen, At: after(3), ID: "id", Key: "external", Name: "row"},
		{Kind: history.Seen, At: after(4), Key: "external", Name: "received"},
		{Kind: history.Frame, At: after(5), ID: "id", Markers: []string{"m-1-1.", "m-1-2."}, Frame: &history.FrameText{Type: "change"}},
	}).Story("m-1-1.")
	require.Len(t, story, 6)
	for at, part := range []string{"attempt=1", "fault kill", "attempt=2", "row", "received", "frame change"} {
		require.Contains(t, story[at], part)
	}
	require.Empty(t, history.New(nil).Story("m-1-1."))
}
