package file

import (
	"bytes"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// SniffBytes is how much of a file TypeOf looks at.
	SniffBytes = 512
	// maxName is the longest name of a file, in bytes.
	maxName    = 200
	plainBytes = "application/octet-stream"
	plainText  = "text/plain"
)

// CleanName is a name that is only a name: no folder, no control character, no change of direction that would hide how
// it ends. It is never empty.
func CleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if at := strings.LastIndexAny(name, `/\`); at >= 0 {
		name = name[at+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, ". \u00a0")
	if name == "" {
		return "file"
	}
	if len(name) <= maxName {
		return name
	}
	extension := path.Ext(name)
	if len(extension) > maxName/4 {
		extension = ""
	}
	stem := name[:maxName-len(extension)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + extension
}

// TypeOf is the type of a file: what it begins like where that is telling, else what is said of it or what its name
// says. A file that is said to be what it does not begin like is told by its beginning.
func TypeOf(head []byte, name, said string) string {
	if bytes.HasPrefix(head, []byte("MZ")) || bytes.HasPrefix(head, []byte("\x7fELF")) {
		return "application/x-executable"
	}
	declared := declaredType(name, said)
	looks, _, _ := mime.ParseMediaType(http.DetectContentType(head)) // of the standard library, so well formed
	if mayBe(declared, looks) {
		return declared
	}
	return looks
}

// declaredType is what is said of a file, else what its name says, else plain bytes.
func declaredType(name, said string) string {
	extension := strings.ToLower(path.Ext(name))
	for _, each := range []string{said, byExtension(extension), mime.TypeByExtension(extension)} {
		parsed, _, err := mime.ParseMediaType(each)
		if err == nil && strings.Contains(parsed, "/") && parsed != plainBytes {
			return commonName(parsed)
		}
	}
	return plainBytes
}

// mayBe tells whether a file that is said to be of one type may begin as the other does.
func mayBe(declared, looks string) bool {
	kind, name, _ := strings.Cut(declared, "/")
	switch looks {
	case declared:
		return true
	case plainBytes:
		return !isAlwaysSeen(declared) && kind != "text"
	case plainText:
		return kind == "text" && declared != "text/html" || isWrittenAsText(name)
	case "text/html", "text/xml":
		return declared == "text/html" || strings.HasSuffix(name, "xml")
	case "application/zip":
		return strings.HasPrefix(name, "vnd.") || name == "epub+zip" || name == "java-archive"
	case "application/x-gzip":
		return name == "gzip"
	case "audio/wave":
		return declared == "audio/wav" || declared == "audio/x-wav"
	case "video/mp4", "video/webm", "application/ogg":
		return kind == "audio" || kind == "video"
	default:
		return false
	}
}

// isAlwaysSeen tells that a file of the type can be told by its beginning.
func isAlwaysSeen(contentType string) bool {
	return slices.Contains([]string{
		"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "application/pdf", "application/zip", "video/webm", "audio/wav",
	}, contentType) || strings.HasPrefix(contentType, "application/vnd.openxmlformats-officedocument.")
}

func isWrittenAsText(name string) bool {
	return strings.HasSuffix(name, "json") || strings.HasSuffix(name, "xml") || strings.HasSuffix(name, "yaml") ||
		slices.Contains([]string{"rtf", "ics", "pgp-signature", "pgp-keys", "x-pem-file", "sql", "javascript"}, name)
}

// byExtension is the same on every machine, where the standard library asks the system.
func byExtension(extension string) string {
	return map[string]string{
		".txt": plainText, ".csv": "text/csv", ".vcf": "text/vcard", ".ics": "text/calendar", ".md": "text/markdown", ".rtf": "application/rtf",
		".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".heic": "image/heic",
		".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".amr": "audio/amr", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav",
		".mp4": "video/mp4", ".3gp": "video/3gpp", ".mov": "video/quicktime", ".webm": "video/webm",
		".pdf": "application/pdf", ".zip": "application/zip", ".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
		".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	}[extension]
}

// commonName is the registered name of a type that programs like to call otherwise.
func commonName(contentType string) string {
	if name, ok := map[string]string{
		"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "audio/mp3": "audio/mpeg", "audio/x-mp3": "audio/mpeg",
		"audio/m4a": "audio/mp4", "audio/x-m4a": "audio/mp4", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "application/x-pdf": "application/pdf",
		"application/x-zip-compressed": "application/zip", "text/x-vcard": "text/vcard", "application/xml": "text/xml",
	}[contentType]; ok {
		return name
	}
	return contentType
}
