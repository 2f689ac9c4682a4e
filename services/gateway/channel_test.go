package gateway_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// described is a provider that says what it takes and does nothing.
type described channel.Description

func (d described) Describe() channel.Description { return channel.Description(d) }

func (d described) Connect(channel.Credential, *http.Client) (channel.Connection, error) {
	return nil, channel.ErrInvalidCredential
}

// providers are delta, with limits and a window, and gamma, with limits. Others bound nothing.
func providers(tb testing.TB) *channel.Registry {
	tb.Helper()
	registry, err := channel.NewRegistry(
		described{
			Name: "lines", Title: "Lines", Channels: []channel.Kind{channel.SMS, channel.Call}, Fields: []channel.Field{
				{Name: "account", Label: "Account", Required: true, Account: true},
				{Name: "token", Label: "Token", Required: true, Secret: true},
				{Name: "number", Label: "Number", Required: true, AddressOf: channel.SMS},
				{Name: "base_url", Label: "Base", Platform: true, Env: "LINES_BASE_URL"},
			},
		},
		described{
			Name: "delta", Channels: []channel.Kind{channel.WhatsApp, channel.Call},
			Windows:      map[channel.Kind]time.Duration{channel.WhatsApp: 24 * time.Hour},
			Experimental: []channel.Kind{channel.WhatsApp},
			Limits: map[channel.Kind]channel.Limits{channel.WhatsApp: {
				MaxFiles: 2, MaxFileBytes: 4096, MaxTotalBytes: 5000, MaxTypeBytes: map[string]int64{"image/": 1024},
				FileTypes: []string{"image/", "text/plain", "application/pdf"}, MaxBody: 100,
			}},
		},
		described{
			Name: "gamma", Channels: []channel.Kind{channel.Email},
			Limits: map[channel.Kind]channel.Limits{channel.Email: {
				MaxFiles: 3, MaxTotalBytes: 1 << 20, RefusedExtensions: []string{".exe"}, MaxRecipients: 4,
			}},
		},
	)
	require.NoError(tb, err)
	return registry
}

// connect gives the workspace an account on a channel and waits until the gateway knows it.
func (m *member) connect(t *testing.T, kind channel.Kind, provider, address string) *bucketv1.Route {
	t.Helper()
	route := m.g.putRoute(t, &bucketv1.Route{
		WorkspaceId: m.workspace.String(), ChannelAccountId: uuid.NewString(), Channel: string(kind), Provider: provider,
		ProviderAccount: m.workspace.String(), Address: address, Mode: "platform", IsDefault: true,
	})
	require.Eventually(t, func() bool {
		_, body := m.call(t, http.MethodGet, "/api/settings/communications", nil)
		return strings.Contains(body, address)
	}, patience, 5*time.Millisecond)
	return route
}

// chat gives the workspace WhatsApp, and the customer's number an open window.
func (m *member) chat(t *testing.T, customer string) (route *bucketv1.Route) {
	t.Helper()
	route = m.connect(t, channel.WhatsApp, "delta", "+15002000077")
	m.openWindow(t, route, customer, time.Now().Add(time.Hour))
	return route
}

// mail gives the workspace a mail address with limits, in place of the one without.
func (m *member) mail(t *testing.T) {
	t.Helper()
	m.connect(t, channel.Email, "gamma", "ada-0@mail.sandbox.test") // comes before the other by its name
}

// blobsOf lists the uploaded files of the workspace.
func (m *member) blobsOf(t *testing.T) []string {
	t.Helper()
	var found []string
	entries, err := os.ReadDir(filepath.Join(m.g.blobs, m.workspace.String(), "uploads"))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".attrs") {
			found = append(found, entry.Name())
		}
	}
	return found
}

func (m *member) blob(t *testing.T, key string) string {
	t.Helper()
	require.True(t, strings.HasPrefix(key, m.workspace.String()+"/"), key)
	content, err := os.ReadFile(filepath.Join(m.g.blobs, filepath.FromSlash(key)))
	require.NoError(t, err)
	return string(content)
}

// channelEndpoints answer what the channels ask.
func (s *store) channelEndpoints() []bus.Endpoint {
	return []bus.Endpoint{
		answering(s, "template", "list", func(workspace.ID, *senderv1.ListTemplatesRequest) (proto.Message, error) {
			return &senderv1.ListTemplatesResponse{Items: s.templates}, nil
		}),
		answering(s, "consent", "list", func(_ workspace.ID, r *storev1.ListConsentsRequest) (proto.Message, error) {
			s.consentLists = append(s.consentLists, r)
			return &storev1.ListConsentsResponse{Items: []*eventv1.Consent{consentOf("sms", "+14055550100")}, NextCursor: "more"}, nil
		}),
		answering(s, "consent", "set", func(_ workspace.ID, r *storev1.SetConsentRequest) (proto.Message, error) {
			s.consents = append(s.consents, r)
			return &storev1.SetConsentResponse{Consent: &eventv1.Consent{
				Channel: r.GetChannel(), Address: r.GetAddress(), State: r.GetState(), Source: "person", Reason: r.GetReason(),
				ChangedBy: r.GetChangedBy(), ChangedAt: timestamppb.Now(),
			}}, nil
		}),
		answering(s, "call-settings", "get", func(workspace.ID, *storev1.GetCallSettingsRequest) (proto.Message, error) {
			return &storev1.GetCallSettingsResponse{Settings: s.calls}, nil
		}),
		answering(s, "call-settings", "set", func(_ workspace.ID, r *storev1.SetCallSettingsRequest) (proto.Message, error) {
			s.calls = r.GetSettings()
			return &storev1.SetCallSettingsResponse{Settings: s.calls}, nil
		}),
	}
}

func consentOf(kind, address string) *eventv1.Consent {
	return &eventv1.Consent{
		Channel: kind, Address: address, State: channel.OptedOutState, Source: channel.SourceKeyword, Reason: "The customer wrote STOP.",
		ChangedAt: timestamppb.New(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)),
	}
}

// setConsent writes the bucket as the store does.
func (m *member) setConsent(t *testing.T, consent *eventv1.Consent) {
	t.Helper()
	key := event.ConsentKey(m.workspace, channel.Kind(consent.GetChannel()), consent.GetAddress())
	m.g.put(t, event.BucketConsent, key, consent)
}

// setCalls writes the bucket as the store does, and waits until a call from the phone is taken.
func (m *member) setCalls(t *testing.T, settings *bucketv1.CallSettings) {
	t.Helper()
	m.g.put(t, event.BucketCalls, event.CallSettingsKey(m.workspace), settings)
}
