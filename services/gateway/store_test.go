package gateway_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/micro"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// store answers questions as conversation-store does, out of memory, over the real bus.
type store struct {
	owned         owned
	mu            sync.Mutex
	g             *gatewayTest
	conversations map[key]*eventv1.Conversation
	messages      map[key]*eventv1.Message
	asked         map[string]int
	updates       []*storev1.UpdateConversationRequest
	lists         []*storev1.ListConversationsRequest
	tokens        map[string]string
	refuse        *bus.AskError
	keys          int
	used          []string
	revocable     string
	templates     []*senderv1.Template
	resolutions   []*senderv1.ResolveMessageRequest
	consents      []*storev1.SetConsentRequest
	consentLists  []*storev1.ListConsentsRequest
	calls         *bucketv1.CallSettings
}

type key struct {
	workspace workspace.ID
	id        string
}

// answerQuestions starts a store; stop ends it.
func (g *gatewayTest) answerQuestions(t *testing.T) (answering *store, stop func()) {
	t.Helper()
	s := &store{
		g: g, conversations: map[key]*eventv1.Conversation{}, messages: map[key]*eventv1.Message{},
		asked: map[string]int{}, tokens: map[string]string{},
	}
	connected := bustest.Connect(t, g.server)
	serving, err := micro.AddService(connected.Conn(), micro.Config{Name: event.ServiceStore, Version: "1.0.0"})
	require.NoError(t, err)
	for _, endpoint := range slices.Concat(s.endpoints(t), s.channelEndpoints(), s.resolutionEndpoints(), s.operatorEndpoints(), s.ownEndpoints(), s.billingEndpoints()) {
		require.NoError(t, serving.AddEndpoint(endpoint.Entity+"-"+endpoint.Verb, responder(t, endpoint),
			micro.WithEndpointSubject(event.AskPattern(endpoint.Entity, endpoint.Verb))))
	}
	stop = sync.OnceFunc(func() { _ = serving.Stop() }) // the server may be gone
	t.Cleanup(stop)
	require.Eventually(t, func() bool {
		err := g.bus.Ask(t.Context(), event.AskSubject(workspace.ID{}, "test", "ready"), &storev1.GetMeRequest{}, &storev1.GetMeResponse{})
		return err == nil
	}, patience, 5*time.Millisecond)
	return s, stop
}

// responder answers one question after the other.
func responder(t *testing.T, endpoint bus.Endpoint) micro.HandlerFunc {
	t.Helper()
	ctx := t.Context()
	return func(request micro.Request) {
		ws, _ := event.WorkspaceOf(request.Subject())
		data, err := endpoint.Handle(ctx, ws, request.Data())
		if refused, ok := errors.AsType[*bus.AskError](err); ok {
			_ = request.Error(refused.Code, refused.Message, nil, micro.WithHeaders(micro.Headers{"Field": {refused.Field}}))
			return
		}
		if err != nil {
			_ = request.Error(bus.CodeInternal, err.Error(), nil)
			return
		}
		_ = request.Respond(data)
	}
}

func answering[Request any, Pointer interface {
	*Request
	proto.Message
}](s *store, entity, verb string, handle func(ws workspace.ID, request Pointer) (proto.Message, error),
) bus.Endpoint {
	return bus.Answer(entity, verb, func(_ context.Context, ws workspace.ID, request Pointer) (proto.Message, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked[entity+"."+verb]++
		if s.refuse != nil && entity != "test" {
			return nil, s.refuse
		}
		return handle(ws, request)
	})
}

func missing() error {
	return &bus.AskError{Code: bus.CodeNotFound, Message: "There is no such thing."}
}

func (s *store) endpoints(t *testing.T) []bus.Endpoint {
	t.Helper()
	return []bus.Endpoint{
		answering(s, "test", "ready", func(workspace.ID, *storev1.GetMeRequest) (proto.Message, error) {
			return &storev1.GetMeResponse{}, nil
		}),
		answering(s, "account", "create", func(_ workspace.ID, r *storev1.SignUpRequest) (proto.Message, error) {
			return s.signUp(t, r)
		}),
		answering(s, "session", "create", func(_ workspace.ID, r *storev1.LogInRequest) (proto.Message, error) {
			if r.GetPassword() != "correct horse battery" {
				return nil, &bus.AskError{Code: bus.CodeUnauthenticated, Message: "E-mail or password is wrong."}
			}
			return s.signUp(t, &storev1.SignUpRequest{Name: "Ada", Email: r.GetEmail(), WorkspaceName: "Ada's shop"})
		}),
		answering(s, "session", "delete", func(_ workspace.ID, r *storev1.LogOutRequest) (proto.Message, error) {
			bucket, err := s.g.bus.Bucket(t.Context(), event.BucketAccess)
			if err != nil {
				return nil, err
			}
			return &storev1.LogOutResponse{}, bucket.Delete(t.Context(), event.AccessKey(s.tokens[r.GetSessionId()]))
		}),
		answering(s, "me", "get", func(ws workspace.ID, r *storev1.GetMeRequest) (proto.Message, error) {
			return &storev1.GetMeResponse{
				User:      &storev1.User{Id: r.GetUserId(), Name: "Ada", Email: "ada@example.com"},
				Workspace: &storev1.Workspace{Id: ws.String(), Name: "Ada's shop", Slug: "adas-shop"},
			}, nil
		}),
		answering(s, "api-key", "create", func(_ workspace.ID, r *storev1.CreateApiKeyRequest) (proto.Message, error) {
			s.keys++
			return &storev1.CreateApiKeyResponse{
				ApiKey: &storev1.ApiKey{Id: uuid.NewString(), Name: r.GetName(), Prefix: "ck_abcd", CreatedAt: timestamppb.Now()},
				Secret: "ck_" + uuid.NewString(),
			}, nil
		}),
		answering(s, "api-key", "list", func(workspace.ID, *storev1.ListApiKeysRequest) (proto.Message, error) {
			return &storev1.ListApiKeysResponse{}, nil
		}),
		answering(s, "api-key", "revoke", func(_ workspace.ID, r *storev1.RevokeApiKeyRequest) (proto.Message, error) {
			if r.GetId() != s.revocable {
				return nil, missing()
			}
			s.revocable = ""
			return &storev1.RevokeApiKeyResponse{}, nil
		}),
		answering(s, "api-key", "report-use", func(_ workspace.ID, r *storev1.ReportApiKeyUseRequest) (proto.Message, error) {
			s.used = append(s.used, r.GetId())
			return &storev1.ReportApiKeyUseResponse{}, nil
		}),
		answering(s, "conversation", "list", s.listConversations),
		answering(s, "conversation", "get", func(ws workspace.ID, r *storev1.GetConversationRequest) (proto.Message, error) {
			c, ok := s.conversations[key{ws, r.GetId()}]
			if !ok {
				return nil, missing()
			}
			return &storev1.GetConversationResponse{Conversation: c}, nil
		}),
		answering(s, "conversation", "update", func(ws workspace.ID, r *storev1.UpdateConversationRequest) (proto.Message, error) {
			c, ok := s.conversations[key{ws, r.GetId()}]
			if !ok {
				return nil, missing()
			}
			s.updates = append(s.updates, r)
			return &storev1.UpdateConversationResponse{Conversation: c}, nil
		}),
		answering(s, "conversation", "prepare-reply", s.prepareReply),
		answering(s, "message", "list", func(ws workspace.ID, r *storev1.ListMessagesRequest) (proto.Message, error) {
			if r.GetStatus() == "unknown" {
				return s.listUnknown(ws), nil
			}
			if _, ok := s.conversations[key{ws, r.GetConversationId()}]; !ok {
				return nil, missing()
			}
			return &storev1.ListMessagesResponse{}, nil
		}),
		answering(s, "message", "get", func(ws workspace.ID, r *storev1.GetMessageRequest) (proto.Message, error) {
			m, ok := s.messages[key{ws, r.GetId()}]
			if !ok {
				return nil, missing()
			}
			return &storev1.GetMessageResponse{Message: m}, nil
		}),
		answering(s, "message", "journey", func(ws workspace.ID, r *storev1.GetJourneyRequest) (proto.Message, error) {
			if _, ok := s.messages[key{ws, r.GetMessageId()}]; !ok {
				return nil, missing()
			}
			return &storev1.GetJourneyResponse{Items: []*storev1.JourneyStep{{At: timestamppb.Now(), Step: "accepted"}}}, nil
		}),
		answering(s, "message", "prepare-retry", s.prepareRetry),
	}
}

func (s *store) signUp(t *testing.T, r *storev1.SignUpRequest) (proto.Message, error) {
	t.Helper()
	ws, token := workspace.NewID(), "token-"+uuid.NewString()
	principal := &bucketv1.Principal{
		Kind: "session", Id: uuid.NewString(), WorkspaceId: ws.String(), UserId: uuid.NewString(), Role: "owner",
		ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
	}
	s.tokens[principal.GetId()] = token
	s.g.putPrincipal(t, token, principal)
	s.g.putRoute(t, &bucketv1.Route{
		WorkspaceId: ws.String(), ChannelAccountId: uuid.NewString(), Channel: "sms", Provider: "alpha", ProviderAccount: ws.String(),
		Address: "+15002000009", Mode: "platform", Sandbox: true, IsDefault: true,
	})
	return &storev1.SessionResponse{
		Token: token, Principal: principal,
		User:      &storev1.User{Id: principal.GetUserId(), Name: r.GetName(), Email: r.GetEmail()},
		Workspace: &storev1.Workspace{Id: ws.String(), Name: r.GetWorkspaceName(), Slug: "adas-shop"},
	}, nil
}

func (s *store) listConversations(ws workspace.ID, r *storev1.ListConversationsRequest) (proto.Message, error) {
	s.lists = append(s.lists, r)
	response := &storev1.ListConversationsResponse{}
	for at, c := range s.conversations {
		if at.workspace == ws {
			response.Items = append(response.Items, c)
		}
	}
	return response, nil
}

func (s *store) prepareReply(ws workspace.ID, r *storev1.PrepareReplyRequest) (proto.Message, error) {
	c, ok := s.conversations[key{ws, r.GetConversationId()}]
	if !ok {
		return nil, missing()
	}
	return &storev1.PrepareReplyResponse{
		Channel: c.GetChannel(), ChannelAccountId: c.GetChannelAccountId(), Peer: c.GetContact().GetAddress(),
		Subject: c.GetSubject(), InReplyTo: "first@example.net", References: []string{"first@example.net"},
	}, nil
}

func (s *store) prepareRetry(ws workspace.ID, r *storev1.PrepareRetryRequest) (proto.Message, error) {
	m, ok := s.messages[key{ws, r.GetMessageId()}]
	if !ok {
		return nil, missing()
	}
	return &storev1.PrepareRetryResponse{Status: m.GetStatus(), Send: &eventv1.SendMessage{
		WorkspaceId: ws.String(), MessageId: m.GetId(), ConversationId: m.GetConversationId(), Channel: m.GetChannel(),
		ChannelAccountId: s.conversations[key{ws, m.GetConversationId()}].GetChannelAccountId(),
		To:               m.GetTo(), Body: m.GetBody(), Attempt: 2,
	}}, nil
}

// converse puts a conversation and a failed message of it into the store.
func (s *store) converse(m *member, route *bucketv1.Route, peer string) (conversationID, messageID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	conversationID, messageID = uuid.NewString(), uuid.NewString()
	now := timestamppb.Now()
	s.conversations[key{m.workspace, conversationID}] = &eventv1.Conversation{
		Id: conversationID, WorkspaceId: m.workspace.String(), Channel: route.GetChannel(),
		ChannelAccountId: route.GetChannelAccountId(), Status: "active", Subject: "Your order",
		Contact: &eventv1.Contact{Id: uuid.NewString(), Address: peer}, CreatedAt: now, UpdatedAt: now, LastMessageAt: now,
	}
	s.messages[key{m.workspace, messageID}] = &eventv1.Message{
		Id: messageID, WorkspaceId: m.workspace.String(), ConversationId: conversationID, Channel: route.GetChannel(),
		Direction: "outbound", Status: "failed", To: peer, Body: "hello", CreatedAt: now, UpdatedAt: now,
		Failure: &eventv1.Failure{Code: "invalid_recipient", Message: "Nobody there.", Remedy: "Check the number."},
	}
	return conversationID, messageID
}

func (s *store) times(question string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[question]
}
