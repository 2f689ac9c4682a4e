package meta

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// keep stores a file and gives its id.
func (a *API) keep(file world.File) string {
	id := newFileID()
	a.files.Add(id, file, 128+len(file.Content))
	return id
}

// upload takes a file that a message will name.
func (a *API) upload(request provider.Call) provider.Answer {
	if _, ok := numberOf(request.PathValue("id")); !ok {
		return fail(codeUnknownObject)
	}
	file, ok := readUpload(request)
	if !ok {
		return failWith(http.StatusBadRequest, codeInvalid, "The body is no form with messaging_product and a file")
	}
	return provider.JSON(http.StatusOK, map[string]string{"id": a.keep(file)})
}

func readUpload(request provider.Call) (world.File, bool) {
	kind, parameters, err := mime.ParseMediaType(request.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return world.File{}, false
	}
	form := multipart.NewReader(bytes.NewReader(request.Content), parameters["boundary"])
	var file world.File
	product := ""
	for {
		part, err := form.NextPart()
		if err != nil {
			return file, errors.Is(err, io.EOF) && product == "whatsapp" && len(file.Content) > 0
		}
		content, err := io.ReadAll(io.LimitReader(part, sms.MaxFile))
		if err != nil {
			return world.File{}, false
		}
		switch part.FormName() {
		case "messaging_product":
			product = string(content)
		case "file":
			file = world.File{Filename: part.FileName(), ContentType: part.Header.Get("Content-Type"), Content: content}
		}
	}
}

// showFile tells where a file can be fetched.
func (a *API) showFile(id string) provider.Answer {
	file, ok := a.files.Get(id)
	if !ok {
		return fail(codeUnknownObject)
	}
	sum := sha256.Sum256(file.Content)
	return provider.JSON(http.StatusOK, map[string]any{
		"messaging_product": "whatsapp", "id": id, "url": a.publicURL() + "/meta/files/" + id,
		"mime_type": file.ContentType, "sha256": hex.EncodeToString(sum[:]), "file_size": len(file.Content),
	})
}

// file serves a file to the account alone.
func (a *API) file(request provider.Call) provider.Answer {
	file, ok := a.files.Get(request.PathValue("id"))
	if !ok {
		return fail(codeUnknownObject)
	}
	return provider.Answer{Status: http.StatusOK, ContentType: file.ContentType, Body: file.Content}
}
