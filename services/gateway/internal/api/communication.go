package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// maxSendBytes has room for an e-mail's text and HTML of 1 MiB each, as JSON, and for the files that come with it.
const maxSendBytes = 16 << 20

// sendTime is how long a client may take to send them.
const sendTime = 50 * time.Second

// Communication is a message to be sent.
type Communication struct {
	Channel        string          `json:"channel" enum:"email,sms,call,whatsapp,social,live_chat"`
	To             string          `json:"to,omitempty" maxLength:"320" doc:"International phone number or e-mail address. May be left out when conversationId is given."`
	Cc             []string        `json:"cc,omitempty" nullable:"false" maxItems:"100" doc:"E-mail only."`
	Bcc            []string        `json:"bcc,omitempty" nullable:"false" maxItems:"100" doc:"E-mail only. The others do not see them."`
	Body           string          `json:"body,omitempty" maxLength:"1048576" doc:"Plain text. May be left out with attachments, with a template, and on a call. GET /api/settings/communications tells how long it may be."`
	Subject        string          `json:"subject,omitempty" maxLength:"998" doc:"E-mail only. One line."`
	HTML           string          `json:"html,omitempty" maxLength:"1048576" doc:"E-mail only."`
	Attachments    []NewAttachment `json:"attachments,omitempty" nullable:"false" maxItems:"100" doc:"Files, up to the limits of the channel."`
	Template       *TemplateUse    `json:"template,omitempty" doc:"An approved template in place of a free-form message. body is then left out."`
	AgentID        string          `json:"agentId,omitempty" maxLength:"64" doc:"Channel call only: whose phone rings first. The caller's own when left out."`
	ConversationID string          `json:"conversationId,omitempty" doc:"Answer in this conversation: from the same account, in the same e-mail thread."`
}

// NewAttachment is a file of a message to be sent: one that was uploaded, by its id, or the file itself.
type NewAttachment struct {
	ID          string `json:"id,omitempty" maxLength:"64" doc:"Of POST /api/attachments. The other fields are then left out, but contentId."`
	Filename    string `json:"filename,omitempty" maxLength:"255"`
	ContentType string `json:"contentType,omitempty" maxLength:"255"`
	Content     []byte `json:"content,omitempty" maxLength:"11184812" doc:"Base64. All files of a request that carry their content may have 8 MiB together; upload larger ones first."`
	ContentID   string `json:"contentId,omitempty" maxLength:"255" pattern:"^[!-;=?-~]+$" doc:"For a picture that html shows as cid:contentId."`
}

type sendInput struct {
	Idempotent
	Body Communication
}

type sendOutput struct {
	Replayable
	Body Accepted
}

func (a *API) registerCommunications() {
	operation := with(protected("send", http.MethodPost, "/api/communications", tagMessages, "Send a message"),
		http.StatusAccepted, "Answers when the message is safely stored; what becomes of it is told by the message and over realtime.")
	operation.MaxBodyBytes, operation.BodyReadTimeout = maxSendBytes, sendTime
	registerOnce(a, operation, a.send)
}

// send publishes the message. The id of a repeated request is the same, so that the second publish changes nothing.
func (a *API) send(ctx context.Context, input *sendInput) (*sendOutput, error) {
	principal := principalOf(ctx)
	if err := validate(input.Body); err != nil {
		return nil, err
	}
	target, err := a.address(ctx, principal.Workspace, input.Body)
	if err != nil {
		return nil, err
	}
	message, err := target.message(principal.Workspace, input.Body)
	if err != nil {
		return nil, err
	}
	message.MessageId = resourceID(ctx, func() string { return uuid.Must(uuid.NewV7()).String() })
	message.SenderId = principal.UserID
	message.AcceptedAt = timestamppb.Now()
	message.Attempt = 1
	if err := a.fill(ctx, target, input.Body, message); err != nil {
		return nil, err
	}
	accepted, err := a.publish(ctx, principal.Workspace, message)
	if err != nil {
		return nil, err
	}
	return &sendOutput{Body: accepted}, nil
}

// fill adds what has to be asked for or stored. Everything is checked before the first file is stored.
func (a *API) fill(ctx context.Context, to target, body Communication, message *eventv1.SendMessage) error {
	ws := principalOf(ctx).Workspace
	if err := a.permit(ws, to.route, message, body.Template != nil); err != nil {
		return err
	}
	if body.Template != nil {
		var err error
		if message.Template, message.Body, err = a.useTemplate(ctx, ws, to.route, body.Template); err != nil {
			return err
		}
	}
	if to.route.Kind == channel.Call {
		var err error
		if message.Call, err = a.callRequest(ctx, ws, body.AgentID); err != nil {
			return err
		}
	}
	limits := a.limitsOf(to.route)
	if problem := limits.checkText(message.GetBody(), 1+len(message.GetCc())+len(message.GetBcc())); problem != nil {
		return problem
	}
	files, err := a.attach(ctx, ws, limits, body.Attachments, message.GetMessageId())
	message.Attachments = files
	return err
}

// publish stores one attempt of a message in SEND, if the workspace's plan allows it. The id of the event names message and
// attempt.
func (a *API) publish(ctx context.Context, ws workspace.ID, message *eventv1.SendMessage) (Accepted, error) {
	var err error
	if message.Reservation, err = a.deps.Allowances.Reserve(ctx, ws, message, time.Now()); err != nil {
		return Accepted{}, err
	}
	id := message.GetMessageId()
	if message.GetAttempt() > 1 {
		id += "." + strconv.Itoa(int(message.GetAttempt()))
	}
	fault.Point("gateway.before-publish")
	_, err = a.deps.Bus.Publish(ctx, bus.Publishing{
		Subject: event.SendSubject(ws, channel.Kind(message.GetChannel())), ID: id, Payload: message,
	})
	fault.Point("gateway.after-publish")
	if err != nil {
		return Accepted{}, fmt.Errorf("accepting message %s: %w", message.GetMessageId(), err)
	}
	return Accepted{ID: message.GetMessageId(), ConversationID: message.GetConversationId(), Status: string(channel.Queued)}, nil
}
