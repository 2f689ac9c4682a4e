package postmark

import (
	"net/http"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// wireDomain ends the Message-ID of every mail; before it stands the provider's id.
const wireDomain = "@mtasv.net"

const maxPage = 500

// mail is a mail as the provider keeps it.
type mail struct {
	sendRequest
	id      string
	created time.Time
	history []historyEntry
}

// historyEntry is what became of a mail to one of its recipients.
type historyEntry struct {
	happening

	recipient string
	at        time.Time
}

// bounce is a mail that came back, or was reported, as its webhook tells it.
type bounce struct {
	at     time.Time
	fields map[string]any
}

func (m mail) size() int {
	size := 1024 + len(m.HTMLBody) + len(m.TextBody) + len(m.Subject)
	for _, file := range m.files {
		size += len(file.Content)
	}
	return size
}

func (a *API) send(call provider.Call) provider.Answer {
	request, answer, ok := readRequest(call.Content)
	if !ok {
		answer.To = request.To
		return answer
	}
	if a.allSuppressed(request) {
		answer = fail(codeInactive)
		answer.To = request.To
		return answer
	}
	sent := a.accept(request)
	answer = provider.JSON(http.StatusOK, map[string]any{
		"To": sent.To, "SubmittedAt": formatTime(sent.created), "MessageID": sent.id, "ErrorCode": 0, "Message": "OK",
	})
	answer.MessageID, answer.To = sent.id, sent.To
	return answer
}

func (a *API) allSuppressed(request sendRequest) bool {
	return !slices.ContainsFunc(request.recipients, func(recipient *netmail.Address) bool {
		_, suppressed := a.suppressions.Find(plain(recipient))
		return !suppressed
	})
}

// accept keeps the mail, gives it to its recipients and schedules its events.
func (a *API) accept(request sendRequest) mail {
	sent := mail{sendRequest: request, id: uuid.NewString(), created: world.Now()}
	a.sent.Add(sent.id, sent, sent.size())
	for i, recipient := range sent.recipients {
		address := plain(recipient)
		if _, suppressed := a.suppressions.Find(address); suppressed {
			continue // of several recipients those are left out in silence
		}
		if mailbox.FateOf(address).Arrives() {
			a.world.Add(sent.arrived(recipient, i))
		}
		a.callbacks.Deliver(a.events(sent, address)...)
	}
	return sent
}

// arrived is the mail in the box of one of its recipients. The first one's item has the id of the mail.
func (m mail) arrived(recipient *netmail.Address, index int) world.Message {
	id, body := m.id, m.TextBody
	if index > 0 {
		id = uuid.NewString()
	}
	if body == "" {
		body = m.HTMLBody
	}
	return world.Message{
		ID: id, ExternalID: m.id, Provider: Name, Channel: world.Email,
		Customer: plain(recipient), Business: plain(m.from), From: m.From, To: m.To, Cc: m.Cc,
		MessageID: "<" + m.id + wireDomain + ">", InReplyTo: m.header("In-Reply-To"),
		References: strings.Fields(m.header("References")),
		Automatic:  m.header("Auto-Submitted") != "" && m.header("Auto-Submitted") != "no",
		Subject:    m.Subject, Body: body, HTML: m.HTMLBody, ReplyTo: m.ReplyTo, Files: m.files, At: m.created,
	}
}

// search lists the mails that the query asks for, the newest first.
func (a *API) search(call provider.Call) provider.Answer {
	count, offset, refused := pageOf(call)
	if refused != nil {
		return *refused
	}
	query := call.URL.Query()
	found := a.sent.Newest(maxRecords, func(m mail) bool { return m.matches(query) })
	listed := []map[string]any{}
	for _, m := range found[min(offset, len(found)):min(offset+count, len(found))] {
		listed = append(listed, m.entry())
	}
	return provider.JSON(http.StatusOK, map[string]any{"TotalCount": len(found), "Messages": listed})
}

// matches compares what the sandbox knows how to filter by; another filter is ignored.
func (m mail) matches(query map[string][]string) bool {
	for name, values := range query {
		wanted, is := values[0], true
		if key, metadata := strings.CutPrefix(name, "metadata_"); metadata {
			is = m.Metadata[key] == wanted
		}
		switch name {
		case "recipient":
			is = strings.Contains(strings.Join(m.addresses(), " "), strings.ToLower(wanted))
		case "fromemail":
			is = plain(m.from) == strings.ToLower(wanted)
		case "messagestream":
			is = wanted == stream
		}
		if !is {
			return false
		}
	}
	return true
}

func (m mail) addresses() []string {
	addresses := make([]string, 0, len(m.recipients))
	for _, recipient := range m.recipients {
		addresses = append(addresses, plain(recipient))
	}
	return addresses
}

func (m mail) entry() map[string]any {
	to := []map[string]string{}
	for _, recipient := range m.recipients {
		to = append(to, map[string]string{"Email": recipient.Address, "Name": recipient.Name})
	}
	return map[string]any{
		"MessageID": m.id, "MessageStream": stream, "To": to, "Cc": []any{}, "Bcc": []any{}, "Recipients": m.addresses(),
		"ReceivedAt": formatTime(m.created), "From": m.From, "Subject": m.Subject, "Tag": m.Tag, "Attachments": []any{},
		"Status": "Sent", "TrackOpens": false, "TrackLinks": "None", "Metadata": m.metadata(), "Sandboxed": false,
	}
}

func (m mail) metadata() map[string]string {
	if m.Metadata == nil {
		return map[string]string{}
	}
	return m.Metadata
}

// show tells one mail with what became of it.
func (a *API) show(call provider.Call) provider.Answer {
	found, ok := a.sent.Get(call.PathValue("id"))
	if !ok {
		return refuse(codeInvalid, "This message was not found.")
	}
	events, now := []any{}, time.Now()
	for _, one := range found.history {
		if one.at.After(now) {
			continue
		}
		word := map[string]string{
			recordDelivery: "Delivered", recordOpen: "Opened", recordClick: "LinkClicked", recordBounce: "Bounced",
		}[one.record]
		if one.kind == typeTransient {
			word = typeTransient
		}
		if word == "" {
			continue // complaints are not among them
		}
		events = append(events, map[string]any{
			"Recipient": one.recipient, "Type": word, "ReceivedAt": formatTime(one.at), "Details": map[string]any{"Summary": one.kind},
		})
	}
	entry := found.entry()
	entry["TextBody"], entry["HtmlBody"], entry["MessageEvents"] = found.TextBody, found.HTMLBody, events
	return provider.JSON(http.StatusOK, entry)
}

// listBounces lists what came back or was reported, the newest first.
func (a *API) listBounces(call provider.Call) provider.Answer {
	count, offset, refused := pageOf(call)
	if refused != nil {
		return *refused
	}
	now := time.Now()
	found := a.bounces.Newest(maxRecords, func(b bounce) bool { return !b.at.After(now) })
	listed := []map[string]any{}
	for _, one := range found[min(offset, len(found)):min(offset+count, len(found))] {
		listed = append(listed, one.fields)
	}
	return provider.JSON(http.StatusOK, map[string]any{"TotalCount": len(found), "Bounces": listed})
}
