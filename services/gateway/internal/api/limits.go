package api

import (
	"net/http"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/file"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/route"
)

// maxSMS is the longest text message carriers take, in characters.
const maxSMS = 1600

// describe is what is known of the provider of a route: nothing when this build has no such provider.
func (a *API) describe(r route.Route) channel.Description {
	return a.deps.Providers.Description(r.Provider)
}

// channelLimits is what a channel takes of one message.
type channelLimits struct {
	channel.Limits

	kind channel.Kind
}

// limitsOf is what the provider of a route takes of one message.
func (a *API) limitsOf(r route.Route) channelLimits {
	limits := a.describe(r).Limits[r.Kind]
	if r.Kind == channel.SMS && limits.MaxBody == 0 {
		limits.MaxBody = maxSMS
	}
	return channelLimits{Limits: limits, kind: r.Kind}
}

// uploadLimits are those of the workspace's default account on the channel; without a channel there are none.
func (a *API) uploadLimits(ws workspace.ID, kind channel.Kind) (channelLimits, error) {
	if kind == "" {
		return channelLimits{}, nil
	}
	account, ok := a.deps.Routes.Default(ws, kind)
	if !ok {
		return channelLimits{}, notConfiguredAt("query.channel", kind)
	}
	return a.limitsOf(account), nil
}

// checkFiles is nil when the channel takes the files.
func (l channelLimits) checkFiles(files []channel.File) *Problem {
	return l.refusal(l.CheckFiles(files))
}

// checkText is nil when the channel takes the text and the number of recipients.
func (l channelLimits) checkText(body string, recipients int) *Problem {
	if problem := l.refusal(l.CheckText(body, 0)); problem != nil {
		return problem.as(CodeInvalidRequest).at("body.body", problem.Detail)
	}
	if problem := l.refusal(l.CheckText("", recipients)); problem != nil {
		return problem.as(CodeInvalidRequest).at("body.cc", problem.Detail)
	}
	return nil
}

// maxBytes is the size a file of the type may have.
func (l channelLimits) maxBytes(contentType string, most int64) int64 {
	bound := l.MaxBytes(contentType)
	if l.MaxTotalBytes > 0 && (bound == 0 || l.MaxTotalBytes < bound) {
		bound = l.MaxTotalBytes
	}
	if bound > 0 && bound < most {
		return bound
	}
	return most
}

// tooLarge says that a file which was not read to its end is larger than it may be.
func (l channelLimits) tooLarge(upload file.Upload, most int64) *Problem {
	bound := l.maxBytes(upload.ContentType, most)
	if bound == most {
		return NewProblem(http.StatusRequestEntityTooLarge, CodeTooLarge, "A file may have 100 MB.").at("body.file", "is too large")
	}
	failure := channel.NewFailure(channel.CodeFileRefused, "",
		"A file of this type may have "+channel.SizeText(bound)+" on this channel.")
	problem := l.refusal(failure)
	return problem.at("body.file", problem.Detail)
}

// refusal says what the channel does not take, with the name of the channel.
func (l channelLimits) refusal(failure *channel.Failure) *Problem {
	if failure == nil {
		return nil
	}
	detail := strings.Replace(failure.Message, "on this channel", placeOf(l.kind), 1)
	problem := NewProblem(http.StatusUnprocessableEntity, failure.Code, detail)
	problem.Remedy = failure.Remedy
	return problem
}

// placeOf is where a message of a channel is, for a sentence.
func placeOf(kind channel.Kind) string {
	switch kind {
	case channel.Email:
		return "by e-mail"
	case channel.SMS:
		return "in a text message"
	case channel.WhatsApp:
		return "on WhatsApp"
	case channel.Call:
		return "in a call"
	case channel.Social, channel.LiveChat:
		return "on this channel"
	default:
		return "on this channel"
	}
}
