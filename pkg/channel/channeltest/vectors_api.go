package channeltest

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// apiResponses sends a message and gets each recorded answer.
func apiResponses(t *testing.T, folder string, c Case) {
	t.Helper()
	var responses []struct {
		ID       string            `json:"id"`
		Provider string            `json:"provider"`
		Status   int               `json:"status"`
		Headers  map[string]string `json:"headers"`
		Body     string            `json:"body"`
		Expect   struct {
			Class      string `json:"class"`
			ProviderID string `json:"provider_id"`
		} `json:"expect"`
	}
	readJSON(t, filepath.Join(folder, "api_responses.json"), &responses)
	for _, response := range responses {
		if response.Provider != c.Provider.Describe().Name {
			continue
		}
		t.Run(response.ID, func(t *testing.T) {
			t.Parallel()
			at := Answering(t, Reply{Status: response.Status, Header: response.Headers, Body: response.Body})
			accepted, err := c.connection(t, at).Send(t.Context(), c.Message)
			if response.Expect.Class == "ok" {
				require.NoError(t, err)
				require.Equal(t, response.Expect.ProviderID, accepted.ExternalID)
				return
			}
			want := response.Expect.Class
			if want == "ok_sandbox" { // a trial run, which we never ask for, so it proves nothing about a message of ours
				want = string(channel.UnknownOutcome)
			}
			require.Equal(t, want, string(failure(t, c, err).Class), err)
		})
	}
}

// statusSequences plays the receipts of one message in the order given: the rank decides, not the order.
func statusSequences(t *testing.T, folder string) {
	t.Helper()
	var sequences []struct {
		ID     string           `json:"id"`
		Events []channel.Status `json:"events"`
		Final  channel.Status   `json:"final"`
	}
	readJSON(t, filepath.Join(folder, "status_sequences.json"), &sequences)
	for _, sequence := range sequences {
		t.Run(sequence.ID, func(t *testing.T) {
			t.Parallel()
			status := channel.Queued
			for _, next := range sequence.Events {
				status = status.Advance(next)
			}
			require.Equal(t, sequence.Final, status)
		})
	}
}
