package meta

import "github.com/galaxyco-ai/conversations/pkg/channel"

const (
	maxBody     = 4096
	maxCaption  = 1024
	maxPicture  = 5 << 20
	maxSound    = 16 << 20
	maxDocument = 100 << 20
	maxSticker  = 100 << 10
)

func limits() channel.Limits {
	return channel.Limits{
		MaxBody: maxBody, MaxFiles: 1, MaxFileBytes: maxDocument, MaxTotalBytes: maxDocument, MaxRecipients: 1,
		FileTypes: []string{
			"image/jpeg", "image/png", "image/webp", "video/mp4", "video/3gpp",
			"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg",
			"application/pdf", "text/plain", "text/csv", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			"application/vnd.openxmlformats-officedocument.presentationml.presentation",
		},
		MaxTypeBytes: map[string]int64{
			"image/jpeg": maxPicture, "image/png": maxPicture, "image/webp": maxSticker, "video/": maxSound, "audio/": maxSound,
		},
	}
}
