package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// ErrHeld is returned by Hold when the provider's id belongs to another message, or to another attempt.
var ErrHeld = errors.New("the provider's id belongs to another message")

// Hold writes that the attempt of an entry has the provider's id in it, before the entry itself says so. A look-up that
// has nothing but recipient and text to go by may find the twin of a message: then the id is held already. A second
// call of the same attempt changes nothing.
func (l *Ledger) Hold(ctx context.Context, entry *bucketv1.LedgerEntry) error {
	if entry.GetExternalId() == "" {
		return nil
	}
	key, ours := event.ExternalKey(entry.GetProvider(), entry.GetExternalId()), holderOf(entry)
	_, err := l.bucket.Create(ctx, key, []byte(ours))
	if !errors.Is(err, bus.ErrKeyExists) {
		return err
	}
	there, err := l.bucket.Get(ctx, key)
	if err != nil {
		return err
	}
	if string(there.Value) != ours {
		return fmt.Errorf("%w: %s has %s of %s", ErrHeld, there.Value, entry.GetExternalId(), entry.GetProvider())
	}
	return nil
}

// Take is Hold for an attempt that the provider itself answered with the id: it is the surer one, whoever held it.
func (l *Ledger) Take(ctx context.Context, entry *bucketv1.LedgerEntry) error {
	_, err := l.bucket.Put(ctx, event.ExternalKey(entry.GetProvider(), entry.GetExternalId()), []byte(holderOf(entry)))
	return err
}

// holderOf names one attempt of one message.
func holderOf(entry *bucketv1.LedgerEntry) string {
	return strings.Join([]string{
		entry.GetWorkspaceId(), entry.GetMessageId(), strconv.Itoa(int(entry.GetAttempt())),
	}, ".")
}
