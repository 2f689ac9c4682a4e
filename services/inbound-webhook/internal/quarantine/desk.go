// Package quarantine answers what operators ask of the webhooks that are kept apart, and lets them through.
package quarantine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"gocloud.dev/blob"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

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
	maxBy     = 200
)

// Releaser lets a webhook through.
type Releaser interface {
	Release(ctx context.Context, kept *eventv1.WebhookQuarantined, body []byte, fix *operatorv1.Fix) (int, error)
}

// Desk answers the questions quarantine.list, get, fix and release. It is safe for concurrent use.
type Desk struct {
	book     *leftover.Book
	files    *blob.Bucket
	releaser Releaser
	maxBody  int64
	logger   *slog.Logger
}

// New makes a Desk; maxBody is the largest body that is read from files.
func New(
	ctx context.Context, b *bus.Bus, files *blob.Bucket, releaser Releaser, maxBody int64, logger *slog.Logger,
) (*Desk, error) {
	book, err := leftover.Open(ctx, b, event.StreamQuarantine)
	if err != nil {
		return nil, err
	}
	return &Desk{book: book, files: files, releaser: releaser, maxBody: maxBody, logger: logger}, nil
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
	found, next, err := d.book.Page(ctx, request.GetBefore(), request.GetLimit(), func(kept leftover.Kept) bool {
		var webhook eventv1.WebhookQuarantined
		return kept.Message.Decode(&webhook) == nil &&
			(request.GetAll() || kept.Handling.GetAction() != actionReleased) &&
			(request.GetProvider() == "" || request.GetProvider() == webhook.GetProvider()) &&
			(request.GetReason() == "" || request.GetReason() == webhook.GetReason()) &&
			(request.GetSince() == nil || !kept.Message.Timestamp().Before(request.GetSince().AsTime()))
	})
	if err != nil {
		return nil, err
	}
	response := &operatorv1.ListQuarantineResponse{Next: next}
	for _, kept := range found {
		item, _, err := itemOf(kept)
		if err != nil {
			return nil, err
		}
		response.Items = append(response.Items, item)
	}
	return response, nil
}

func (d *Desk) get(
	ctx context.Context, _ workspace.ID, request *operatorv1.GetQuarantineRequest,
) (proto.Message, error) {
	item, webhook, err := d.read(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	item.Raw = webhook.GetRaw()
	if item.GetRaw().GetBodyBlobKey() != "" {
		body, err := d.body(ctx, webhook.GetRaw(), maxShown)
		if err != nil && !errors.Is(err, errTooLarge) {
			return nil, err
		}
		item.Raw.Body = body // too large a one stays where it is
	}
	return &operatorv1.GetQuarantineResponse{Item: item}, nil
}

func (d *Desk) read(ctx context.Context, id uint64) (*operatorv1.Quarantined, *eventv1.WebhookQuarantined, error) {
	kept, err := d.book.Get(ctx, id)
	if errors.Is(err, leftover.ErrNotFound) {
		return nil, nil, &bus.AskError{Code: bus.CodeNotFound, Message: "There is nothing in quarantine under this id."}
	}
	if err != nil {
		return nil, nil, err
	}
	return itemOf(kept)
}

func itemOf(kept leftover.Kept) (*operatorv1.Quarantined, *eventv1.WebhookQuarantined, error) {
	webhook := &eventv1.WebhookQuarantined{}
	if err := kept.Message.Decode(webhook); err != nil {
		return nil, nil, err
	}
	return &operatorv1.Quarantined{
		Id: kept.Message.Sequence(), Provider: webhook.GetProvider(), Reason: webhook.GetReason(), Detail: webhook.GetDetail(),
		KeptAt: timestamppb.New(kept.Message.Timestamp()), Handling: shown(kept.Handling),
	}, webhook, nil
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
	item, _, err := d.read(ctx, request.GetId())
	if err != nil {
		return nil, err
	}
	if item.GetHandling().GetAction() == actionReleased {
		return nil, &bus.AskError{Code: bus.CodeConflict, Message: "It has been released already."}
	}
	if err := d.note(ctx, item, actionFixed, request.GetBy(), request.GetFix()); err != nil {
		return nil, err
	}
	return &operatorv1.FixQuarantineResponse{Item: item}, nil
}

func check(request *operatorv1.FixQuarantineRequest) error {
	fix := request.GetFix()
	refused := func(field, message string) error {
		return &bus.AskError{Code: bus.CodeInvalid, Message: message, Field: field}
	}
	_, notAnID := workspace.ParseID(fix.GetWorkspaceId())
	switch {
	case request.GetBy() == "" || len(request.GetBy()) > maxBy:
		return refused("by", "Must say who does it.")
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
	handling := &operatorv1.Handling{Action: action, By: by, At: timestamppb.New(time.Now()), Fix: fix}
	if err := d.book.Handle(ctx, item.GetId(), handling); err != nil {
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
	if request.GetBy() == "" || len(request.GetBy()) > maxBy {
		return nil, &bus.AskError{Code: bus.CodeInvalid, Message: "Must say who does it.", Field: "by"}
	}
	kept, err := d.book.Get(ctx, request.GetId())
	if errors.Is(err, leftover.ErrNotFound) {
		return nil, &bus.AskError{Code: bus.CodeNotFound, Message: "There is nothing in quarantine under this id."}
	}
	if err != nil {
		return nil, err
	}
	item, webhook, err := itemOf(kept)
	if err != nil {
		return nil, err
	}
	body, err := d.body(ctx, webhook.GetRaw(), d.maxBody)
	if err != nil {
		return nil, err
	}
	fix := kept.Handling.GetFix()
	if fix == nil {
		fix = &operatorv1.Fix{}
	}
	events, err := d.releaser.Release(ctx, webhook, body, fix)
	if errors.Is(err, hook.ErrStays) {
		return nil, &bus.AskError{Code: bus.CodeConflict, Message: "It cannot be released as it is: " + err.Error()}
	}
	if err != nil {
		return nil, err
	}
	if kept.Handling.GetAction() != actionReleased {
		if err := d.note(ctx, item, actionReleased, request.GetBy(), kept.Handling.GetFix()); err != nil {
			return nil, err
		}
	}
	return &operatorv1.ReleaseQuarantineResponse{Item: item, Events: int32(min(events, 1<<20))}, nil //nolint:gosec // bounded
}
