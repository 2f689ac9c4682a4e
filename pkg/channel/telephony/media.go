package telephony

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// MaxMedia bounds the files of one message; the providers allow at most ten.
const MaxMedia = 32

// MediaOf are the files that the fields of a webhook name.
func MediaOf(fields map[string]string) []channel.Media {
	var files []channel.Media
	for i := range MaxMedia {
		n := strconv.Itoa(i)
		if at := fields["MediaUrl"+n]; at != "" {
			files = append(files, channel.Media{URL: at, ContentType: fields["MediaContentType"+n]})
		}
	}
	return files
}

// ListedMedia are the files that the list of them at a place tells of. An answer that cannot be read tells of none.
func ListedMedia(answer channel.Answer, place *url.URL) []channel.Media {
	var read struct {
		Files []struct {
			SID         string `json:"sid"`
			ContentType string `json:"content_type"`
		} `json:"media_list"`
	}
	if !answer.OK() || !channel.Readable(answer.Body, &read) {
		return nil
	}
	var files []channel.Media
	for _, file := range read.Files[:min(len(read.Files), MaxMedia)] {
		at := place.JoinPath(url.PathEscape(file.SID))
		files = append(files, channel.Media{URL: at.String(), ContentType: file.ContentType})
	}
	return files
}

// IsOfAccount tells whether a file is at the place of the account, which alone may be shown its credential.
func IsOfAccount(file, account *url.URL) bool {
	sameHost := strings.EqualFold(file.Host, account.Host) && file.Scheme == account.Scheme
	return sameHost && strings.HasPrefix(file.Path, strings.TrimSuffix(account.Path, "/")+"/")
}

// NoAddress refuses a file that the provider could not fetch.
func (v Vendor) NoAddress(file channel.File) *channel.Error {
	return &channel.Error{
		Class: channel.Permanent, Code: channel.CodeFileUnavailable,
		Message: "The file " + strconv.Quote(file.Filename) + " has no public address from which " + v.Title + " could fetch it.",
	}
}
