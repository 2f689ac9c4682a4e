package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/file"
)

const (
	// chunkTime is how long a client may take for one chunk of a file. The whole may take as long as it does.
	chunkTime  = 30 * time.Second
	chunkBytes = 64 << 10
	// filePolicy keeps a file that a browser shows after all from running anything or loading anything.
	filePolicy = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	plainBytes = "application/octet-stream"
)

// Files opens the files that came with messages.
type Files interface {
	Open(ctx context.Context, ws workspace.ID, key string) (file.File, error)
}

type attachmentInput struct {
	ID           string `path:"id"`
	AttachmentID string `path:"attachmentId"`
}

func (a *API) registerAttachments() {
	operation := with(protected("get-attachment", http.MethodGet, "/api/messages/{id}/attachments/{attachmentId}", tagMessages,
		"Download a file of a message"), http.StatusOK,
		"Answers 404 for a file that is not there: its attachment says why in missingReason.")
	operation.Responses["200"] = &huma.Response{
		Description: "The file, with its own Content-Type, to be saved and not shown.",
		Content: map[string]*huma.MediaType{
			plainBytes: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		},
	}
	register(a, operation, a.getAttachment)
}

func (a *API) getAttachment(ctx context.Context, input *attachmentInput) (*huma.StreamResponse, error) {
	if !isID(input.ID) {
		return nil, notFound()
	}
	ws := principalOf(ctx).Workspace
	response := &storev1.GetMessageResponse{}
	if err := a.ask(ctx, ws, "message", "get", &storev1.GetMessageRequest{Id: input.ID}, response); err != nil {
		return nil, err
	}
	attachments := response.GetMessage().GetAttachments()
	at := slices.IndexFunc(attachments, func(each *eventv1.Attachment) bool { return each.GetId() == input.AttachmentID })
	if at < 0 || attachments[at].GetBlobKey() == "" {
		return nil, notFound()
	}
	opened, err := a.deps.Files.Open(ctx, ws, attachments[at].GetBlobKey())
	if errors.Is(err, file.ErrNotFound) {
		a.deps.Logger.ErrorContext(ctx, "file of a message is not in the blob store",
			slog.String("workspace", ws.String()), slog.String("message", input.ID), slog.Any("err", err))
		return nil, notFound()
	}
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(answer huma.Context) {
		defer func() { _ = opened.Close() }() // only read
		a.download(ctx, answer, attachments[at], opened)
	}}, nil
}

// download writes the file. A file that breaks off cuts the connection, because its length has been told.
func (a *API) download(ctx context.Context, answer huma.Context, attachment *eventv1.Attachment, opened file.File) {
	r, w := humago.Unwrap(answer)
	header := w.Header()
	header.Set("Content-Type", typeFor(attachment.GetContentType()))
	header.Set("Content-Length", strconv.FormatInt(opened.Size, 10))
	header.Set("Content-Disposition", dispositionOf(attachment.GetFilename()))
	header.Set("Content-Security-Policy", filePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "private, no-store")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	if err := copyPatiently(w, opened); err != nil {
		a.deps.Logger.WarnContext(ctx, "download broke off", slog.Any("err", err))
		panic(http.ErrAbortHandler)
	}
}

// copyPatiently gives the client time for each chunk, where the server's own limit is for the whole answer.
func copyPatiently(w http.ResponseWriter, from io.Reader) error {
	controller := http.NewResponseController(w)
	for {
		if err := controller.SetWriteDeadline(time.Now().Add(chunkTime)); err != nil {
			return err
		}
		_, err := io.CopyN(w, from, chunkBytes)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// typeFor is the type of a file as we tell it: what is not the name of a type is plain bytes.
func typeFor(contentType string) string {
	parsed, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return plainBytes
	}
	if formatted := mime.FormatMediaType(parsed, parameters); formatted != "" {
		return formatted
	}
	return plainBytes
}

// dispositionOf makes a browser save the file, under its name where that can be written (RFC 6266).
func dispositionOf(filename string) string {
	if filename != "" {
		if named := mime.FormatMediaType("attachment", map[string]string{"filename": filename}); named != "" {
			return named
		}
	}
	return "attachment"
}
