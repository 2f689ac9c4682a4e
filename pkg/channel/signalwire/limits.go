package signalwire

import (
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// window is how long after a customer's last message WhatsApp takes free-form answers.
const window = 24 * time.Hour

const (
	maxBody     = 1600
	maxFiles    = 8
	maxFile     = 5 << 20
	maxChatFile = 16 << 20
)

// limits is what is taken on each channel.
func limits() map[channel.Kind]channel.Limits {
	return map[channel.Kind]channel.Limits{
		channel.SMS: {
			MaxBody: maxBody, MaxFiles: maxFiles, MaxFileBytes: maxFile, MaxTotalBytes: maxFile, MaxRecipients: 1,
			FileTypes: []string{
				"image/", "audio/", "video/", "text/vcard", "text/x-vcard", "text/csv", "text/rtf", "text/calendar", "application/pdf",
			},
		},
		channel.WhatsApp: {
			MaxBody: 4096, MaxFiles: 1, MaxFileBytes: maxChatFile, MaxTotalBytes: maxChatFile, MaxRecipients: 1,
			FileTypes: []string{
				"image/jpeg", "image/png", "audio/", "video/mp4", "video/3gpp", "application/pdf", "text/plain",
				"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
				"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
				"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
				"application/vnd.openxmlformats-officedocument.presentationml.presentation",
			},
		},
	}
}
