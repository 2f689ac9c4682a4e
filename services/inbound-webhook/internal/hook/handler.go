package hook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"golang.org/x/time/rate"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/call"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/consent"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/media"
)

const (
	// requestTimeout bounds one webhook: completing, files and publishing together stay below it.
	requestTimeout = 12 * time.Second
	retryAfter     = "5"
	// keptOfOversized is how much of a body that is too large is kept for an operator to look at.
	keptOfOversized = 64 << 10
	maxToken        = 128
	// strangeBytes is how much of the blob store strangers may fill with large bodies at once; they get a byte of it back
	// with each strangeEvery, the whole of it in about a day.
	strangeBytes = 1 << 30
	strangeEvery = 80 * time.Microsecond
	unknown      = "unknown"
)

var errTooLarge = errors.New("the body is larger than accepted; its beginning is kept")

// Dependencies are the parts a Handler works with.
type Dependencies struct {
	Bus       *bus.Bus
	Endpoints *Endpoints
	Router    *Router
	Media     *media.Store
	Consents  *consent.Book
	Calls     *call.Flow
	Logger    *slog.Logger
	Metrics   prometheus.Registerer
	Tracing   trace.TracerProvider
}

// Limits are the bounds of a Handler; see the service's Config.
type Limits struct {
	PublicURL       string
	MaxBodyBytes    int64
	MemoryBytes     int64
	ReadTimeout     time.Duration
	QuarantineRate  float64
	QuarantineBurst int
	TrustedProxies  []netip.Prefix
}

// Handler answers webhooks.
type Handler struct {
	bus       *bus.Bus
	endpoints *Endpoints
	router    *Router
	media     *media.Store
	consents  *consent.Book
	calls     *call.Flow
	logger    *slog.Logger
	tracing   trace.TracerProvider
	metrics   *metrics
	limits    Limits
	limiter   *limiter
	room      *room
	memory    *memory
	recent    *recent
	strange   *rate.Limiter
	now       func() time.Time
}

// New makes a Handler.
func New(dependencies Dependencies, limits Limits) (*Handler, error) {
	metrics, err := newMetrics(dependencies.Metrics)
	if err != nil {
		return nil, err
	}
	return &Handler{
		bus: dependencies.Bus, endpoints: dependencies.Endpoints, router: dependencies.Router,
		media: dependencies.Media, consents: dependencies.Consents, calls: dependencies.Calls, logger: dependencies.Logger, tracing: dependencies.Tracing, metrics: metrics,
		limits: limits, limiter: newLimiter(limits.QuarantineRate, limits.QuarantineBurst, time.Now), now: time.Now,
		room: newRoom(dependencies.Bus, time.Now), memory: newMemory(limits.MemoryBytes), recent: newRecent(maxRecent),
		strange: rate.NewLimiter(rate.Every(strangeEvery), strangeBytes),
	}, nil
}

// Register adds the routes. Some providers can be told to use GET.
func (h *Handler) Register(mux *http.ServeMux) {
	var traced http.Handler = h
	if _, untraced := h.tracing.(noop.TracerProvider); !untraced {
		traced = h.traced()
	}
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		mux.Handle(method+" /api/webhooks/{provider}", traced)
		mux.Handle(method+" /api/webhooks/{provider}/{token}", traced)
	}
}

// traced is the handler in a span of its own, which costs a tenth of a webhook also when nobody keeps the spans.
func (h *Handler) traced() http.Handler {
	return otelhttp.NewHandler(h, "webhook", otelhttp.WithTracerProvider(h.tracing),
		otelhttp.WithPublicEndpointFn(func(*http.Request) bool { return true })) // a stranger's trace is not ours
}

// ServeHTTP implements http.Handler for the routes of Register.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started, provider := h.now(), unknown
	result := outcomeUnknownProvider
	description, ok := h.endpoints.describe(r.PathValue("provider"))
	if ok {
		provider = description.Name
		result = h.answer(w, r, description)
	} else {
		http.NotFound(w, r)
	}
	if span := trace.SpanFromContext(r.Context()); span.IsRecording() {
		span.SetAttributes(attribute.String("webhook.provider", provider), attribute.String("webhook.outcome", string(result)))
	}
	h.metrics.requests.WithLabelValues(provider, string(result)).Inc()
	h.metrics.duration.WithLabelValues(provider).Observe(h.now().Sub(started).Seconds())
}

// answer reads, receives and replies. What was read is received whether or not the provider waits for the answer.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, description channel.Description) outcome {
	counted := h.memory.reader(r.Body)
	defer counted.release()
	body, err := h.read(w, counted, r.ContentLength)
	oversized := errors.Is(err, errTooLarge)
	if err != nil && !oversized {
		return unread(w, description, err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), requestTimeout)
	defer cancel()
	a := arrival{
		description: description, token: cut(r.PathValue("token"), maxToken), remote: h.remoteOf(r),
		webhook: channel.Webhook{
			Method: r.Method, URL: h.publicURL(r), Header: headerOf(r), Body: body, ReceivedAt: h.now(),
		},
	}
	if oversized {
		return h.refuse(ctx, w, a)
	}
	result, reply, err := h.receive(ctx, a)
	if errors.Is(err, errLimited) {
		reply = channel.Reply{Status: http.StatusTooManyRequests}
	} else if err != nil {
		h.logger.ErrorContext(ctx, "webhook is not stored; the provider is asked to come again",
			slog.String("provider", description.Name), slog.Any("err", err))
	}
	write(w, reply, err != nil)
	return result
}

// unread answers a request whose body did not arrive, or for which there is no memory at the moment.
func unread(w http.ResponseWriter, description channel.Description, err error) outcome {
	w.Header().Set("Connection", "close")
	if errors.Is(err, errBusy) {
		write(w, description.Replies.Unavailable, true)
		return outcomeUnavailable
	}
	status := http.StatusBadRequest
	if errors.Is(err, os.ErrDeadlineExceeded) {
		status = http.StatusRequestTimeout
	}
	http.Error(w, http.StatusText(status), status)
	return outcomeBroken
}

// refuse answers a body that is too large, in the provider's form but never with a 2xx: it is not kept whole.
func (h *Handler) refuse(ctx context.Context, w http.ResponseWriter, a arrival) outcome {
	a.webhook.Body = a.webhook.Body[:min(len(a.webhook.Body), keptOfOversized)]
	if h.limiter.allow(a.remote, len(a.webhook.Body)) && h.room.left(ctx) {
		if _, _, err := h.apart(ctx, a, reasonUnparsable, errTooLarge, channel.Reply{}); err != nil {
			h.logger.WarnContext(ctx, "beginning of an oversized webhook is not kept", slog.Any("err", err))
		}
	}
	reply := a.description.Replies.Unparsable
	reply.Status = http.StatusRequestEntityTooLarge
	w.Header().Set("Connection", "close")
	write(w, reply, false)
	return outcomeTooLarge
}

// read takes the body within size and time.
func (h *Handler) read(w http.ResponseWriter, from io.Reader, announced int64) ([]byte, error) {
	controller := http.NewResponseController(w)
	if err := controller.SetReadDeadline(h.now().Add(h.limits.ReadTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	body, err := readBody(io.LimitReader(from, h.limits.MaxBodyBytes+1), announced)
	if err != nil {
		return nil, err
	}
	_ = controller.SetReadDeadline(time.Time{}) // it was for the body alone
	if int64(len(body)) > h.limits.MaxBodyBytes {
		return body, errTooLarge
	}
	return body, nil
}

// publicURL is what the provider signed: the base as configured, then path and query exactly as they came. What the
// request says about its host plays no part.
func (h *Handler) publicURL(r *http.Request) string {
	target := r.RequestURI
	if !strings.HasPrefix(target, "/") { // the absolute form, which proxies use
		target = r.URL.RequestURI()
	}
	return strings.TrimRight(h.limits.PublicURL, "/") + target
}

// remoteOf is the address a request comes from: the last one in X-Forwarded-For that is no proxy of ours, when the
// connection is from one.
func (h *Handler) remoteOf(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	remote := peer.Addr().Unmap()
	if !h.trusts(remote) {
		return remote
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && h.trusts(remote); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		remote = hop.Unmap()
	}
	return remote
}

func (h *Handler) trusts(address netip.Addr) bool {
	for _, network := range h.limits.TrustedProxies {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// headerOf is the header with the host, which Go keeps apart.
func headerOf(r *http.Request) http.Header {
	header := make(http.Header, len(r.Header)+1)
	maps.Copy(header, r.Header) // the values are shared: nobody changes them
	header["Host"] = []string{r.Host}
	return header
}

func write(w http.ResponseWriter, reply channel.Reply, again bool) {
	if again {
		w.Header().Set("Retry-After", retryAfter)
	}
	if reply.ContentType != "" {
		w.Header().Set("Content-Type", reply.ContentType)
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(reply.Status)
	_, _ = io.WriteString(w, reply.Body) // the provider hung up
}
