package api

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// maxInline bounds the files that come with a request together.
const maxInline = 8 << 20

// validate checks what can be told from the request alone, beyond what its schema says.
func validate(body Communication) error {
	for _, check := range []func(Communication) error{validateContent, validateTarget, validateEmail, validateCall, validateFiles} {
		if err := check(body); err != nil {
			return err
		}
	}
	return nil
}

// validateContent wants something to be sent.
func validateContent(body Communication) error {
	switch {
	case body.Template != nil && strings.TrimSpace(body.Body) != "":
		return invalid("body", "is left out with a template, which makes the text")
	case body.Template != nil && len(body.Attachments) > 0:
		return invalid("attachments", "are left out with a template")
	case body.Template == nil && channel.Kind(body.Channel) != channel.Call && len(body.Attachments) == 0 && strings.TrimSpace(body.Body) == "":
		return invalid("body", "is empty")
	case strings.ContainsRune(body.Body, 0):
		return invalid("body", "holds a zero character")
	case strings.ContainsRune(body.HTML, 0):
		return invalid("html", "holds a zero character")
	default:
		return nil
	}
}

func validateTarget(body Communication) error {
	if body.To == "" && body.ConversationID == "" {
		return invalid("to", "is required, unless conversationId is given")
	}
	if body.ConversationID != "" && !isID(body.ConversationID) {
		return notFound().at("body.conversationId", "names no conversation")
	}
	return nil
}

// validateEmail checks what only e-mail has.
func validateEmail(body Communication) error {
	const only = "is for e-mail only"
	isEmail := channel.Kind(body.Channel) == channel.Email
	switch {
	case isEmail && strings.ContainsFunc(body.Subject, unicode.IsControl):
		return invalid("subject", "must be one line of text") // a line break would end the header and begin another one
	case isEmail:
		return nil
	case body.Subject != "":
		return invalid("subject", only)
	case body.HTML != "":
		return invalid("html", only)
	case len(body.Cc) > 0:
		return invalid("cc", only)
	case len(body.Bcc) > 0:
		return invalid("bcc", only)
	default:
		return nil
	}
}

// validateCall checks what only a call has, and what it has not.
func validateCall(body Communication) error {
	isCall := channel.Kind(body.Channel) == channel.Call
	switch {
	case !isCall && body.AgentID != "":
		return invalid("agentId", "is for calls only")
	case isCall && len(body.Attachments) > 0:
		return invalid("attachments", "cannot be sent in a call")
	case isCall && body.Template != nil:
		return invalid("template", "cannot be sent in a call")
	default:
		return nil
	}
}

// validateFiles wants each file by its id or with its content, and each Content-ID once.
func validateFiles(body Communication) error {
	inline, contentIDs := 0, map[string]bool{}
	for i, each := range body.Attachments {
		field := "attachments[" + strconv.Itoa(i) + "]"
		hasContent := len(each.Content) > 0
		switch {
		case each.ID == "" && !hasContent:
			return invalid(field, "needs the id of an uploaded file, or content")
		case each.ID != "" && (hasContent || each.Filename != "" || each.ContentType != ""):
			return invalid(field, "has an id and describes the file too")
		case each.ID != "" && !isID(each.ID):
			return unknownFile(i)
		case each.ContentID != "" && channel.Kind(body.Channel) != channel.Email:
			return invalid(field+".contentId", "is for e-mail only")
		case contentIDs[each.ContentID]:
			return invalid(field+".contentId", "is there twice")
		}
		contentIDs[each.ContentID] = each.ContentID != ""
		inline += len(each.Content)
	}
	if inline > maxInline {
		return invalid("attachments", "have more than 8 MB in the request; upload large files first, and send their ids")
	}
	return nil
}

func unknownFile(at int) *Problem {
	return notFound().at("body.attachments["+strconv.Itoa(at)+"].id", "names no file")
}
