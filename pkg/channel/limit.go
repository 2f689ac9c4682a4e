package channel

import (
	"fmt"
	"mime"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// CheckFiles tells why these files cannot be sent: a failure that names the limit, or nil. It trusts what each file
// declares of itself.
func (l Limits) CheckFiles(files []File) *Failure {
	if l.MaxFiles > 0 && len(files) > l.MaxFiles {
		return NewFailure(CodeFileRefused, "", fmt.Sprintf("A message on this channel takes %d files, not %d.", l.MaxFiles, len(files)))
	}
	total := int64(0)
	for _, file := range files {
		if failure := l.checkFile(file); failure != nil {
			return failure
		}
		total += file.Size
	}
	if l.MaxTotalBytes > 0 && total > l.MaxTotalBytes {
		return NewFailure(CodeFileRefused, "", fmt.Sprintf("The files of a message may have %s together on this channel; these have %s.",
			SizeText(l.MaxTotalBytes), SizeText(total)))
	}
	return nil
}

func (l Limits) checkFile(file File) *Failure {
	extension := strings.ToLower(path.Ext(strings.TrimRight(file.Filename, ". ")))
	most := l.MaxBytes(file.ContentType)
	switch {
	case most > 0 && file.Size > most:
		return NewFailure(CodeFileRefused, "", fmt.Sprintf("A file of this type may have %s on this channel; %q has %s.",
			SizeText(most), file.Filename, SizeText(file.Size)))
	case slices.Contains(l.RefusedExtensions, extension):
		return NewFailure(CodeFileRefused, "", fmt.Sprintf("Files that end with %s cannot be sent on this channel: %q.",
			extension, file.Filename))
	case !l.takesType(file.ContentType):
		return NewFailure(CodeFileRefused, "", fmt.Sprintf("Files of the type %s cannot be sent on this channel: %q. It takes %s.",
			mediaType(file.ContentType), file.Filename, strings.Join(l.FileTypes, ", ")))
	}
	return nil
}

// MaxBytes is the size that a file of the type may have, the limit of its type before the one of all; 0 when nothing
// bounds it.
func (l Limits) MaxBytes(contentType string) int64 {
	for listed, most := range l.MaxTypeBytes {
		if isOfType(mediaType(contentType), listed) {
			return most
		}
	}
	return l.MaxFileBytes
}

func (l Limits) takesType(contentType string) bool {
	declared := mediaType(contentType)
	return len(l.FileTypes) == 0 ||
		slices.ContainsFunc(l.FileTypes, func(taken string) bool { return isOfType(declared, taken) })
}

// isOfType compares a type with a listed one, or with the beginning of one.
func isOfType(declared, listed string) bool {
	return declared == listed || strings.HasSuffix(listed, "/") && strings.HasPrefix(declared, listed)
}

// CheckText tells why a message cannot be sent for its text or its recipients: a failure that names the limit, or nil.
func (l Limits) CheckText(body string, recipients int) *Failure {
	if length := utf8.RuneCountInString(body); l.MaxBody > 0 && length > l.MaxBody {
		return NewFailure(CodeRefused, "", fmt.Sprintf("A message may have %d characters on this channel; this one has %d.",
			l.MaxBody, length))
	}
	if l.MaxRecipients > 0 && recipients > l.MaxRecipients {
		return NewFailure(CodeRefused, "", fmt.Sprintf("A message may have %d recipients on this channel; this one has %d.",
			l.MaxRecipients, recipients))
	}
	return nil
}

// mediaType is a declared type without its parameters; what declares none is only bytes.
func mediaType(declared string) string {
	parsed, _, err := mime.ParseMediaType(declared)
	if err != nil || parsed == "" {
		return "application/octet-stream"
	}
	return parsed
}

// SizeText writes a size as a person reads it.
func SizeText(size int64) string {
	const mb = 1 << 20
	switch {
	case size < mb:
		return fmt.Sprintf("%d KB", (size+1023)/1024)
	case size%mb == 0:
		return fmt.Sprintf("%d MB", size/mb)
	default:
		return fmt.Sprintf("%.1f MB", float64(size)/mb)
	}
}
