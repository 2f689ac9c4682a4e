package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// ErrTwin is returned by Alone when what a provider lists may be another message as well.
var ErrTwin = errors.New("another message looks the same to the provider")

// callTime is longer than a call to a provider can last, uploads included: what was claimed longer before a time cannot
// have reached the provider after it.
const callTime = 15 * time.Minute

// Liken writes down that an attempt is about to be made whose message has this likeness (see channel.Likener), before
// its provider is called. Alone finds it.
func (l *Ledger) Liken(ctx context.Context, entry *bucketv1.LedgerEntry, likeness string) error {
	_, err := l.bucket.Put(ctx, event.LikenessKey(
		entry.GetProvider(), likeness, entry.GetWorkspaceId(), entry.GetMessageId(), entry.GetAttempt(),
	), nil)
	return err
}

// Alone tells that no other message can be what a provider was found to list: of those with this likeness that were on
// their way at since or later, each has another id or was never taken. Otherwise, also when nobody knows that of one of
// them, it returns ErrTwin. It is to be called after the provider was asked: what is claimed later is not in its answer.
func (l *Ledger) Alone(
	ctx context.Context, entry *bucketv1.LedgerEntry, likeness string, found channel.Found, since time.Time,
) error {
	for twin, err := range l.bucket.Entries(ctx, event.LikenessFilter(entry.GetProvider(), likeness)) {
		if err != nil {
			return err
		}
		ws, messageID, attempt := attemptOf(twin.Key)
		if messageID == entry.GetMessageId() || twin.Created.Before(since.Add(-callTime)) {
			continue
		}
		other, err := l.Read(ctx, ws, messageID)
		if err != nil {
			return err
		}
		if !isAnother(other.Entry, attempt, found) {
			return fmt.Errorf("%w: %s", ErrTwin, messageID)
		}
	}
	return nil
}

// attemptOf reads the last tokens of a LikenessKey; what cannot be read is the zero value, which no entry has.
func attemptOf(key string) (ws workspace.ID, messageID string, attempt int32) {
	tokens := strings.Split(key, ".")
	if len(tokens) < 3 { //nolint:mnd // workspace, message and attempt
		return ws, "", 0
	}
	last := tokens[len(tokens)-3:]
	ws, _ = workspace.ParseID(last[0])
	number, _ := strconv.ParseInt(last[2], 10, 32)
	return ws, last[1], int32(number)
}

// isAnother tells that an attempt is certainly not what was found. A later attempt hides what became of the one before.
// What was refused may be listed, as failed.
func isAnother(entry *bucketv1.LedgerEntry, attempt int32, found channel.Found) bool {
	switch {
	case entry == nil: // its claim failed, or was never written
		return true
	case entry.GetAttempt() > attempt:
		return false
	case entry.GetAttempt() < attempt, entry.GetState() == Waiting:
		return true
	case entry.GetExternalId() != "":
		return entry.GetExternalId() != found.ExternalID
	default:
		refused := entry.GetState() == Done && entry.GetResolution() == nil && entry.GetFailure() != nil
		return refused && found.Failure == nil
	}
}
