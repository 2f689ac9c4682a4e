package gateway_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	hello := func() map[string]any {
		return map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"}
	}

	t.Run("200 at once are one message, and one answer", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		other, _ := g.start(t) // a second process shares the keys
		var requests sync.WaitGroup
		answers := make([]accepted, 200)
		responses := make([]answer, len(answers))
		for i := range answers {
			requests.Go(func() {
				sender := *ada
				if i%2 == 0 {
					sender.g = &gatewayTest{url: other}
				}
				responses[i], answers[i] = sender.send(t, hello(), "one")
			})
		}
		requests.Wait()

		first := 0
		for i, got := range answers {
			require.Equal(t, http.StatusAccepted, responses[i].StatusCode, responses[i].body)
			require.Equal(t, answers[0], got)
			if responses[i].Header.Get("Idempotency-Replayed") == "" {
				first++
			}
		}
		require.Equal(t, 1, first)
		require.Len(t, g.sent(t), 1)
	})

	t.Run("another request under it answers 422, also on another operation", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		g.answerQuestions(t)
		ada := g.join(t)
		_, got := ada.send(t, hello(), "two")
		body := hello()
		body["body"] = "other"

		response, _ := ada.send(t, body, "two")
		require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
		require.Equal(t, "idempotency_key_reused", response.problem(t).Code)

		r := ada.request(t, http.MethodPost, "/api/api-keys", `{"name":"deploy"}`)
		r.Header.Set("Idempotency-Key", "two")
		require.Equal(t, "idempotency_key_reused", send(t, r).problem(t).Code)

		_, again := ada.send(t, hello(), "two")
		require.Equal(t, got, again)
		require.Len(t, g.sent(t), 1)
	})

	t.Run("of another workspace is another key", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada, ben := g.join(t), g.join(t)
		_, first := ada.send(t, hello(), "three")
		response, second := ben.send(t, hello(), "three")
		require.Empty(t, response.Header.Get("Idempotency-Replayed"))
		require.NotEqual(t, first.ID, second.ID)
	})

	t.Run("a refused request leaves it free for the corrected one", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		g.answerQuestions(t)
		ada := g.join(t)
		body := hello()
		body["conversationId"] = uuid.NewString()
		response, _ := ada.send(t, body, "four")
		require.Equal(t, http.StatusNotFound, response.StatusCode)

		response, _ = ada.send(t, hello(), "four")

		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		require.Len(t, g.sent(t), 1)
	})

	t.Run("left behind by a process that died is finished under the same id", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		_, got := ada.send(t, hello(), "five")
		bucket, err := g.bus.Bucket(t.Context(), event.BucketIdempotency)
		require.NoError(t, err)
		entry, err := bucket.Get(t.Context(), event.IdempotencyKey(ada.workspace, "five"))
		require.NoError(t, err)
		record := &bucketv1.IdempotencyRecord{}
		require.NoError(t, proto.Unmarshal(entry.Value, record))
		require.Equal(t, got.ID, record.GetResourceId())
		record.Finished, record.Response, record.CreatedAt = false, nil, &timestamppb.Timestamp{} // as after the claim, long ago
		g.put(t, event.BucketIdempotency, entry.Key, record)

		response, again := ada.send(t, hello(), "five")

		require.Equal(t, http.StatusAccepted, response.StatusCode)
		require.Equal(t, got, again)
		require.Empty(t, response.Header.Get("Idempotency-Replayed"))
		require.Len(t, g.sent(t), 1, "the stream recognised the id")
	})

	t.Run("the first request under way answers 409 when it takes too long", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		_, _ = ada.send(t, hello(), "six")
		bucket, err := g.bus.Bucket(t.Context(), event.BucketIdempotency)
		require.NoError(t, err)
		entry, err := bucket.Get(t.Context(), event.IdempotencyKey(ada.workspace, "six"))
		require.NoError(t, err)
		record := &bucketv1.IdempotencyRecord{}
		require.NoError(t, proto.Unmarshal(entry.Value, record))
		record.Finished, record.CreatedAt = false, timestamppb.Now()
		g.put(t, event.BucketIdempotency, entry.Key, record)

		response, _ := ada.send(t, hello(), "six")

		require.Equal(t, http.StatusConflict, response.StatusCode)
		require.Equal(t, "idempotency_in_progress", response.problem(t).Code)
		require.NotEmpty(t, response.Header.Get("Retry-After"))
	})

	t.Run("other mutating operations work once too", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		ada := g.join(t)
		conversationID, _ := answering.converse(ada, ada.sms, "+14055550100")
		patch := func() answer {
			r := ada.request(t, http.MethodPatch, "/api/conversations/"+conversationID, `{"isStarred":true,"assignedTo":null}`)
			r.Header.Set("Idempotency-Key", "seven")
			return send(t, r)
		}
		first, second := patch(), patch()
		require.Equal(t, http.StatusOK, first.StatusCode, first.body)
		require.JSONEq(t, first.body, second.body)
		require.Equal(t, "true", second.Header.Get("Idempotency-Replayed"))
		require.Equal(t, 1, answering.times("conversation.update"))
	})
}
