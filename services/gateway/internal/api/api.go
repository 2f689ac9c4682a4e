package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/sync/semaphore"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/allowance"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/idempotency"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/ratelimit"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/route"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/standing"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/template"
)

const (
	// maxRequestBytes bounds the body of a request.
	maxRequestBytes = 1 << 20
	// maxLargeBytes bounds the bodies that are larger, together.
	maxLargeBytes = 128 << 20
)

// Bus is what the operations need of the bus.
type Bus interface {
	Ask(ctx context.Context, subject string, request, response proto.Message) error
	AskRaw(ctx context.Context, subject string, request proto.Message) ([]byte, error)
	Publish(ctx context.Context, p bus.Publishing) (bus.Ack, error)
}

// Realtime takes over a connection and sends it the changes after a sequence, or from now when after is nil.
type Realtime interface {
	Serve(w http.ResponseWriter, r *http.Request, principal access.Principal, after *uint64)
}

// Limits bound how often a caller may ask.
type Limits struct {
	// Principal is for everyone who is signed in, Address for sign-up and login from one IP address, Mailbox for
	// sign-up and login with one e-mail address from one IP address.
	Principal, Address, Mailbox *ratelimit.Limiter
	// Upload is for the files of one workspace.
	Upload *ratelimit.Limiter
	// TrustedProxies are the proxies whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

// Deps is what the operations stand on. All are required.
type Deps struct {
	Bus      Bus
	Access   *access.Directory
	Usage    *access.Usage
	Routes   *route.Directory
	Answers  *idempotency.Store
	Realtime Realtime
	Files    Files
	Shapes   *Shapes
	Standing *standing.Directory
	// Allowances reserves what a message takes of its workspace's plan.
	Allowances *allowance.Book
	// Providers tells what the channels take.
	Providers *channel.Registry
	Limits    Limits
	// Sealer seals the secrets of workspaces' own credentials; nil where there are none.
	Sealer *seal.Sealer
	// PublicURL is where browsers reach us, WebhookURL where providers' webhooks arrive.
	PublicURL  *url.URL
	WebhookURL string
	Logger     *slog.Logger
}

// API serves everything under /api. It is an http.Handler.
type API struct {
	deps     Deps
	huma     huma.API
	mux      *http.ServeMux
	handler  http.Handler
	document []byte

	templates *template.Lists
	buffers   *buffers
	// uploads are the files that arrive at this moment.
	uploads *ratelimit.Slots
	// room is for the bodies of large requests.
	room *semaphore.Weighted
}

// New registers every operation.
func New(deps Deps) (*API, error) {
	a := &API{deps: deps, mux: http.NewServeMux(), buffers: newBuffers(), uploads: ratelimit.NewSlots(concurrentUploads, workspaceUploads), room: semaphore.NewWeighted(maxLargeBytes)}
	var err error
	if a.templates, err = template.New(a.askTemplates); err != nil {
		return nil, err
	}
	a.huma = humago.New(a.mux, config(a.buffers.marshal))
	a.huma.UseMiddleware(a.guard)
	a.registerAccount()
	a.registerAPIKeys()
	a.registerCommunications()
	a.registerConversations()
	a.registerMessages()
	a.registerHTML()
	a.registerAttachments()
	a.registerUploads()
	a.registerTemplates()
	a.registerConsents()
	a.registerCallSettings()
	a.registerSettings()
	a.registerOwnAccounts()
	a.registerAudit()
	a.registerUsage()
	a.registerBilling()
	a.registerRealtime()
	a.registerOperator()
	if err := a.registerDocument(); err != nil {
		return nil, err
	}
	a.mux.HandleFunc("/api/", a.unknown)
	origins, err := crossOrigin(deps.PublicURL)
	if err != nil {
		return nil, err
	}
	a.handler = origins(a.mux)
	return a, nil
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Document is the OpenAPI document as indented JSON.
func (a *API) Document() []byte { return a.document }

// unknown answers a path that is no operation, or one asked with the wrong method.
func (a *API) unknown(w http.ResponseWriter, r *http.Request) {
	allowed := a.methods(r)
	if len(allowed) == 0 {
		WriteProblem(w, NewProblem(http.StatusNotFound, CodeNotFound, "There is no such path."))
		return
	}
	problem := NewProblem(http.StatusMethodNotAllowed, CodeMethodNotAllowed, r.Method+" is not allowed here.")
	problem.header = http.Header{"Allow": allowed}
	WriteProblem(w, problem)
}

func (a *API) methods(r *http.Request) []string {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := a.mux.Handler(other); pattern != "/api/" {
			allowed = append(allowed, method)
		}
	}
	return allowed
}

// crossOrigin refuses what another site makes a browser send with our cookie. A request with an Authorization header
// carries no cookie's authority, so it passes.
func crossOrigin(public *url.URL) (func(http.Handler) http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("trusting the public URL: %w", err)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "" && protection.Check(r) != nil {
				WriteProblem(w, NewProblem(http.StatusForbidden, CodeCrossOrigin, "The request comes from another site."))
				return
			}
			next.ServeHTTP(w, r)
		})
	}, nil
}
