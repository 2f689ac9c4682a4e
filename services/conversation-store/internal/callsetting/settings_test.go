package callsetting_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/callsetting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/rebuild"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

type bundle struct {
	*storetest.Store
	settings *callsetting.Settings
}

func setup(t *testing.T) bundle {
	t.Helper()
	store := storetest.New(t)
	return bundle{store, callsetting.New(store.DB, store.Relay, store.Logger)}
}

func (b bundle) get(t *testing.T, ws workspace.ID) *bucketv1.CallSettings {
	t.Helper()
	response, err := b.settings.Get(t.Context(), ws, &storev1.GetCallSettingsRequest{})
	require.NoError(t, err)
	return response.GetSettings()
}

func (b bundle) set(t *testing.T, ws workspace.ID, settings *bucketv1.CallSettings) (*bucketv1.CallSettings, error) {
	t.Helper()
	response, err := b.settings.Set(t.Context(), ws, &storev1.SetCallSettingsRequest{Actor: &storev1.Actor{Kind: "session", Id: "ada"}, Settings: settings})
	return response.GetSettings(), err
}

func TestCallSettings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, other := b.NewWorkspace(t), b.NewWorkspace(t)
	require.True(t, proto.Equal(&bucketv1.CallSettings{
		WorkspaceId: ws.ID.String(), RingMode: "parallel", RingSeconds: 20, Voicemail: true, Language: "en-US",
	}, b.get(t, ws.ID)), "before anybody decided")

	want := &bucketv1.CallSettings{
		WorkspaceId: ws.ID.String(), RingMode: "in_turn", RingSeconds: 15, Record: true, Announcement: "This call is recorded.",
		VoicemailGreeting: "Leave a message.", Language: "de-DE", Agents: []*bucketv1.CallAgent{
			{UserId: ws.User.String(), Name: "Desk", Phone: "+14155550121"},
			{UserId: ws.User.String(), Name: "User", Phone: "+14155550122"},
		},
	}
	asked, ok := proto.Clone(want).(*bucketv1.CallSettings)
	require.True(t, ok)
	asked.WorkspaceId = other.ID.String() // whose settings they are is said by the question alone
	asked.Announcement = "  This call is recorded. "
	asked.Agents[0].Phone, asked.Agents[1].Name = "+1 (415) 555-0121", ""
	for range 2 {
		got, err := b.set(t, ws.ID, asked)
		require.NoError(t, err)
		require.True(t, proto.Equal(want, got), got)
		require.True(t, proto.Equal(want, b.get(t, ws.ID)))
	}
	require.Empty(t, b.get(t, other.ID).GetAgents())

	held := b.Keys(t, event.BucketCalls)
	require.Len(t, held, 1)
	var projected bucketv1.CallSettings
	require.NoError(t, proto.Unmarshal([]byte(held[event.CallSettingsKey(ws.ID)]), &projected))
	require.True(t, proto.Equal(want, &projected), "calls are answered from the bucket")
	counts, err := rebuild.Buckets(t.Context(), b.DB, b.Bus, b.Logger, event.BucketCalls)
	require.NoError(t, err)
	require.Equal(t, []rebuild.Count{{Bucket: event.BucketCalls, Left: 1}}, counts)

	asked.Agents = asked.GetAgents()[:1]
	got, err := b.set(t, ws.ID, asked)
	require.NoError(t, err)
	require.Len(t, got.GetAgents(), 1)
}

func TestCallSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws, other := b.NewWorkspace(t), b.NewWorkspace(t)
	agent := func(user uuid.UUID, phone string) *bucketv1.CallAgent {
		return &bucketv1.CallAgent{UserId: user.String(), Phone: phone}
	}
	for field, spoil := range map[string]func(*bucketv1.CallSettings){
		"ringMode":          func(s *bucketv1.CallSettings) { s.RingMode = "loud" },
		"ringSeconds":       func(s *bucketv1.CallSettings) { s.RingSeconds = 61 },
		"announcement":      func(s *bucketv1.CallSettings) { s.Announcement = strings.Repeat("x", 1001) },
		"voicemailGreeting": func(s *bucketv1.CallSettings) { s.VoicemailGreeting = "a\x00b" },
		"language":          func(s *bucketv1.CallSettings) { s.Language = "<Say>" },
		"agents[0].phone":   func(s *bucketv1.CallSettings) { s.Agents = []*bucketv1.CallAgent{agent(ws.User, "0123")} },
		"agents[1].phone": func(s *bucketv1.CallSettings) {
			s.Agents = []*bucketv1.CallAgent{agent(ws.User, "+14155550121"), agent(ws.User, "+1 415 555 0121")}
		},
		"agents[0].userId": func(s *bucketv1.CallSettings) { s.Agents = []*bucketv1.CallAgent{agent(other.User, "+14155550121")} },
		"agents[0].name": func(s *bucketv1.CallSettings) {
			s.Agents = []*bucketv1.CallAgent{{UserId: ws.User.String(), Phone: "+14155550121", Name: "a\nb\x07"}}
		},
		"agents": func(s *bucketv1.CallSettings) {
			for range 11 {
				s.Agents = append(s.Agents, agent(ws.User, "+14155550121"))
			}
		},
	} {
		settings := &bucketv1.CallSettings{RingSeconds: 20}
		spoil(settings)
		_, err := b.set(t, ws.ID, settings)
		storetest.RequireRefusal(t, err, bus.CodeInvalid, field)
	}
	_, err := b.set(t, ws.ID, nil)
	storetest.RequireRefusal(t, err, bus.CodeInvalid, "ringSeconds")
	require.Empty(t, b.Keys(t, event.BucketCalls))
}
