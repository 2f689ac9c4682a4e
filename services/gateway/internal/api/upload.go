package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/file"
)

const (
	uploadPath = "/api/attachments"
	// maxUpload bounds one file whatever the channel; maxUploadRest what a form may have around it.
	maxUpload     = 100 << 20
	maxUploadRest = 64 << 10
	// maxParts bounds the parts of a form that are passed over on the way to the file.
	maxParts = 16
	// concurrentUploads bounds the files that arrive at the same moment, workspaceUploads those of one workspace.
	concurrentUploads = 64
	workspaceUploads  = 8
	// uploadTime is how long one may take.
	uploadTime = 15 * time.Minute
)

type uploadInput struct {
	Idempotent
	Channel string `query:"channel" enum:"email,sms,call,whatsapp,social,live_chat" doc:"Checks the file against the limits of the channel at once."`

	request *http.Request
	writer  http.ResponseWriter
}

// Resolve implements huma.Resolver: it keeps the request, whose body is stored as it arrives.
func (i *uploadInput) Resolve(ctx huma.Context) []error {
	i.request, i.writer = humago.Unwrap(ctx)
	return nil
}

type uploadOutput struct {
	Replayable
	Body Attachment
}

func (a *API) registerUploads() {
	register(a, with(protected("upload-attachment", http.MethodPost, uploadPath, tagMessages, "Upload a file"), http.StatusCreated,
		"The file can then be sent by its id. Its type is told by its content, its name is cleaned. The form has one field, file, "+
			"of at most 100 MB."), a.upload)
	// Added when the operation is registered, so that the library leaves the body alone.
	a.huma.OpenAPI().Paths[uploadPath].Post.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"}, AdditionalProperties: false,
			Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
		}}},
	}
}

// upload stores the file under a fresh id before it looks at the Idempotency-Key, which stands for the content too. A
// repetition is answered with the first file, and the second one is taken away.
func (a *API) upload(ctx context.Context, input *uploadInput) (*uploadOutput, error) {
	principal := principalOf(ctx)
	if decision := a.deps.Limits.Upload.Allow(principal.Workspace.String(), time.Now()); !decision.Allowed {
		return nil, tooOften(decision)
	}
	limits, err := a.uploadLimits(principal.Workspace, channel.Kind(input.Channel))
	if err != nil {
		return nil, err
	}
	leave, ok := a.uploads.Enter(principal.Workspace.String())
	if !ok {
		return nil, unavailable(CodeUnavailable, "Too much is being uploaded at once.", retryBusy)
	}
	defer leave()
	stored, err := a.receive(ctx, input, limits)
	if err != nil {
		// Read on to the end of what is allowed: a browser that is cut off while it sends shows no answer.
		_, _ = io.Copy(io.Discard, input.request.Body)
		return nil, err
	}
	output, err := once(ctx, a, "upload-attachment", input.IdempotencyKey, stored.identity(), func(context.Context) (*uploadOutput, error) {
		return &uploadOutput{Body: toUpload(stored.Upload)}, nil
	})
	if err != nil || output.Body.ID != stored.ID {
		a.discard(ctx, principal.Workspace, []string{stored.ID})
	}
	return output, err
}

// received is a file that was stored.
type received struct {
	file.Upload

	hash string
}

// identity is what two uploads of the same file have alike.
func (r received) identity() []string {
	return []string{r.Filename, r.ContentType, r.hash}
}

// receive stores the file of the form when it is within the limits.
func (a *API) receive(ctx context.Context, input *uploadInput, limits channelLimits) (received, error) {
	part, err := fileOfForm(input)
	if err != nil {
		return received{}, err
	}
	head := make([]byte, file.SniffBytes)
	n, err := io.ReadFull(part, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return received{}, unreadForm(err)
	}
	if n == 0 {
		return received{}, invalid("file", "is empty")
	}
	name := file.CleanName(part.FileName())
	upload := file.Upload{
		ID: uuid.Must(uuid.NewV7()).String(), Filename: name, ContentType: file.TypeOf(head[:n], name, part.Header.Get("Content-Type")),
	}
	// Its name and type alone: a file that is refused for them is refused before it is stored.
	if problem := limits.checkFiles([]channel.File{{Filename: upload.Filename, ContentType: upload.ContentType}}); problem != nil {
		return received{}, problem.at("body.file", problem.Detail)
	}
	sum := sha256.New()
	content := io.TeeReader(io.MultiReader(bytes.NewReader(head[:n]), part), sum)
	ws := principalOf(ctx).Workspace
	upload.Size, err = a.deps.Files.Save(ctx, ws, upload, content, limits.maxBytes(upload.ContentType, maxUpload))
	switch {
	case errors.Is(err, file.ErrTooLarge):
		return received{}, limits.tooLarge(upload, maxUpload)
	case errors.Is(err, file.ErrUnread):
		return received{}, unreadForm(err)
	}
	return received{Upload: upload, hash: hex.EncodeToString(sum.Sum(nil))}, err
}

// fileOfForm finds the file in the form, whose body is read no further than that.
func fileOfForm(input *uploadInput) (*multipart.Part, error) {
	body := http.MaxBytesReader(input.writer, input.request.Body, maxUpload+maxUploadRest)
	input.request.Body = &patientBody{ReadCloser: body, controller: http.NewResponseController(input.writer), until: time.Now().Add(uploadTime)}
	contentType, _, _ := mime.ParseMediaType(input.request.Header.Get("Content-Type"))
	form, err := input.request.MultipartReader()
	if err != nil || contentType != "multipart/form-data" {
		return nil, NewProblem(http.StatusUnsupportedMediaType, CodeUnsupportedType, "Send the file as multipart/form-data.")
	}
	for range maxParts {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadForm(err)
		}
		if part.FormName() == "file" {
			return part, nil
		}
	}
	return nil, invalid("file", "is missing")
}

func unreadForm(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return NewProblem(http.StatusRequestEntityTooLarge, CodeTooLarge, "A file may have 100 MB.")
	}
	return NewProblem(http.StatusBadRequest, CodeInvalidRequest, "The form broke off, or is none.")
}

// patientBody gives the client time for each chunk until it is too late, where the server's own limit is for the whole
// request.
type patientBody struct {
	io.ReadCloser

	controller *http.ResponseController
	until      time.Time
}

// Read implements io.Reader.
func (b *patientBody) Read(into []byte) (int, error) {
	now := time.Now()
	deadline := now.Add(chunkTime)
	if deadline.After(b.until) {
		deadline = b.until
	}
	if err := b.controller.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	// The answer is written when the body has been read, so its own time begins anew.
	if err := b.controller.SetWriteDeadline(now.Add(2 * chunkTime)); err != nil {
		return 0, err
	}
	return b.ReadCloser.Read(into)
}

func toUpload(upload file.Upload) Attachment {
	return Attachment{ID: upload.ID, Filename: upload.Filename, ContentType: upload.ContentType, Size: upload.Size}
}
