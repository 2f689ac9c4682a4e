// Package template answers which templates a channel account may send. The providers are asked, and what they say is
// believed for a minute.
package template

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
)

const (
	// askTimeout bounds one question to a provider; whoever asks us waits for 5 s.
	askTimeout = 4 * time.Second
	believed   = time.Minute
	accounts   = 1000
	// maxBytes bounds an answer: it has to fit into one message of the bus.
	maxBytes = 4 << 20
)

// Routes finds the channel accounts of workspaces.
type Routes interface {
	Find(workspaceID, channelAccountID string) *bucketv1.Route
}

// Config is what a Lister works with.
type Config struct {
	Routes      Routes
	Credentials *credential.Pool
	Logger      *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Lister lists templates. It is safe for concurrent use.
type Lister struct {
	cfg    Config
	known  *lru.Cache[string, answer]
	asking singleflight.Group
}

type answer struct {
	response *senderv1.ListTemplatesResponse
	until    time.Time
}

// New makes a Lister that knows nothing yet.
func New(cfg Config) (*Lister, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	known, err := lru.New[string, answer](accounts)
	if err != nil {
		return nil, fmt.Errorf("remembering templates: %w", err)
	}
	return &Lister{cfg: cfg, known: known}, nil
}

// Endpoint answers the question template.list.
func (l *Lister) Endpoint() bus.Endpoint { return bus.Answer("template", "list", l.list) }

func (l *Lister) list(
	ctx context.Context, ws workspace.ID, request *senderv1.ListTemplatesRequest,
) (proto.Message, error) {
	route := l.cfg.Routes.Find(ws.String(), request.GetChannelAccountId())
	if ws.IsZero() || route == nil {
		return nil, &bus.AskError{
			Code: bus.CodeNotFound, Message: "There is no such channel account.", Field: "channelAccountId",
		}
	}
	key := route.GetWorkspaceId() + "." + route.GetChannelAccountId()
	if found, there := l.known.Get(key); there && l.cfg.Now().Before(found.until) {
		return found.response, nil
	}
	response, err, _ := l.asking.Do(key, func() (any, error) {
		response, err := l.ask(context.WithoutCancel(ctx), route)
		if err == nil {
			l.known.Add(key, answer{response, l.cfg.Now().Add(believed)})
		}
		return response, err
	})
	if err != nil {
		l.cfg.Logger.WarnContext(ctx, "templates not listed", slog.String("provider", route.GetProvider()),
			slog.String("error", err.Error()))
		return nil, &bus.AskError{Code: bus.CodeUnavailable, Message: "The provider does not list its templates at the moment."}
	}
	return response.(*senderv1.ListTemplatesResponse), nil //nolint:forcetypeassert // ask returns nothing else
}

// ask asks the provider; one that has no templates has none to list.
func (l *Lister) ask(
	ctx context.Context, route *bucketv1.Route,
) (response *senderv1.ListTemplatesResponse, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the adapter panicked: %v", cause)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	kind := channel.Kind(route.GetChannel())
	line, err := l.cfg.Credentials.Line(ctx, credential.Ref{
		Workspace: route.GetWorkspaceId(), Provider: route.GetProvider(), Mode: route.GetMode(),
		ChannelAccountID: route.GetChannelAccountId(),
	}, kind, route.GetAddress())
	if err != nil {
		return nil, fmt.Errorf("finding the credential: %w", err)
	}
	templater, ok := line.Connection.(channel.Templater)
	if !ok {
		return &senderv1.ListTemplatesResponse{}, nil
	}
	templates, err := templater.Templates(ctx, kind, route.GetAddress())
	if err != nil {
		return nil, fmt.Errorf("asking for the templates: %w", err)
	}
	return encode(templates), nil
}

// encode writes as many templates as fit into an answer.
func encode(templates []channel.Template) *senderv1.ListTemplatesResponse {
	response, size := &senderv1.ListTemplatesResponse{}, 0
	for _, template := range templates {
		item := &senderv1.Template{
			Id: text(template.ID), Title: text(template.Title), Language: text(template.Language),
			Category: text(template.Category), Status: text(template.Status), Body: text(template.Body),
		}
		for _, parameter := range template.Parameters {
			item.Parameters = append(item.Parameters, &senderv1.TemplateParameter{
				Name: text(parameter.Name), Example: text(parameter.Example),
			})
		}
		if size += proto.Size(item); size > maxBytes {
			return response
		}
		response.Items = append(response.Items, item)
	}
	return response
}

// text is what can be stored of a provider's text.
func text(words string) string { return strings.ToValidUTF8(words, "") }
