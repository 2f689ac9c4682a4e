package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// BenchmarkList reads a page of 50 conversations over HTTP, from a store that gives the same answer each time.
func BenchmarkList(b *testing.B) {
	g := setup(b)
	ada := g.join(b)
	answer, err := proto.Marshal(fullPage(ada.workspace.String()))
	require.NoError(b, err)
	conn := bustest.Connect(b, g.server).Conn()
	_, err = conn.Subscribe(event.AskSubject(ada.workspace, "conversation", "list"), func(asked *nats.Msg) { _ = asked.Respond(answer) })
	require.NoError(b, err)
	require.NoError(b, conn.Flush())
	measure(b, http.StatusOK, func() *http.Request {
		return ada.request(b, http.MethodGet, "/api/conversations?limit=50", nil)
	})
}

// BenchmarkSend accepts text messages over HTTP.
func BenchmarkSend(b *testing.B) {
	g := setup(b)
	ada := g.join(b)
	measure(b, http.StatusAccepted, func() *http.Request {
		return ada.request(b, http.MethodPost, "/api/communications", `{"channel":"sms","to":"+14055550100","body":"Your parcel comes today between nine and ten."}`)
	})
}

// measure asks the same from sixteen callers for each processor at once.
func measure(b *testing.B, status int, ask func() *http.Request) {
	b.Helper()
	const callers = 16
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true}}
	b.SetParallelism(callers)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			response, err := client.Do(ask())
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if response.StatusCode != status {
				b.Errorf("answered %d", response.StatusCode)
				return
			}
		}
	})
}

func fullPage(ws string) *storev1.ListConversationsResponse {
	now := time.Now()
	page := &storev1.ListConversationsResponse{NextCursor: "bmV4dA"}
	for i := range 50 {
		at := timestamppb.New(now.Add(-time.Duration(i) * time.Minute))
		page.Items = append(page.Items, &eventv1.Conversation{
			Id: uuid.NewString(), WorkspaceId: ws, Channel: "sms", ChannelAccountId: uuid.NewString(), Status: "active",
			Snippet: fmt.Sprintf("message number %d about a parcel", i), IsUnread: i%3 == 0,
			Contact:       &eventv1.Contact{Id: uuid.NewString(), Name: "Ada Lovelace", Address: fmt.Sprintf("+1405555%04d", i)},
			LastMessageAt: at, LastDirection: "inbound", LastStatus: "received", CreatedAt: at, UpdatedAt: at,
		})
	}
	return page
}
