package twilio

import (
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// window is how long after a customer's last message WhatsApp takes free-form answers.
const window = 24 * time.Hour

const (
	maxBody      = 1600
	maxFiles     = 10
	maxPicture   = 5 << 20
	maxOtherFile = 500 << 10
	maxChatFile  = 16 << 20
)

// limits is what is taken on each channel. Of a text's files only pictures may be large.
func limits() map[channel.Kind]channel.Limits {
	return map[channel.Kind]channel.Limits{
		channel.SMS: {
			MaxBody: maxBody, MaxFiles: maxFiles, MaxFileBytes: maxPicture, MaxTotalBytes: maxPicture, MaxRecipients: 1,
			FileTypes: []string{
				"image/", "audio/", "video/", "text/vcard", "text/x-vcard", "text/csv", "text/rtf", "text/calendar", "application/pdf",
			},
			MaxTypeBytes: map[string]int64{"audio/": maxOtherFile, "video/": maxOtherFile, "text/": maxOtherFile, "application/": maxOtherFile},
		},
		channel.WhatsApp: {
			MaxBody: maxBody, MaxFiles: 1, MaxFileBytes: maxChatFile, MaxTotalBytes: maxChatFile, MaxRecipients: 1,
			FileTypes: []string{
				"image/jpeg", "image/png", "image/webp", "audio/", "video/mp4", "application/pdf", "text/vcard",
				"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
				"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
				"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
				"application/vnd.openxmlformats-officedocument.presentationml.presentation",
			},
		},
	}
}
