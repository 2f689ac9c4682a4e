package api

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// The list is what everybody asks for, again and again. Its answer is read from the wire straight into the shape of the
// API: the message between the two cost more than both. What toConversation makes of the same bytes is the same.

// writePage writes a ListConversationsResponse as a ConversationPage in JSON.
func (b *buffers) writePage(data []byte) (ConversationPage, error) {
	const items, nextCursor = 1, 2
	var (
		one        Conversation
		cursor     string
		isFollowed bool
	)
	buffer := b.take()
	text := (*buffer)[:0]
	text = append(text, `{"items":[`...)
	err := newWire(data).each(func(number int, _ uint64, value wire) error {
		switch number {
		case items:
			one = Conversation{Labels: one.Labels[:0], Tags: one.Tags[:0]}
			if err := one.read(value); err != nil {
				return err
			}
			if isFollowed {
				text = append(text, ',')
			}
			isFollowed, text = true, one.appendJSON(text)
		case nextCursor:
			cursor = value.text
		}
		return nil
	})
	*buffer = append(appendOptional(append(text, ']'), `,"nextCursor":`, cursor), '}', '\n')
	if err != nil {
		b.putBack(buffer)
		return ConversationPage{}, fmt.Errorf("reading a page of conversations: %w", err)
	}
	return ConversationPage{written: buffer}, nil
}

// read fills an empty conversation. Words are appended to what room there is.
func (c *Conversation) read(from wire) error {
	epoch := time.Unix(0, 0).UTC()
	c.LastMessageAt, c.CreatedAt, c.UpdatedAt = epoch, epoch, epoch
	err := from.each(func(number int, flag uint64, value wire) error {
		if text := c.textAt(number); text != nil {
			*text = value.text
			return nil
		}
		switch number {
		case 9:
			c.IsUnread = flag != 0
		case 10:
			c.IsStarred = flag != 0
		case 12:
			c.Labels = append(c.Labels, value.text)
		case 13:
			c.Tags = append(c.Tags, value.text)
		case 23:
			c.HasWindow = flag != 0
		default:
			return c.readPart(number, value)
		}
		return nil
	})
	if c.Labels == nil {
		c.Labels = []string{}
	}
	if c.Tags == nil {
		c.Tags = []string{}
	}
	return err
}

// textAt is the text that has the number in the message; nil for what is no text, or not told.
func (c *Conversation) textAt(number int) *string {
	switch number {
	case 1:
		return &c.ID
	case 3:
		return &c.Channel
	case 5:
		return &c.Status
	case 6:
		return &c.Subject
	case 7:
		return &c.Snippet
	case 11:
		return &c.AssignedTo
	case 18:
		return &c.LastDirection
	case 19:
		return &c.LastStatus
	case 22:
		return &c.LinkedConversationID
	default:
		return nil
	}
}

// readPart reads what is a message in the message.
func (c *Conversation) readPart(number int, value wire) (err error) {
	switch number {
	case 8:
		err = c.Contact.read(value)
	case 14:
		c.LastMessageAt, err = value.time()
	case 15:
		c.SnoozedUntil, err = value.optionalTime()
	case 16:
		c.CreatedAt, err = value.time()
	case 17:
		c.UpdatedAt, err = value.time()
	case 20:
		consent := &eventv1.Consent{}
		err = proto.Unmarshal(value.data, consent)
		c.Consent = toOptionalConsent(consent)
	case 21:
		c.WindowExpiresAt, err = value.optionalTime()
	}
	return err
}

func (c *Contact) read(from wire) error {
	return from.each(func(number int, _ uint64, value wire) error {
		switch number {
		case 1:
			c.ID = value.text
		case 2:
			c.Name = value.text
		case 3:
			c.Address = value.text
		}
		return nil
	})
}

// wire is a message as it came, and the same bytes as text, so that no text of it is copied for itself.
type wire struct {
	data []byte
	text string
}

func newWire(data []byte) wire { return wire{data: data, text: string(data)} }

func (w wire) slice(from, to int) wire { return wire{data: w.data[from:to], text: w.text[from:to]} }

// each visits the fields in their order: a number has a value, everything else of interest a part of the wire.
func (w wire) each(visit func(number int, value uint64, part wire) error) error {
	for len(w.data) > 0 {
		number, kind, n := protowire.ConsumeTag(w.data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		w = w.slice(n, len(w.data))
		var value uint64
		var part []byte
		switch kind { //nolint:exhaustive // nothing of interest has another
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(w.data)
		case protowire.BytesType:
			part, n = protowire.ConsumeBytes(w.data)
		default:
			n = protowire.ConsumeFieldValue(number, kind, w.data)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := visit(int(number), value, w.slice(n-len(part), n)); err != nil {
			return err
		}
		w = w.slice(n, len(w.data))
	}
	return nil
}

// time reads a Timestamp.
func (w wire) time() (time.Time, error) {
	var seconds, nanos int64
	err := w.each(func(number int, value uint64, _ wire) error {
		switch number {
		case 1:
			seconds = int64(value) //nolint:gosec // the bits are those of a signed number
		case 2:
			nanos = int64(value) //nolint:gosec // the bits are those of a signed number
		}
		return nil
	})
	return time.Unix(seconds, nanos).UTC(), err
}

func (w wire) optionalTime() (*time.Time, error) {
	at, err := w.time()
	return &at, err
}
