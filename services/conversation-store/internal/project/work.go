package project

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/consent"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

const (
	inbound  = "inbound"
	outbound = "outbound"
)

// Windows is how long after a customer's last message a provider takes free-form answers on a channel; 0 when it has no
// such window.
type Windows func(provider string, kind channel.Kind) time.Duration

// work is what a batch asks of the database.
type work struct {
	windows  Windows
	messages []*message
	events   []occurrence
	raws     []rawPayload
	consents []consent.Change
	usages   []usage
	// traces is where each message's story began, for the facts about it.
	traces map[record.Key]string
	seen   map[workspace.ID]struct{}
	late   []*message
	// isReplay tells that the messages are read from their stream once more: nobody brings them again. isQuiet tells that
	// what changes was told before.
	isReplay, isQuiet bool
	// hasCalls tells that something of the batch concerns a call.
	hasCalls bool
}

// message is a row of conversation_messages to be, with its person and what its conversation shows of it.
type message struct {
	source                            *bus.Message
	workspace                         workspace.ID
	id, conversation, account         uuid.UUID
	kind                              channel.Kind
	direction                         string
	status                            string
	order, attempt                    int32
	provider, mode                    string
	externalID                        *string
	from, fromName, to                string
	cc, bcc                           []string
	subject, body, html, replyBody    string
	replyTo, emailID, inReplyTo       string
	references                        []string
	replyToExternalID                 string
	automatic, answersKeyword         bool
	template, callRequest             *string // jsonb
	sender                            *uuid.UUID
	createdAt                         time.Time
	peer, peerName, snippet           string
	contact                           uuid.UUID
	aliases                           []string // further addresses of the peer
	attachments                       []*eventv1.Attachment
	token, derived                    uuid.UUID // of an e-mail: what its reply token names, and what its peer says
	linked                            *uuid.UUID
	hasToken, isThreaded, isPostponed bool
	hasWindow                         bool
	windowEnd                         *time.Time
}

// occurrence is a row of message_events to be.
type occurrence struct {
	workspace      workspace.ID
	dedupeKey      string
	message        *uuid.UUID
	account        *uuid.UUID
	provider       string
	externalID     *string
	status         string
	rank           int32
	providerStatus string
	step           string
	attempt        int32
	failure        *string
	emailID        string
	segments       int32
	call           *string // jsonb
	resolution     *string // jsonb
	occurredAt     time.Time
}

// moves tells whether the event can say something of the state of a message: what came in is received and stays so.
func (o occurrence) moves() bool { return o.status != string(channel.Received) || o.externalID != nil }

// isListed tells that it was read in a provider's list: a webhook may tell the same under another key.
func (o occurrence) isListed() bool {
	return strings.HasPrefix(o.dedupeKey, o.provider+":"+channel.ListedKey)
}

// rawPayload is a row of raw_payloads to be.
type rawPayload struct {
	workspace       workspace.ID
	kind, reference string
	payload         *eventv1.RawPayload
	receivedAt      time.Time
}

func (m *message) key() record.Key { return record.Key{Workspace: m.workspace.UUID(), ID: m.id} }

func (m *message) thread() record.Key {
	return record.Key{Workspace: m.workspace.UUID(), ID: m.conversation}
}

func (w *work) see(m *bus.Message, ws workspace.ID, id uuid.UUID) {
	if w.seen == nil {
		w.seen, w.traces = map[workspace.ID]struct{}{}, map[record.Key]string{}
	}
	w.seen[ws] = struct{}{}
	if trace := m.Header("traceparent"); trace != "" {
		w.traces[record.Key{Workspace: ws.UUID(), ID: id}] = trace
	}
}

func (w *work) workspaces() []workspace.ID { return slices.Collect(maps.Keys(w.seen)) }

// keepRaw keeps a webhook beside what was read out of it.
func (w *work) keepRaw(ws workspace.ID, kind, reference string, raw *eventv1.RawPayload, arrived time.Time) {
	if raw == nil {
		return
	}
	w.raws = append(w.raws, rawPayload{
		workspace: ws, kind: kind, reference: reference, payload: raw,
		receivedAt: timeOr(raw.GetReceivedAt(), arrived),
	})
}
