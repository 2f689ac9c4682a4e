package email

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

var errRefused = errors.New("a limit of the provider")

// Attachment is a file of an e-mail to be sent, its content in base64.
type Attachment struct {
	Filename, ContentType string
	// ContentID is set for a picture that the HTML shows, without angle brackets.
	ContentID string
	Content   string
}

// Attachments reads the files of a message within the limits. Nothing has been sent when it fails: a file past a limit is
// refused for good, one that cannot be read may be there the next time.
func Attachments(ctx context.Context, files []channel.File, limits channel.Limits) ([]Attachment, *channel.Error) {
	if limits.MaxFiles > 0 && len(files) > limits.MaxFiles {
		return nil, refused(fmt.Sprintf("At most %d files go with one e-mail.", limits.MaxFiles))
	}
	attachments, total := make([]Attachment, 0, len(files)), int64(0)
	for _, file := range files {
		if extension := strings.ToLower(path.Ext(file.Filename)); slices.Contains(limits.RefusedExtensions, extension) {
			return nil, refused("Files that end in " + extension + " are not taken.")
		}
		left := bound(limits, total)
		if left >= 0 && file.Size > left {
			return nil, refused(tooLarge(limits))
		}
		content, size, err := read(ctx, file, left)
		switch {
		case errors.Is(err, errRefused):
			return nil, refused(tooLarge(limits))
		case err != nil:
			return nil, &channel.Error{
				Class: channel.Retryable, Code: channel.CodeFileUnavailable, Err: fmt.Errorf("reading a file: %w", err),
			}
		}
		total += size
		attachments = append(attachments, Attachment{
			Filename: named(file), ContentType: OneLine(file.ContentType), ContentID: Bare(OneLine(file.ContentID)), Content: content,
		})
	}
	return attachments, nil
}

func refused(sentence string) *channel.Error {
	return &channel.Error{Class: channel.Permanent, Code: channel.CodeFileRefused, Message: sentence, Err: errRefused}
}

func tooLarge(limits channel.Limits) string {
	const mebibyte = 1 << 20
	if limits.MaxTotalBytes == 0 {
		return fmt.Sprintf("A file has at most %d MB.", limits.MaxFileBytes/mebibyte)
	}
	return fmt.Sprintf("The files of one e-mail have at most %d MB together.", limits.MaxTotalBytes/mebibyte)
}

// bound is how many bytes the next file may have; less than 0 when there is no limit.
func bound(limits channel.Limits, total int64) int64 {
	left := int64(-1)
	if limits.MaxTotalBytes > 0 {
		left = limits.MaxTotalBytes - total
	}
	if limits.MaxFileBytes > 0 && (left < 0 || limits.MaxFileBytes < left) {
		left = limits.MaxFileBytes
	}
	return left
}

// read reads a file whole, in base64. What the file says of its size is only a hint.
func read(ctx context.Context, file channel.File, most int64) (content string, size int64, err error) {
	if file.Open == nil {
		return "", 0, fmt.Errorf("opening %q: %w", file.Filename, io.ErrUnexpectedEOF)
	}
	opened, err := file.Open(ctx)
	if err != nil {
		return "", 0, fmt.Errorf("opening %q: %w", file.Filename, err)
	}
	defer func() { _ = opened.Close() }() // it was only read
	var encoded strings.Builder
	encoded.Grow(base64.StdEncoding.EncodedLen(int(min(max(file.Size, 0), max(most, 0)))))
	encoder := base64.NewEncoder(base64.StdEncoding, &encoded)
	source := io.Reader(opened)
	if most >= 0 {
		source = io.LimitReader(opened, most+1)
	}
	if size, err = io.Copy(encoder, source); err != nil {
		return "", 0, fmt.Errorf("reading %q: %w", file.Filename, err)
	}
	if most >= 0 && size > most {
		return "", 0, errRefused
	}
	_ = encoder.Close() // it writes into memory
	return encoded.String(), size, nil
}

// named is the name of a file; providers take none without.
func named(file channel.File) string {
	if name := FileName(OneLine(file.Filename)); name != "" {
		return name
	}
	return "file"
}
