// Package conversation derives the ids that make two first messages meet in one conversation.
package conversation

import (
	"encoding/base32"
	"strings"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// DeriveID is the id of the conversation with a peer on a channel account: the same for whoever asks first
// (UUIDv5, RFC 9562, with the workspace as name space). peer is a normalised address.
func DeriveID(ws workspace.ID, kind channel.Kind, channelAccountID, peer string) string {
	return derive(ws, "conversation", string(kind), channelAccountID, peer)
}

// DeriveMessageID is the id of an inbound message: the same webhook twice is the same message.
func DeriveMessageID(ws workspace.ID, channelAccountID, externalID string) string {
	return derive(ws, "message", channelAccountID, externalID)
}

// DeriveContactID is the id of the person behind an address of a workspace.
func DeriveContactID(ws workspace.ID, kind channel.Kind, address string) string {
	return derive(ws, "contact", string(kind), address)
}

func derive(ws workspace.ID, parts ...string) string {
	return uuid.NewSHA1(ws.UUID(), []byte(strings.Join(parts, "\x00"))).String()
}

// replyEncoding is base32hex: letters and digits only, so that it survives in the local part of an address whatever
// a mail program does to its case.
func replyEncoding() *base32.Encoding { return base32.HexEncoding.WithPadding(base32.NoPadding) }

// ReplyAddress is address with the conversation's reply token: local+token@domain. It returns address unchanged when
// it is not an addr-spec or the id is not a UUID.
func ReplyAddress(address, conversationID string) string {
	local, domain, ok := strings.Cut(address, "@")
	id, err := uuid.Parse(conversationID)
	if !ok || err != nil {
		return address
	}
	return local + "+" + strings.ToLower(replyEncoding().EncodeToString(id[:])) + "@" + domain
}

// ParseReplyAddress takes an address apart into the address without its token and the conversation the token names;
// conversationID is empty when there is no token.
func ParseReplyAddress(address string) (plain, conversationID string) {
	local, domain, ok := strings.Cut(address, "@")
	plus := strings.LastIndexByte(local, '+')
	if !ok || plus < 0 {
		return address, ""
	}
	raw, err := replyEncoding().DecodeString(strings.ToUpper(local[plus+1:]))
	if err != nil {
		return address, ""
	}
	id, err := uuid.FromBytes(raw)
	if err != nil {
		return address, ""
	}
	return local[:plus] + "@" + domain, id.String()
}
