// Package quarantine answers what operators ask of the webhooks that are kept apart, and lets them through.
package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"gocloud.dev/blob"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/leftover"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/hook"
)

// What an operator did.
const (
	actionFixed    = "fixed"
	actionReleased = "released"
)

const (
	// maxShown is the largest body that an answer carries.
	maxShown = 4 << 20
	// maxFixed is the largest body that a fix carries: it has to fit into an entry of the bucket.
	maxFixed  = 512 << 10
	maxReason = 1000
)

type (
	desk  = leftover.Desk[*eventv1.WebhookQuarantined]
	entry = leftover.Entry[*eventv1.WebhookQuarantined]
)

// Releaser lets a webhook through.
type Releaser interface {
	Release(ctx context.Context, kept *eventv1.WebhookQuarantined, body []byte, fix *operatorv1.Fix) (int, error)
}

// Desk answers the questions quarantine.list, get, fix and release. It is safe for concurrent use.
type Desk struct {
	desk     *desk
	files    *blob.Bucket
	releaser Releaser
	maxBody  int64
	logger   *slog.Logger
}

// New makes a Desk; maxBody is the largest body that is read from files.
func New(
	ctx context.Context, b *bus.Bus, files *blob.Bucket, releaser Releaser, maxBody int64, logger *slog.Logger,
) (*Desk, error) {
	opened, err := leftover.OpenDesk(ctx, b, leftover.Kind[*eventv1.WebhookQuarantined]{
		Stream: event.StreamQuarantine, Done: actionReleased, Missing: "There is nothing in quarantine under this id.",
		New: func() *eventv1.WebhookQuarantined { return &eventv1.WebhookQuarantined{} },
	})
	if err != nil {
		return nil, err
	}
	return &Desk{desk: opened, files: files, releaser: releaser, maxBody: maxBody, logger: logger}, nil
}

// Endpoints are the questions.
func (d *Desk) Endpoints() []bus.Endpoint {
	return []bus.Endpoint{
		bus.Answer("quarantine", "list", d.list), bus.Answer("quarantine", "get", d.get),
		bus.Answer("quarantine", "fix", d.fix), bus.Answer("quarantine", "release", d.release),
	}
}

func (d *Desk) list(
	ctx context.Context, _ workspace.ID, request *operatorv1.ListQuarantineRequest,
) (proto.Message, error) {
	found, next, err := d.desk.List(ctx, request, func(webhook *eventv1.WebhookQuarantined) bool {
		return (request.GetProvider() == "" || request.GetProvider() == webhook.GetProvider()) &&
			(request.GetReason() == "" || request.GetReason() == webhook.GetReason())
	})
	if err != nil {
		return nil, err
	}
	response := &operatorv1.ListQuarantineResponse{Next: next}
	for _, one := range found {
		response.Items = append(response.Items, itemOf(one))
	}
	return response, nil
}

func (d *Desk) get(
	ctx context.Context, _ workspace.ID, request *operatorv1.GetQuarantineRequest,
) (proto.Message, error) {
	found, err := d.desk.Get(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	item := itemOf(found)
	item.Raw = found.Event.GetRaw()
	if item.GetRaw().GetBodyBlobKey() != "" {
		body, err := d.body(ctx, item.GetRaw(), maxShown)
		if err != nil && !errors.Is(err, errTooLarge) {
			return nil, err
		}
		item.Raw.Body = body // too large a one stays where it is
	}
	return &operatorv1.GetQuarantineResponse{Item: item}, nil
}

func itemOf(found entry) *operatorv1.Quarantined {
	return &operatorv1.Quarantined{
		Id: found.ID, Provider: found.Event.GetProvider(), Reason: found.Event.GetReason(), Detail: found.Event.GetDetail(),
		KeptAt: found.KeptAt, Handling: shown(found.Handling),
	}
}

// shown is what was done, without a corrected body: it may be large.
func shown(handling *operatorv1.Handling) *operatorv1.Handling {
	if handling.GetFix() == nil {
		return handling
	}
	without := proto.CloneOf(handling)
	without.Fix.Body = nil
	return without
}

var errTooLarge = errors.New("the body is too large")

// body is the body as it arrived.
func (d *Desk) body(ctx context.Context, raw *eventv1.RawPayload, limit int64) ([]byte, error) {
	if raw.GetBodyBlobKey() == "" {
		return raw.GetBody(), nil
	}
	reader, err := d.files.NewReader(ctx, raw.GetBodyBlobKey(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: reading a large body: %w", bus.ErrUnavailable, err)
	}
	defer func() { _ = reader.Close() }()
	if reader.Size() > limit {
		return nil, errTooLarge
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		return nil, fmt.Errorf("%w: reading a large body: %w", bus.ErrUnavailable, err)
	}
	return body, nil
}

func (d *Desk) fix(
	ctx context.Context, _ workspace.ID, request *operatorv1.FixQuarantineRequest,
) (proto.Message, error) {
	if err := check(request); err != nil {
		return nil, err
	}
	found, err := d.desk.Get(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	if d.desk.IsDone(found) {
		return nil, &bus.AskError{Code: bus.CodeConflict, Message: "It has been released already."}
	}
	item := itemOf(found)
	if err := d.note(ctx, item, actionFixed, request.GetBy(), request.GetFix()); err != nil {
		return nil, err
	}
	return &operatorv1.FixQuarantineResponse{Item: item}, nil
}

func check(request *operatorv1.FixQuarantineRequest) error {
	if err := leftover.CheckBy(request.GetBy()); err != nil {
		return err
	}
	fix := request.GetFix()
	refused := func(field, message string) error {
		return &bus.AskError{Code: bus.CodeInvalid, Message: message, Field: field}
	}
	_, notAnID := workspace.ParseID(fix.GetWorkspaceId())
	switch {
	case fix.GetReason() == "" || len(fix.GetReason()) > maxReason:
		return refused("reason", "Must say why, in at most 1000 characters.")
	case fix.GetWorkspaceId() != "" && notAnID != nil:
		return refused("workspaceId", "Must be the id of a workspace.")
	case len(fix.GetBody()) > maxFixed:
		return refused("body", "Must have at most 512 KiB.")
	default:
		return nil
	}
}

// note keeps what was done, and logs it.
func (d *Desk) note(
	ctx context.Context, item *operatorv1.Quarantined, action, by string, fix *operatorv1.Fix,
) error {
	handling, err := d.desk.Handle(ctx, item.GetId(), action, by, fix)
	if err != nil {
		return err
	}
	item.Handling = shown(handling)
	d.logger.InfoContext(ctx, "an operator handled a quarantined webhook", slog.Uint64("id", item.GetId()),
		slog.String("action", action), slog.String("by", by), slog.String("reason", fix.GetReason()))
	return nil
}

// release lets a webhook through. Its events have the keys of its arrival, so that two who release it at once, and a
// process that dies before the note, change nothing twice.
func (d *Desk) release(
	ctx context.Context, _ workspace.ID, request *operatorv1.ReleaseQuarantineRequest,
) (proto.Message, error) {
	if err := leftover.CheckBy(request.GetBy()); err != nil {
		return nil, err
	}
	found, err := d.desk.Get(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	item, webhook, fix := itemOf(found), found.Event, found.Handling.GetFix()
	if fix == nil {
		fix = &operatorv1.Fix{}
	}
	var body []byte
	if fix.Body == nil {
		body, err = d.body(ctx, webhook.GetRaw(), d.maxBody)
	}
	if errors.Is(err, errTooLarge) {
		return nil, &bus.AskError{
			Code: bus.CodeConflict, Message: fmt.Sprintf("It cannot be released as it is: its body has more than %d bytes.", d.maxBody),
		}
	}
	if err != nil {
		return nil, err
	}
	events, err := d.releaser.Release(ctx, webhook, body, fix)
	if errors.Is(err, hook.ErrStays) {
		return nil, &bus.AskError{Code: bus.CodeConflict, Message: "It cannot be released as it is: " + err.Error()}
	}
	if err != nil {
		return nil, err
	}
	if !d.desk.IsDone(found) {
		if err := d.note(ctx, item, actionReleased, request.GetBy(), found.Handling.GetFix()); err != nil {
			return nil, err
		}
	}
	return &operatorv1.ReleaseQuarantineResponse{Item: item, Events: int32(min(events, 1<<20))}, nil //nolint:gosec // bounded
}
