package bus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// maxInboxes bounds the subscriptions kept for acknowledgements; publishes beyond them share one.
	maxInboxes = 256
	// inboxRoom is one answer and, which does not happen in peace, late ones to publishes before.
	inboxRoom = 4
	// unheardRetries and unheardWait are for a stream that has no leader at the moment.
	unheardRetries = 2
	unheardWait    = 250 * time.Millisecond
	headerStatus   = "Status"
	statusUnheard  = "503"
)

// inbox takes the acknowledgement of one publish at a time. It comes from the connection's reader to the publisher
// itself: at a low rate most of what a publish costs is the waking of goroutines, and what is shared has one more.
type inbox struct {
	subscription *nats.Subscription
	prefix       string
	turn         uint64
	subject      string // of the turn
	answers      chan *nats.Msg
	patience     *time.Timer
}

// next is the subject of a turn: what comes to that of an earlier one is not taken for its answer.
func (i *inbox) next() string {
	i.turn++
	i.subject = i.prefix + strconv.FormatUint(i.turn, 36)
	return i.subject
}

// inboxes are the inboxes nobody uses. They are safe for concurrent use.
type inboxes struct {
	conn *nats.Conn
	root string

	mu   sync.Mutex
	free []*inbox
	held int // in use or free
	made uint64
}

func newInboxes(conn *nats.Conn) *inboxes { return &inboxes{conn: conn, root: conn.NewInbox() + "."} }

// take finds an inbox; nil when all there may be are in use, or when none can be had.
func (i *inboxes) take() *inbox {
	i.mu.Lock()
	defer i.mu.Unlock()
	if last := len(i.free) - 1; last >= 0 {
		box := i.free[last]
		i.free = i.free[:last]
		return box
	}
	if i.held == maxInboxes {
		return nil
	}
	i.made++
	box := &inbox{
		prefix: i.root + strconv.FormatUint(i.made, 36) + ".", answers: make(chan *nats.Msg, inboxRoom),
		patience: time.NewTimer(time.Hour),
	}
	var err error
	if box.subscription, err = i.conn.ChanSubscribe(box.prefix+"*", box.answers); err != nil {
		return nil
	}
	i.held++
	return box
}

// give takes an inbox back. One whose answer has not come is given up.
func (i *inboxes) give(box *inbox, answered bool) {
	box.patience.Stop()
	if !answered {
		_ = box.subscription.Unsubscribe() // without a connection there is none
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if answered {
		i.free = append(i.free, box)
	} else {
		i.held--
	}
}

// exchange sends a message and waits for the acknowledgement in the inbox, which it gives back.
func (b *Bus) exchange(ctx context.Context, box *inbox, message *nats.Msg, within time.Duration) (Ack, error) {
	interrupted := b.interruptions.watch()
	box.patience.Reset(within)
	for try := 0; ; try++ {
		message.Reply = box.next()
		answer, err := b.answerTo(ctx, box, message, interrupted)
		if err != nil {
			b.inboxes.give(box, false)
			return Ack{}, err
		}
		if !unheard(answer) {
			b.inboxes.give(box, true)
			return ackOf(answer.Data)
		}
		if try == unheardRetries {
			b.inboxes.give(box, true)
			return Ack{}, jetstream.ErrNoStreamResponse
		}
		if !pause(ctx, unheardWait) {
			b.inboxes.give(box, true)
			return Ack{}, ctx.Err()
		}
	}
}

// answerTo sends once and waits. It ends without an answer when the time is over, the caller no longer waits, or the
// connection was lost, for then the answer may be lost too.
func (b *Bus) answerTo(ctx context.Context, box *inbox, message *nats.Msg, interrupted <-chan struct{}) (*nats.Msg, error) {
	if err := b.conn.PublishMsg(message); err != nil {
		return nil, err
	}
	for {
		select {
		case answer := <-box.answers:
			if answer.Subject == box.subject {
				return answer, nil
			}
		case <-box.patience.C:
			return nil, jetstream.ErrAsyncPublishTimeout
		case <-interrupted:
			return nil, errInterrupted
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-b.closed:
			return nil, nats.ErrConnectionClosed
		}
	}
}

func unheard(answer *nats.Msg) bool {
	return len(answer.Data) == 0 && answer.Header.Get(headerStatus) == statusUnheard
}

// ackOf reads what the server answered.
func ackOf(data []byte) (Ack, error) {
	if ack, ok := plainAck(data); ok {
		return ack, nil
	}
	var answer struct {
		Error *jetstream.APIError `json:"error"`
		*jetstream.PubAck
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return Ack{}, errors.Join(jetstream.ErrInvalidJSAck, err)
	}
	if answer.Error != nil {
		return Ack{}, answer.Error
	}
	if answer.PubAck == nil || answer.Stream == "" {
		return Ack{}, fmt.Errorf("%w: it names no stream", jetstream.ErrInvalidJSAck)
	}
	return Ack{Stream: answer.Stream, Sequence: answer.Sequence, Duplicate: answer.Duplicate}, nil
}

// plainAck reads the form that nearly all acknowledgements have: {"stream":"SEND","seq":12}.
func plainAck(data []byte) (Ack, bool) {
	rest, ok := bytes.CutPrefix(data, []byte(`{"stream":"`))
	name, rest, named := bytes.Cut(rest, []byte(`","seq":`))
	digits, ended := bytes.CutSuffix(rest, []byte("}"))
	if !ok || !named || !ended || len(name) == 0 || bytes.ContainsAny(name, `"\`) {
		return Ack{}, false
	}
	sequence, err := strconv.ParseUint(string(digits), 10, 64)
	return Ack{Stream: string(name), Sequence: sequence}, err == nil
}
