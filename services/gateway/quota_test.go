package gateway_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// limit gives a workspace a plan of so many texts, and waits until the gateways know.
func (m *member) limit(t *testing.T, texts int64, urls ...string) {
	t.Helper()
	m.g.put(t, event.BucketPlans, event.TermsKey(m.workspace), &bucketv1.Terms{
		WorkspaceId: m.workspace.String(), PlanId: "free", PlanName: "Free", Currency: "USD", TimeZone: "UTC",
		Allowances: []*bucketv1.Allowance{{Meter: "sms", Included: texts}, {Meter: "email", Unlimited: true}},
	})
	for _, url := range append(urls, m.g.url) {
		require.Eventually(t, func() bool {
			r := m.request(t, http.MethodPost, "/api/communications", map[string]any{"channel": "sms", "to": "+14055550100", "body": strings.Repeat("x", 153*int(texts+1))})
			r.URL.Host = strings.TrimPrefix(url, "http://")
			return send(t, r).StatusCode == http.StatusPaymentRequired
		}, patience, 5*time.Millisecond)
	}
}

func TestQuota_AThousandAtOnceThroughTwoGatewaysAcceptExactlyTheLimit(t *testing.T) {
	t.Parallel()
	g := setup(t) // there is no store: nobody answers questions
	second, _ := g.start(t)
	ada := g.join(t)
	ada.limit(t, 9, second)
	g.put(t, event.BucketPlans, event.TermsKey(ada.workspace), &bucketv1.Terms{
		WorkspaceId: ada.workspace.String(), PlanId: "free", PlanName: "Free", Currency: "USD", TimeZone: "UTC",
		Allowances: []*bucketv1.Allowance{{Meter: "sms", Included: 50}},
	})
	before := len(g.sent(t))
	var mu sync.Mutex
	codes := map[int]int{}
	var all sync.WaitGroup
	room := make(chan struct{}, 200)
	for i := range 1000 {
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			r := ada.request(t, http.MethodPost, "/api/communications", map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"})
			if i%2 == 1 {
				r.URL.Host = strings.TrimPrefix(second, "http://")
			}
			response := send(t, r)
			mu.Lock()
			defer mu.Unlock()
			codes[response.StatusCode]++
		})
	}
	all.Wait()
	require.Equal(t, map[int]int{http.StatusAccepted: 50, http.StatusPaymentRequired: 950}, codes)
	require.Len(t, g.sent(t), before+50)
}

func TestQuota(t *testing.T) {
	t.Parallel()

	t.Run("a refusal names limit, use, period and remedy", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		ada.limit(t, 2)
		text := map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"}
		for range 2 {
			response, _ := ada.send(t, text, "")
			require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		}
		response, _ := ada.send(t, text, "key")
		require.Equal(t, http.StatusPaymentRequired, response.StatusCode)
		var problem struct {
			Code, Detail, Remedy string
			Quota                struct {
				Meter, Period      string
				Limit, Used, Units int64
				ResetsAt           time.Time
			}
		}
		response.decode(t, &problem)
		require.Equal(t, "quota_exceeded", problem.Code)
		require.Equal(t, "sms", problem.Quota.Meter)
		require.Equal(t, []int64{2, 2, 1}, []int64{problem.Quota.Limit, problem.Quota.Used, problem.Quota.Units})
		require.Equal(t, time.Now().UTC().Format("2006-01"), problem.Quota.Period)
		require.Equal(t, 1, problem.Quota.ResetsAt.Day())
		require.Contains(t, problem.Remedy, "larger plan")
		require.Contains(t, problem.Detail, "2 of 2 text segments are used")

		ada.limit(t, 3)
		response, _ = ada.send(t, text, "key")
		require.Equal(t, http.StatusAccepted, response.StatusCode, "a refusal sets the key free")
		last := g.sent(t)[2]
		require.EqualValues(t, 3, last.GetReservation().GetMark())
		require.Equal(t, "sms", last.GetReservation().GetCountedWith())
		again, _ := ada.send(t, text, "key")
		require.Equal(t, "true", again.Header.Get("Idempotency-Replayed"), "a repetition takes nothing")
	})

	t.Run("what costs nothing, what is unlimited and an own account are not counted", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		ada.limit(t, 0)
		mail, _ := ada.send(t, map[string]any{"channel": "email", "to": "ann@example.com", "body": "hello", "cc": []string{"ben@example.com"}}, "")
		require.Equal(t, http.StatusAccepted, mail.StatusCode, mail.body)
		own := proto.CloneOf(ada.sms)
		own.Mode, own.Address = "byoc", "+15002000777"
		ada.sms.IsDefault = false
		g.putRoute(t, ada.sms)
		g.putRoute(t, own)
		require.Eventually(t, func() bool {
			response, _ := ada.send(t, map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"}, "")
			return response.StatusCode == http.StatusAccepted
		}, patience, 5*time.Millisecond)
		for _, message := range g.sent(t) {
			require.Zero(t, message.GetReservation().GetMark())
			require.NotEmpty(t, message.GetReservation().GetPeriod())
		}
	})

	t.Run("without a plan nothing is metered", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		response, _ := ada.send(t, map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"}, "")
		require.Equal(t, http.StatusAccepted, response.StatusCode)
		require.Nil(t, g.sent(t)[0].GetReservation())
	})

	t.Run("a plan that cannot be read lets nothing through", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		g.put(t, event.BucketPlans, event.TermsKey(ada.workspace), &bucketv1.Terms{WorkspaceId: ada.workspace.String(), Currency: "gold"})
		require.Eventually(t, func() bool {
			response, _ := ada.send(t, map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"}, "")
			return response.StatusCode == http.StatusInternalServerError
		}, patience, 5*time.Millisecond)
	})
}
