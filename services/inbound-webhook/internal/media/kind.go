package media

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
)

// errTypeRefused is returned for a file of a type we do not take.
var errTypeRefused = errors.New("the type is not taken")

// taken lists the types of files we take from strangers: pictures, sound, video and documents. Not among them is
// whatever a browser would run, such as HTML and SVG.
func taken() []string {
	return []string{
		"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/heif", "image/bmp", "image/tiff",
		"audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/ogg", "audio/wav", "audio/x-wav", "audio/webm",
		"audio/3gpp", "audio/3gpp2", "audio/x-m4a", "audio/opus",
		"video/mp4", "video/mpeg", "video/quicktime", "video/webm", "video/3gpp", "video/3gpp2", "video/h264",
		"application/pdf", "application/rtf", "application/zip", "application/json", "application/ics",
		"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
		"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet",
		"application/vnd.oasis.opendocument.presentation", "message/rfc822",
		"text/plain", "text/csv", "text/calendar", "text/vcard", "text/x-vcard", "text/rtf", "text/markdown",
	}
}

// commonName is the registered name of a type that phones and mail programs like to call otherwise.
func commonName(contentType string) string {
	common := map[string]string{
		"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "audio/mp3": "audio/mpeg",
		"audio/x-mp3": "audio/mpeg", "audio/m4a": "audio/x-m4a", "video/x-m4v": "video/mp4", "text/x-markdown": "text/markdown",
		"application/x-pdf": "application/pdf", "application/x-zip-compressed": "application/zip", "application/x-zip": "application/zip",
	}
	if name, ok := common[contentType]; ok {
		return name
	}
	return contentType
}

// kindOf decides the type of a file from what the provider, the server and the name say, in this order, and refuses
// one we do not take, or one that begins like a page whatever it is called.
func kindOf(file File, serverType string, head []byte) (string, error) {
	found := ""
	for _, said := range []string{file.ContentType, serverType, mime.TypeByExtension(strings.ToLower(path.Ext(file.Filename)))} {
		parsed, _, err := mime.ParseMediaType(said)
		if err != nil || parsed == "application/octet-stream" || parsed == "binary/octet-stream" {
			continue
		}
		found = commonName(parsed)
		break
	}
	if !slices.Contains(taken(), found) {
		return "", fmt.Errorf("%w: %q", errTypeRefused, found)
	}
	looks := http.DetectContentType(head)
	if strings.HasPrefix(looks, "text/html") || strings.HasPrefix(looks, "text/xml") {
		return "", fmt.Errorf("%w: it says %q and looks like %q", errTypeRefused, found, looks)
	}
	return found, nil
}
