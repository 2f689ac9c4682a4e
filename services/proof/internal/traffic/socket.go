package traffic

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

const (
	longestFollow = 6 * time.Second
	longestApart  = 2 * time.Second
)

// follower is a client that follows the changes of a workspace, and goes on after a pause where it was.
type follower struct {
	driver *Driver
	office *office
	name   string
	random *rand.Rand
	// after is the newest sequence the client knows of; known tells that there is one.
	after uint64
	known bool
	// hello is where the newest connection began.
	hello uint64
}

// follow connects, disconnects and resumes until ctx ends.
func (d *Driver) follow(ctx context.Context, o *office, number int) {
	f := d.follower(o, number)
	for ctx.Err() == nil {
		length := time.Duration(f.random.Int64N(int64(longestFollow)))
		f.connect(ctx, length)
		pause(ctx, time.Duration(f.random.Int64N(int64(longestApart))))
	}
	o.followers <- f
}

func (d *Driver) follower(o *office, number int) *follower {
	hash := fnv.New64a()
	name := o.workspace + "/" + strconv.Itoa(number)
	_, _ = fmt.Fprintf(hash, "%d/%d", o.number, number) // it never fails
	return &follower{
		driver: d, office: o, name: name,
		random: rand.New(rand.NewPCG(d.cfg.Seed, hash.Sum64())), //nolint:gosec // a pause is no secret
	}
}

// connect follows for a while, and tells whether it could.
func (f *follower) connect(ctx context.Context, length time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	address := "ws" + strings.TrimPrefix(f.office.base, "http") + "/api/realtime"
	record := history.Record{
		Kind: history.Connect, At: time.Now(), Workspace: f.office.workspace, Client: f.name, Outcome: history.Accepted, Name: "anew",
	}
	if f.known {
		address += "?after=" + strconv.FormatUint(f.after, 10)
		record.Name, record.After = "resume", f.after
	}
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{ //nolint:bodyclose // the library has taken it over
		HTTPHeader: http.Header{"Authorization": {"Bearer " + f.office.key}, "Origin": {f.office.base}},
	})
	record.End = time.Now()
	if err != nil {
		record.Outcome, record.Detail = history.Failed, shorten(err.Error())
		f.driver.record.Add(record)
		return false
	}
	defer func() { _ = conn.CloseNow() }() // it is over either way
	conn.SetReadLimit(maxAnswer)
	f.driver.record.Add(record)
	err = f.listen(ctx, conn)
	f.driver.record.Add(history.Record{
		Kind: history.Disconnect, Workspace: f.office.workspace, Client: f.name, Detail: shorten(fmt.Sprint(err)),
		Status: int(websocket.CloseStatus(err)),
	})
	return true
}

// frame is what a client reads of a frame.
type frame struct {
	Type, Entity, Verb, ID string
	Seq                    uint64
	Message                *struct {
		ID, ConversationID, Status string
		Attempt                    int
	}
	Conversation *struct{ ID, Status string }
}

// listen records what comes, until the connection or ctx ends.
func (f *follower) listen(ctx context.Context, conn *websocket.Conn) error {
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return err //nolint:wrapcheck // the caller reads the close code out of it
		}
		var got frame
		if err := json.Unmarshal(text, &got); err != nil {
			return fmt.Errorf("reading a frame: %w", err)
		}
		f.take(got, text)
	}
}

func (f *follower) take(got frame, text []byte) {
	record := history.Record{
		Kind: history.Frame, Workspace: f.office.workspace, Client: f.name, Seq: got.Seq, ID: got.ID,
		Frame:   &history.FrameText{Type: got.Type, Entity: got.Entity, Verb: got.Verb},
		Markers: markersIn(f.driver.pattern, text),
	}
	switch {
	case got.Message != nil:
		record.Frame.Status, record.Conversation = got.Message.Status, got.Message.ConversationID
		record.Attempt = got.Message.Attempt
	case got.Conversation != nil:
		record.Frame.Status, record.Conversation = got.Conversation.Status, got.Conversation.ID
	}
	// A hello without a place to resume from says where the client begins; after a reload it is where it goes on.
	if got.Type == "change" || (got.Type == "hello" && !f.known) {
		f.after, f.known = got.Seq, true
	}
	if got.Type == "hello" {
		f.hello = got.Seq
	}
	if got.Type == "reload" {
		f.after, f.known = f.hello, true
	}
	f.driver.record.Add(record)
}
