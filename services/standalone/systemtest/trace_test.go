package systemtest_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

func TestSystem_one_trace_covers_accept_send_and_commit(t *testing.T) {
	t.Parallel()
	collector := newCollector(t)
	s := startSystem(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"})
	owner := signUp(t, s.gateway)
	owner.waitStatus(owner.send("sms", "+14055550188", "traced"), "delivered")

	want := []string{event.ServiceGateway, event.ServiceSender, event.ServiceStore}
	require.Eventually(t, func() bool {
		for _, services := range collector.sends() {
			if services[want[0]] && services[want[1]] && services[want[2]] {
				return true
			}
		}
		return false
	}, 30*time.Second, 100*time.Millisecond, "no trace of a send holds spans of %v", want)
}

// collector takes spans over OTLP/HTTP, as an OpenTelemetry collector does.
type collector struct {
	url string

	mu     sync.Mutex
	traces map[string]map[string]bool // trace id to the services in it
	send   map[string]bool            // traces with the sender's call to the provider in them
	raw    []byte                     // everything, as it came
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{traces: map[string]map[string]bool{}, send: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		request := &collectorv1.ExportTraceServiceRequest{}
		if err != nil || proto.Unmarshal(body, request) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.keep(body)
		for _, resource := range request.GetResourceSpans() {
			c.take(serviceOf(resource), resource)
		}
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *collector) keep(body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw = append(c.raw, body...)
}

// holds tells whether a text is anywhere in what was collected.
func (c *collector) holds(text string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Contains(c.raw, []byte(text))
}

func (c *collector) take(service string, resource *tracev1.ResourceSpans) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, scope := range resource.GetScopeSpans() {
		for _, span := range scope.GetSpans() {
			id := hex.EncodeToString(span.GetTraceId())
			if c.traces[id] == nil {
				c.traces[id] = map[string]bool{}
			}
			c.traces[id][service] = true
			c.send[id] = c.send[id] || service == event.ServiceSender && span.GetName() == "send"
		}
	}
}

// sends is the services of every trace that holds a send.
func (c *collector) sends() []map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []map[string]bool
	for id, isSend := range c.send {
		if !isSend {
			continue
		}
		services := map[string]bool{}
		for service := range c.traces[id] {
			services[service] = true
		}
		found = append(found, services)
	}
	return found
}

func serviceOf(resource *tracev1.ResourceSpans) string {
	for _, attribute := range resource.GetResource().GetAttributes() {
		if attribute.GetKey() == "service.name" {
			return attribute.GetValue().GetStringValue()
		}
	}
	return ""
}
