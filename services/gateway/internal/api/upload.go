package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type uploadInput struct {
	Idempotent
	Channel string `query:"channel" enum:"email,sms,call,whatsapp,social,live_chat" doc:"Checks the file against the limits of the channel at once."`
}

type uploadOutput struct {
	Replayable
	Body Attachment
}

func (a *API) registerUploads() {
	const path = "/api/attachments"
	operation := with(protected("upload-attachment", http.MethodPost, path, tagMessages, "Upload a file"), http.StatusCreated,
		"The file can be sent with POST /api/communications by its id. Its type is told by its content, its name is cleaned.")
	register(a, operation, a.upload)
	// Added when the operation is registered, so that the library leaves the body to us: it is stored as it arrives.
	a.huma.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"}, AdditionalProperties: false,
			Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
		}}},
	}

}

func (a *API) upload(context.Context, *uploadInput) (*uploadOutput, error) { return nil, notFound() }
