package api

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	// maxMessage bounds what a customer writes with its files in base64, maxFiles and maxFileBytes the files themselves.
	maxMessage   = 40 << 20
	maxFiles     = 50
	maxFileBytes = 28 << 20
)

// upload is a file that a customer sends.
type upload struct {
	Filename    string `json:"filename"`
	ContentType string `json:"contentType"`
	Content     string `json:"content"`
}

// filesOf decodes the files of a draft; wrong says what is wrong with them.
func filesOf(uploads []upload) (files []world.File, wrong string) {
	if len(uploads) > maxFiles {
		return nil, fmt.Sprintf("holds more than %d files", maxFiles)
	}
	total := 0
	for _, one := range uploads {
		content, err := base64.StdEncoding.DecodeString(one.Content)
		if err != nil {
			return nil, "holds a file whose content is no base64"
		}
		if total += len(content); total > maxFileBytes {
			return nil, fmt.Sprintf("holds more than %d MiB", maxFileBytes>>20)
		}
		kind, _, err := mime.ParseMediaType(cmp.Or(one.ContentType, "application/octet-stream"))
		if err != nil {
			return nil, "holds a file whose type is none"
		}
		files = append(files, world.File{Filename: cmp.Or(one.Filename, "file"), ContentType: kind, Content: content})
	}
	return files, ""
}

// attachment is a file of a message as the API tells it.
type attachment struct {
	Filename    string `json:"filename"`
	ContentType string `json:"contentType"`
	Size        int    `json:"size"`
	URL         string `json:"url"`
	ContentID   string `json:"contentId,omitempty"`
}

func attachmentsOf(m world.Message) []attachment {
	attachments := make([]attachment, 0, len(m.Files))
	for i, one := range m.Files {
		attachments = append(attachments, attachment{
			Filename: one.Filename, ContentType: one.ContentType, Size: len(one.Content), ContentID: one.ContentID,
			URL: fmt.Sprintf("/api/messages/%s/files/%d", url.PathEscape(m.ID), i),
		})
	}
	return attachments
}

// file serves a file of a message. It is a stranger's: only pictures are shown, and nothing of it runs.
func (a *API) file(w http.ResponseWriter, r *http.Request) {
	found, ok := a.world.Message(r.PathValue("id"))
	number, err := strconv.Atoi(r.PathValue("number"))
	if !ok || err != nil || number < 0 || number >= len(found.Files) {
		refuse(w, http.StatusNotFound, "not_found", "", "There is no such file.")
		return
	}
	one := found.Files[number]
	disposition := "attachment"
	switch one.ContentType {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "audio/mpeg", "audio/wav", "audio/x-wav":
		disposition = "inline"
	}
	w.Header().Set("Content-Type", cmp.Or(one.ContentType, "application/octet-stream"))
	w.Header().Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": one.Filename}))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(one.Content))
}
