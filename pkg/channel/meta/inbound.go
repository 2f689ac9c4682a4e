package meta

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// message is a message from a customer: one of the parts is set, by its type.
type message struct {
	ID      string         `json:"id"`
	Phone   channel.Scalar `json:"from"`
	Scoped  channel.Scalar `json:"from_user_id"`
	At      channel.Scalar `json:"timestamp"`
	Type    string         `json:"type"`
	Context struct {
		ID string `json:"id"`
	} `json:"context"`
	Errors []problem `json:"errors"`

	Text struct {
		Body string `json:"body"`
	} `json:"text"`
	Image       *file        `json:"image"`
	Video       *file        `json:"video"`
	Audio       *file        `json:"audio"`
	Voice       *file        `json:"voice"`
	Document    *file        `json:"document"`
	Sticker     *file        `json:"sticker"`
	Reaction    *reaction    `json:"reaction"`
	Button      *button      `json:"button"`
	Interactive *interactive `json:"interactive"`
	Location    *location    `json:"location"`
	Cards       []card       `json:"contacts"`
	Order       *order       `json:"order"`
	System      *system      `json:"system"`
}

type file struct {
	ID          channel.Scalar `json:"id"`
	ContentType string         `json:"mime_type"`
	Caption     string         `json:"caption"`
	Filename    string         `json:"filename"`
}

// inbound reads a message. What cannot be read names no message, so that it is kept apart and the others go on.
func inboundOf(from source, raw json.RawMessage) channel.Inbound {
	var told message
	if json.Unmarshal(raw, &told) != nil {
		return channel.Inbound{Kind: channel.WhatsApp, Part: partOf(from, contact{}, raw)}
	}
	who := from.value.contactOf(told)
	addresses := addressesOf(cmp.Or(told.Phone, who.Phone), cmp.Or(told.Scoped, who.Scoped))
	if len(addresses) == 0 {
		return channel.Inbound{Kind: channel.WhatsApp, Part: partOf(from, who, raw)}
	}
	inbound := channel.Inbound{
		Kind: channel.WhatsApp, ExternalID: told.ID, Account: from.account,
		From: addresses[0], FromName: cmp.Or(who.Profile.Name, who.Profile.Username), To: []string{from.number()},
		Body: told.body(), ReplyToExternalID: told.Context.ID, OccurredAt: timeOf(told.At, from.at),
		Automatic: told.System != nil, Part: partOf(from, who, raw),
	}
	if len(addresses) > 1 {
		inbound.Aliases = addresses[1:]
	}
	if told.Reaction != nil {
		inbound.ReplyToExternalID = told.Reaction.MessageID
	}
	for _, one := range told.files() {
		inbound.Media = append(inbound.Media, channel.Media{
			URL: mediaPlace + string(one.ID), ContentType: one.ContentType, Filename: one.Filename,
		})
	}
	return inbound
}

// contactOf is who wrote a message: the contact of its number or id, or the only one there is.
func (v value) contactOf(told message) contact {
	at := slices.IndexFunc(v.Contacts, func(c contact) bool {
		return told.Scoped != "" && c.Scoped == told.Scoped || told.Phone != "" && c.Phone == told.Phone
	})
	switch {
	case at >= 0:
		return v.Contacts[at]
	case len(v.Contacts) == 1:
		return v.Contacts[0]
	default:
		return contact{}
	}
}

// partOf is the share of a webhook that tells of one message: nobody else's news is in it.
func partOf(from source, who contact, raw json.RawMessage) []byte {
	part, err := json.Marshal(map[string]any{
		"metadata": from.value.Metadata, "contacts": []contact{who}, "messages": []json.RawMessage{raw},
	})
	if err != nil {
		return raw
	}
	return part
}

// files are the files of a message; one that has no id cannot be had.
func (m message) files() []file {
	var files []file
	for _, one := range []*file{m.Image, m.Video, m.Audio, m.Voice, m.Document, m.Sticker} {
		if one != nil && isID(string(one.ID)) {
			files = append(files, *one)
		}
	}
	return files
}
