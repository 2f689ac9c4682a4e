package postmark

import (
	"encoding/base64"
	"net/http"
	netmail "net/mail"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Write lets a customer write a mail to one of our addresses. It returns a *world.InputError naming what is wrong.
func (a *API) Write(draft world.Draft) (world.Message, error) {
	letter, err := mailbox.Write(Name, draft)
	if err != nil {
		return world.Message{}, err //nolint:wrapcheck // it names the field
	}
	a.received.Add(letter.ID, letter, sizeOf(letter))
	a.world.Add(letter.Message)
	posted := a.callback("Inbound", payload(letter, true), letter.At)
	posted.Ended = func(err error) {
		if err != nil {
			a.world.SetState(letter.ID, world.Lost, err.Error())
			return
		}
		a.world.SetState(letter.ID, world.Taken, "")
	}
	a.callbacks.Deliver(posted)
	return letter.Message, nil
}

func sizeOf(letter mailbox.Letter) int {
	size := 2048 + len(letter.Body) + len(letter.HTML)
	for _, file := range letter.Files {
		size += len(file.Content)
	}
	return size
}

// payload is the mail whole: body, headers and all. Only the webhook has the content of the files.
func payload(letter mailbox.Letter, withFiles bool) map[string]any {
	from, to := letter.Sender, letter.Recipient
	hash := hashOf(to)
	headers := []header{}
	for _, field := range letter.Headers() {
		if field[0] != "Date" {
			headers = append(headers, header{field[0], field[1]})
		}
	}
	reply := ""
	if letter.Reply != letter.Body {
		reply = letter.Reply
	}
	return map[string]any{
		"From": from.Address, "FromName": from.Name, "FromFull": fullAddress(from, ""), "MessageStream": "inbound",
		"To": to.String(), "ToFull": []any{fullAddress(to, hash)}, "Cc": letter.Cc, "CcFull": fullAddresses(letter.Copies),
		"Bcc": "", "BccFull": []any{}, "OriginalRecipient": to.Address, "MailboxHash": hash, "ReplyTo": "", "Tag": "",
		"Subject": letter.Subject, "MessageID": letter.ID, "Date": letter.At.Format("Mon, 2 Jan 2006 15:04:05 -0700"),
		"TextBody": letter.Body, "HtmlBody": letter.HTML, "StrippedTextReply": reply, "Headers": headers,
		"Attachments": attachments(letter.Files, withFiles),
	}
}

func hashOf(address *netmail.Address) string {
	local, _, _ := strings.Cut(address.Address, "@")
	_, hash, _ := strings.Cut(local, "+")
	return hash
}

func fullAddress(of *netmail.Address, hash string) map[string]string {
	return map[string]string{"Email": of.Address, "Name": of.Name, "MailboxHash": hash}
}

func fullAddresses(list []*netmail.Address) []any {
	full := []any{}
	for _, one := range list {
		full = append(full, fullAddress(one, hashOf(one)))
	}
	return full
}

func attachments(files []world.File, whole bool) []any {
	listed := []any{}
	for _, file := range files {
		one := map[string]any{
			"Name": file.Filename, "ContentType": file.ContentType, "ContentLength": len(file.Content), "ContentID": file.ContentID,
		}
		if whole {
			one["Content"] = base64.StdEncoding.EncodeToString(file.Content)
		}
		listed = append(listed, one)
	}
	return listed
}

// listInbound lists the mails that were received, the newest first.
func (a *API) listInbound(call provider.Call) provider.Answer {
	count, offset, refused := pageOf(call)
	if refused != nil {
		return *refused
	}
	found := a.received.Newest(maxRecords, func(mailbox.Letter) bool { return true })
	listed := []map[string]any{}
	for _, letter := range found[min(offset, len(found)):min(offset+count, len(found))] {
		entry := payload(letter, false)
		for _, left := range []string{"TextBody", "HtmlBody", "StrippedTextReply", "Headers"} {
			delete(entry, left)
		}
		entry["Status"] = "Processed"
		listed = append(listed, entry)
	}
	return provider.JSON(http.StatusOK, map[string]any{"TotalCount": len(found), "InboundMessages": listed})
}

func (a *API) showInbound(call provider.Call) provider.Answer {
	letter, ok := a.received.Get(call.PathValue("id"))
	if !ok {
		return refuse(codeInvalid, "This message was not found.")
	}
	entry := payload(letter, false)
	entry["Status"] = "Processed"
	return provider.JSON(http.StatusOK, entry)
}

// pageOf reads which part of a list is asked for; refused is the answer to one that does not say so.
func pageOf(call provider.Call) (count, offset int, refused *provider.Answer) {
	query := call.URL.Query()
	count, err := strconv.Atoi(query.Get("count"))
	offset, offsetErr := strconv.Atoi(query.Get("offset"))
	if err != nil || offsetErr != nil || count < 1 || count > maxPage || offset < 0 {
		answer := refuse(codeInvalid, "'count' is a number from 1 to 500 and 'offset' one from 0; both are required.")
		return 0, 0, &answer
	}
	return count, offset, nil
}
