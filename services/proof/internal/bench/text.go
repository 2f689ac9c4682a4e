package bench

import (
	"fmt"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/bare"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/load"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	// textPrefix begins the provider's id of every text of the bench.
	textPrefix = "bench-"
	// markLength is how long the marker is that begins a body: "m-" and ten digits.
	markLength = 12
	// bodyLength is how long a body is.
	bodyLength = 290
)

// texts makes the webhooks of texts that customers write, no two of them alike.
type texts struct {
	public    string
	homes     []tenant.Workspace
	customers int
	made      int
	filler    string
}

func newTexts(public string, homes []tenant.Workspace, customers int) *texts {
	words := strings.Repeat("the parcel has not come yet and nobody answers ", bodyLength)
	return &texts{public: public, homes: homes, customers: customers, filler: " " + words[:bodyLength-markLength-1]}
}

// mark is what a body begins with: it tells one text from every other, in a stream, a frame or a row.
func mark(n int) string { return fmt.Sprintf("m-%010d", n) }

// body is that of a text.
func (t *texts) body(n int) string { return mark(n) + t.filler }

// next makes the webhooks of so many further texts to the first of the workspaces, and tells the number of the first.
func (t *texts) next(count, homes int) (first int, webhooks []sandbox.Webhook) {
	first = t.made
	webhooks = make([]sandbox.Webhook, count)
	for i := range webhooks {
		n := first + i
		home := t.homes[n%homes]
		webhooks[i] = sandbox.TextWebhook(t.public, sandbox.Text{
			ID: fmt.Sprintf("%s%010d", textPrefix, n), From: bare.Customer(n / homes % t.customers),
			To: home.Accounts[channel.SMS].Address, Body: t.body(n),
		})
	}
	t.made += count
	return first, webhooks
}

// requests are the webhooks as requests to a host; path replaces theirs unless it is empty.
func requests(webhooks []sandbox.Webhook, host, path string) []load.Request {
	made := make([]load.Request, len(webhooks))
	for i, w := range webhooks {
		target := w.Path
		if path != "" {
			target = path
		}
		made[i] = load.NewRequest("POST", host, target, w.Body, w.Header...)
	}
	return made
}
