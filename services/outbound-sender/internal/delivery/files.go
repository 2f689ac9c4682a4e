package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/file"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/schedule"
)

// room is what the files of a message take of the budget.
type room struct {
	bytes   int64
	granted bool
	queued  bool // granted belongs to the budget until it wakes us
}

const (
	// slowest is how many bytes a second a connection to a provider carries at least.
	slowest = 1 << 20
	// longestUpload bounds what files add to the time of a call, in seconds.
	longestUpload = 600
)

// UploadTime is how much longer than a text a call may take that carries so many bytes of files.
func UploadTime(bytes int64) time.Duration {
	return time.Duration(min(bytes/slowest, longestUpload)) * time.Second
}

// inspect finds the files of the message and holds everything against the channel's limits, once. It reports whether
// the message may go on; if not, as the verdict says.
func (t *task) inspect(ctx context.Context) (schedule.Verdict, bool) {
	if t.files != nil {
		return schedule.Verdict{}, true
	}
	limits := t.d.Credentials.About(t.send.GetProvider()).Limits[t.kind()]
	failure := limits.CheckText(t.send.GetBody(), 1+len(t.send.GetCc())+len(t.send.GetBcc()))
	files, err := t.d.Files.Look(ctx, t.ws, t.send.GetAttachments())
	if err != nil {
		return t.unread(ctx, err), false
	}
	if failure == nil {
		failure = limits.CheckFiles(files)
	}
	if failure != nil {
		t.end = t.stopped(channel.Failed, failure)
		return schedule.Finished(), false
	}
	t.files = files
	for _, found := range files {
		t.room.bytes += found.Size
	}
	return schedule.Verdict{}, true
}

// unread is for a message whose files could not be read before its call.
func (t *task) unread(ctx context.Context, err error) schedule.Verdict {
	t.begin()
	t.tries++
	return t.rule(ctx, outcomeOf(err))
}

// outcomeOf is a failed call as the policy sees it: where a file could not be read, that is why nothing went out.
func outcomeOf(err error) error {
	if unread, ok := errors.AsType[*file.Error](err); ok {
		return unread.Outcome()
	}
	return err
}

// enterRoom waits until the files fit among those that are on their way.
func (t *task) enterRoom(wake func()) bool {
	if t.room.bytes == 0 || t.room.granted {
		return true
	}
	t.room.queued = true
	if t.d.Budget.Enter(t.ws, t.room.bytes, func() {
		t.room.granted = true
		wake()
	}) {
		t.room.granted, t.room.queued = true, false
		return true
	}
	return false
}

// leaveRoom gives the room back at the end of a step, whatever came of it.
func (t *task) leaveRoom() {
	if t.room.queued || !t.room.granted {
		return
	}
	t.room.granted = false
	t.d.Budget.Leave(t.room.bytes)
}
