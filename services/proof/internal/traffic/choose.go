package traffic

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// choose draws the next operation. Everything that is left to chance is drawn here, so that a seed gives the same load.
func (d *Driver) choose() operation {
	o := d.offices[d.random.IntN(len(d.offices))]
	drawn := d.random.IntN(1 << 20)
	switch chance := d.random.IntN(100); {
	case chance < 45:
		return d.chooseSend(o)
	case chance < 70:
		return d.chooseInbound(o)
	case chance < 80:
		return func(ctx context.Context) { d.update(ctx, o, drawn) }
	default:
		return func(ctx context.Context) { d.read(ctx, o, drawn) }
	}
}

// lane draws a customer of a workspace; nil when it talks to none in writing.
func (d *Driver) lane(o *office) *lane {
	written := slices.DeleteFunc(slices.Clone(d.cfg.Channels), func(channel string) bool { return channel == call })
	if len(written) == 0 {
		return nil
	}
	lanes := o.lanes[written[d.random.IntN(len(written))]]
	return lanes[d.random.IntN(len(lanes))]
}

// chooseSend draws a call, one message or a burst of them.
func (d *Driver) chooseSend(o *office) operation {
	l := d.lane(o)
	if l == nil || (slices.Contains(d.cfg.Channels, call) && d.random.IntN(50) == 0) {
		return func(ctx context.Context) { d.dial(ctx, o) }
	}
	if len(o.reserved) > 0 && d.random.IntN(20) == 0 {
		l = o.reserved[d.random.IntN(len(o.reserved))]
	}
	count := 1
	if d.random.IntN(10) == 0 {
		count = 2 + d.random.IntN(7)
	}
	drafts := make([]*draft, count)
	for at := range drafts {
		drafts[at] = d.draft(l)
		drafts[at].again = d.random.IntN(20) == 0
		if d.random.IntN(12) == 0 {
			drafts[at].file = picture(drafts[at].marker)
		}
		if l.channel == whatsApp && (!l.hasWritten() || d.random.IntN(8) == 0) {
			drafts[at].template, drafts[at].file = o.template, nil
		}
	}
	return func(ctx context.Context) {
		if l.push(drafts...) {
			d.drain(ctx, l)
		}
	}
}

// chooseInbound draws who writes: rarely one of those who say STOP and START.
func (d *Driver) chooseInbound(o *office) operation {
	if len(o.reserved) > 0 && d.random.IntN(15) == 0 {
		l, word := o.reserved[d.random.IntN(len(o.reserved))], []string{"STOP", "START"}[d.random.IntN(2)]
		return func(ctx context.Context) { d.write(ctx, l, word, nil) }
	}
	l := d.lane(o)
	if l == nil {
		return func(ctx context.Context) { d.read(ctx, o, 0) }
	}
	marker := d.marker()
	var attached *file
	if d.random.IntN(8) == 0 {
		attached = picture(marker)
	}
	return func(ctx context.Context) { d.write(ctx, l, marker, attached) }
}

// write lets a customer write. A word of command is sent as it is, without a marker.
func (d *Driver) write(ctx context.Context, l *lane, marker string, attached *file) {
	record := history.Record{
		Kind: history.Inbound, At: time.Now(), Workspace: l.office.workspace, Channel: l.channel, Customer: l.customer,
		Business: l.office.addresses[l.channel], Marker: marker, Files: attached.known(), Lane: l.name(),
	}
	body := map[string]any{"channel": l.channel, "from": l.customer, "to": record.Business, "body": marker}
	if strings.HasPrefix(marker, "m-") {
		body["body"] = marker + " When will it arrive?"
	} else {
		record.Name, record.Marker = marker, ""
	}
	if l.channel == email {
		body["subject"] = "A question"
	}
	if attached != nil {
		body["attachments"] = []any{attached.upload()}
	}
	got, err := d.sandbox.call(ctx, http.MethodPost, "/api/messages", body)
	var written struct{ ExternalID string }
	if err == nil {
		err = got.into(&written)
	}
	record.End, record.Status, record.ID = time.Now(), got.status, written.ExternalID
	record.Outcome = history.Accepted
	if err != nil {
		record.Outcome, record.Detail = history.Failed, shorten(err.Error())
	} else {
		l.wrote()
	}
	d.record.Add(record)
}

// update changes a conversation as a person would.
func (d *Driver) update(ctx context.Context, o *office, drawn int) {
	id := o.conversations.pick(drawn)
	if id == "" {
		d.read(ctx, o, drawn)
		return
	}
	change := []map[string]any{
		{"assignedTo": o.user},
		{"assignedTo": nil},
		{"status": "archived"},
		{"status": "active"},
		{"isStarred": true},
		{"isStarred": false},
		{"isUnread": false},
	}[drawn%7]
	record := history.Record{Kind: history.Update, At: time.Now(), Workspace: o.workspace, Conversation: id, Name: fmt.Sprint(change)}
	got, err := o.call(ctx, http.MethodPatch, "/api/conversations/"+url.PathEscape(id), change)
	record.End, record.Status, record.Outcome = time.Now(), got.status, outcomeOf(got)
	if err != nil {
		record.Detail = shorten(err.Error())
	}
	d.record.Add(record)
}

// read reads something as a person would, and notes whose messages it was shown.
func (d *Driver) read(ctx context.Context, o *office, drawn int) {
	message, conversation := o.messages.pick(drawn), o.conversations.pick(drawn)
	path := []string{
		"/api/conversations?limit=50", "/api/conversations?limit=50&q=m-" + strconv.FormatUint(d.cfg.Seed, 10), "/api/messages/" + message,
		"/api/conversations/" + conversation + "/messages?limit=50", "/api/messages/" + message + "/journey",
	}[drawn%5]
	if message == "" || conversation == "" {
		path = "/api/conversations?limit=50"
	}
	record := history.Record{Kind: history.Read, At: time.Now(), Workspace: o.workspace, Name: path}
	got, err := o.call(ctx, http.MethodGet, path, nil)
	record.End, record.Status, record.Outcome = time.Now(), got.status, outcomeOf(got)
	record.Markers = markersIn(d.pattern, got.body)
	if err != nil {
		record.Detail = shorten(err.Error())
	}
	d.record.Add(record)
}
