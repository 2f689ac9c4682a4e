package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/route"
)

// target is where a message goes and from which account.
type target struct {
	route          route.Route
	to             string
	conversationID string
	// subject, inReplyTo and references continue an e-mail thread.
	subject    string
	inReplyTo  string
	references []string
}

// address finds the account and the peer. With an address of its own a message needs no question: an answer in a
// conversation asks for the account and the thread, and does without when nobody answers.
func (a *API) address(ctx context.Context, ws workspace.ID, body Communication) (target, error) {
	kind := channel.Kind(body.Channel)
	to := ""
	if body.To != "" {
		normalised, err := channel.NormalizeAddress(kind, body.To)
		if err != nil {
			return target{}, invalid("to", addressHint(kind))
		}
		to = normalised
	}
	if body.ConversationID == "" {
		return a.fresh(ws, kind, to)
	}
	prepared := &storev1.PrepareReplyResponse{}
	request := &storev1.PrepareReplyRequest{ConversationId: body.ConversationID}
	err := a.ask(ctx, ws, "conversation", "prepare-reply", request, prepared)
	problem, _ := translate(err)
	switch {
	case err == nil:
		return a.reply(ws, body, to, prepared)
	case problem.Code == CodeStoreUnavailable && to != "":
		return a.unprepared(ws, kind, to, body.ConversationID)
	case problem.Code == CodeNotFound:
		return target{}, notFound().at("body.conversationId", "names no conversation")
	default:
		return target{}, err
	}
}

func addressHint(kind channel.Kind) string {
	if kind == channel.Email {
		return "is not an e-mail address such as name@example.com"
	}
	return "is not an international phone number such as +14155550123"
}

// fresh is the conversation with a peer on the workspace's default account.
func (a *API) fresh(ws workspace.ID, kind channel.Kind, to string) (target, error) {
	account, ok := a.deps.Routes.Default(ws, kind)
	if !ok {
		return target{}, notConfigured(kind)
	}
	return target{route: account, to: to, conversationID: conversation.DeriveID(ws, kind, account.AccountID, to)}, nil
}

// unprepared finds the account of a conversation without the store: the one for which the peer's conversation has the
// wanted id, else the default one. An id that cannot be proved is never taken over.
func (a *API) unprepared(ws workspace.ID, kind channel.Kind, to, conversationID string) (target, error) {
	routes := a.deps.Routes.Of(ws)
	at := slices.IndexFunc(routes, func(r route.Route) bool {
		return r.Kind == kind && conversation.DeriveID(ws, kind, r.AccountID, to) == conversationID
	})
	if at < 0 {
		return a.fresh(ws, kind, to)
	}
	return target{route: routes[at], to: to, conversationID: conversationID}, nil
}

func (a *API) reply(ws workspace.ID, body Communication, to string, prepared *storev1.PrepareReplyResponse) (target, error) {
	if prepared.GetChannel() != body.Channel {
		return target{}, invalid("channel", "is not the channel of the conversation, "+prepared.GetChannel())
	}
	if to != "" && to != prepared.GetPeer() {
		return target{}, invalid("to", "is not the address of the conversation's contact")
	}
	account, ok := a.deps.Routes.Account(ws, prepared.GetChannelAccountId())
	if !ok {
		return target{}, notConfigured(channel.Kind(body.Channel))
	}
	return target{
		route: account, to: prepared.GetPeer(), conversationID: body.ConversationID,
		subject: replySubject(prepared.GetSubject()), inReplyTo: prepared.GetInReplyTo(), references: prepared.GetReferences(),
	}, nil
}

func replySubject(subject string) string {
	if subject == "" || len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return "Re: " + subject
}

func notConfigured(kind channel.Kind) *Problem { return notConfiguredAt("body.channel", kind) }

func notConfiguredAt(location string, kind channel.Kind) *Problem {
	text := "No " + string(kind) + " account is configured for this workspace."
	return NewProblem(http.StatusUnprocessableEntity, CodeNotConfigured, text).at(location, text)
}

// message is the request to send, but for who sends it and when.
func (t target) message(ws workspace.ID, body Communication) (*eventv1.SendMessage, error) {
	message := &eventv1.SendMessage{
		WorkspaceId: ws.String(), ConversationId: t.conversationID, Channel: body.Channel,
		ChannelAccountId: t.route.AccountID, Provider: t.route.Provider, Mode: t.route.Mode,
		From: t.route.Address, To: t.to, Body: body.Body,
	}
	if t.route.Kind != channel.Email {
		return message, nil
	}
	var err error
	if message.Cc, message.Bcc, err = copies(t.to, body); err != nil {
		return nil, err
	}
	message.FromName = t.route.DisplayName
	message.Subject = body.Subject
	if message.GetSubject() == "" {
		message.Subject = t.subject
	}
	message.Html = body.HTML
	message.ReplyTo = conversation.ReplyAddress(t.route.Address, t.conversationID)
	message.InReplyTo, message.References = t.inReplyTo, t.references
	return message, nil
}

// copies are the further recipients, each once: who is written to openly is written to no second time in secret.
func copies(to string, body Communication) (cc, bcc []string, err error) {
	known := map[string]bool{to: true}
	normalize := func(field string, addresses []string) ([]string, error) {
		var kept []string
		for i, each := range addresses {
			address, err := channel.NormalizeAddress(channel.Email, each)
			if err != nil {
				return nil, invalid(field+"["+strconv.Itoa(i)+"]", addressHint(channel.Email))
			}
			if !known[address] {
				known[address] = true
				kept = append(kept, address)
			}
		}
		return kept, nil
	}
	if cc, err = normalize("cc", body.Cc); err != nil {
		return nil, nil, err
	}
	bcc, err = normalize("bcc", body.Bcc)
	return cc, bcc, err
}
