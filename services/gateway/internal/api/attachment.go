package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/file"
)

const (
	// chunkTime is how long a client may take for one chunk of a file. The whole may take as long as it does.
	chunkTime = 30 * time.Second
	// filePolicy keeps a file that a browser shows after all from running anything or loading anything.
	filePolicy = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	plainBytes = "application/octet-stream"
)

// Files keeps the files of messages.
type Files interface {
	Open(ctx context.Context, ws workspace.ID, key string) (file.File, error)
	// Save writes a file until it ends or is larger than maxBytes; then nothing is kept.
	Save(ctx context.Context, ws workspace.ID, upload file.Upload, content io.Reader, maxBytes int64) (size int64, err error)
	// Describe tells what an uploaded file is.
	Describe(ctx context.Context, ws workspace.ID, id string) (file.Upload, error)
	// Remove takes an uploaded file away.
	Remove(ctx context.Context, ws workspace.ID, id string) error
}

type attachmentInput struct {
	ID           string `path:"id"`
	AttachmentID string `path:"attachmentId"`
}

func (a *API) registerAttachments() {
	operation := with(protected("get-attachment", http.MethodGet, "/api/messages/{id}/attachments/{attachmentId}", tagMessages,
		"Download a file of a message, or the recording of a call"), http.StatusOK,
		"Takes Range with one range. Answers 404 for a file that is not there: its attachment says why in missingReason.")
	content := map[string]*huma.MediaType{plainBytes: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	operation.Responses["200"] = &huma.Response{
		Description: "The file, with its own Content-Type: pictures, sound and film may be shown, all else is to be saved.", Content: content,
	}
	operation.Responses["416"] = &huma.Response{
		Description: "The file has no such range.",
		Content:     map[string]*huma.MediaType{ProblemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}},
	}
	operation.Responses["206"] = &huma.Response{Description: "The part that was asked for.", Content: content}
	register(a, operation, a.getAttachment)
}

func (a *API) getAttachment(ctx context.Context, input *attachmentInput) (*huma.StreamResponse, error) {
	message, err := a.message(ctx, input.ID)
	if err != nil {
		return nil, err
	}
	attachment, ok := fileOf(message, input.AttachmentID)
	if !ok {
		return nil, notFound()
	}
	ws := principalOf(ctx).Workspace
	opened, err := a.deps.Files.Open(ctx, ws, attachment.GetBlobKey())
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
		a.download(ctx, answer, attachment, opened)
	}}, nil
}

// fileOf finds a file of a message, the recording of a call among them, when it is in the blob store.
func fileOf(message *eventv1.Message, id string) (*eventv1.Attachment, bool) {
	files := message.GetAttachments()
	if recording := message.GetCall().GetRecording(); recording != nil {
		files = append(slices.Clone(files), recording)
	}
	at := slices.IndexFunc(files, func(each *eventv1.Attachment) bool { return each.GetId() == id })
	if at < 0 || files[at].GetBlobKey() == "" {
		return nil, false
	}
	return files[at], true
}

// download writes the file or the range of it that is asked for. A file that breaks off cuts the connection, because its
// length has been told.
func (a *API) download(ctx context.Context, answer huma.Context, attachment *eventv1.Attachment, opened file.File) {
	r, w := humago.Unwrap(answer)
	contentType := typeFor(attachment.GetContentType())
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Disposition", dispositionOf(contentType, attachment.GetFilename()))
	header.Set("Content-Security-Policy", filePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "private, no-store")
	header.Set("ETag", `"`+attachment.GetId()+`"`) // the file of an id never changes
	if strings.Contains(r.Header.Get("Range"), ",") {
		r = r.Clone(ctx)
		r.Header.Del("Range") // each range may be a request of its own to the blob store
	}
	content := &watchedReader{ReadSeeker: opened}
	http.ServeContent(&patientWriter{ResponseWriter: w}, r, "", time.Time{}, content)
	if content.err != nil {
		a.deps.Logger.WarnContext(ctx, "download broke off", slog.Any("err", content.err))
		panic(http.ErrAbortHandler)
	}
}

// watchedReader keeps the error that ended reading.
type watchedReader struct {
	io.ReadSeeker

	err error
}

// Read implements io.Reader.
func (r *watchedReader) Read(into []byte) (int, error) {
	n, err := r.ReadSeeker.Read(into)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// patientWriter gives the client time for each chunk, where the server's own limit is for the whole answer, and refuses a
// range as everything is refused.
type patientWriter struct {
	http.ResponseWriter

	refused bool
}

// WriteHeader implements http.ResponseWriter.
func (w *patientWriter) WriteHeader(status int) {
	if status != http.StatusRequestedRangeNotSatisfiable {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.refused = true
	w.Header().Del("Content-Disposition")
	WriteProblem(w.ResponseWriter, NewProblem(status, CodeBadRange, "The file has no such range."))
}

// Write implements io.Writer.
func (w *patientWriter) Write(chunk []byte) (int, error) {
	if w.refused {
		return len(chunk), nil
	}
	if err := http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(chunkTime)); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(chunk)
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

// dispositionOf lets a browser show what cannot run, and makes it save all else, under its name where that can be
// written (RFC 6266).
func dispositionOf(contentType, filename string) string {
	disposition := "attachment"
	if isShowable(contentType) {
		disposition = "inline"
	}
	if filename != "" {
		if named := mime.FormatMediaType(disposition, map[string]string{"filename": filename}); named != "" {
			return named
		}
	}
	return disposition
}

// isShowable tells whether a type is a picture, sound or film that holds no code. A picture in SVG does.
func isShowable(contentType string) bool {
	parsed, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	kind, name, _ := strings.Cut(parsed, "/")
	switch kind {
	case "image":
		return slices.Contains([]string{"png", "jpeg", "gif", "webp", "avif", "bmp", "heic", "heif"}, name)
	case "audio", "video":
		return !strings.HasSuffix(name, "+xml")
	default:
		return false
	}
}
