package call

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// askTimeout is how long a provider waits for a document.
const askTimeout = 15 * time.Second

// params are what every webhook about a leg has.
func (l *leg) params() url.Values {
	form := url.Values{
		"CallSid": {l.ID}, "AccountSid": {l.line.Account}, "ApiVersion": {"2010-04-01"}, "From": {l.From}, "To": {l.To},
		"CallStatus": {string(l.State)}, "Direction": {l.Direction},
	}
	if l.ParentID != "" {
		form.Set("ParentCallSid", l.ParentID)
	}
	return form
}

// ask asks the webhook for a document.
func (n *Network) ask(l *leg, at string, more url.Values, done <-chan struct{}) ([]Verb, error) {
	if !n.callbacks.Reachable(at) {
		return nil, fmt.Errorf("%w: nobody is reached at %q", ErrBadDocument, at)
	}
	var form url.Values
	n.locked(func() { form = l.params() })
	maps.Copy(form, more)
	l.line.Finish(AskWebhook, form)
	var mu sync.Mutex // told to duplicate, the webhook is asked twice: the first document counts
	var verbs []Verb
	ended := make(chan error, 1)
	n.callbacks.Deliver(callback.Callback{
		Provider: l.line.Name, Name: "call instructions", About: l.ID, At: world.Now(), Waits: l.line.Waits[:min(1, len(l.line.Waits))],
		Request: l.line.Request(at, form),
		Check: func(body []byte) error {
			read, err := ParseDocument(body)
			mu.Lock()
			defer mu.Unlock()
			if verbs == nil {
				verbs = read
			}
			return err
		},
		Ended: func(err error) { ended <- err },
	})
	timer := time.NewTimer(askTimeout)
	defer timer.Stop()
	select {
	case err := <-ended:
		mu.Lock()
		defer mu.Unlock()
		return verbs, err
	case <-timer.C:
		return nil, fmt.Errorf("%w: the webhook does not answer", ErrBadDocument)
	case <-done:
		return nil, ErrUnknown
	}
}

// tellState tells the state of a leg to who wants to know. The caller holds the lock.
func (n *Network) tellState(l *leg) {
	wanted := l.events
	if len(wanted) == 0 {
		wanted = []string{Completed.event()}
	}
	if l.statusURL == "" || !slices.Contains(wanted, l.State.event()) || !n.callbacks.Reachable(l.statusURL) {
		return
	}
	form := l.params()
	form.Set("CallbackSource", "call-progress-events")
	form.Set("SequenceNumber", strconv.Itoa(l.sequence))
	form.Set("Timestamp", world.Now().UTC().Format(time.RFC1123Z))
	if l.State.Over() {
		form.Set("CallDuration", strconv.Itoa(l.Duration))
		form.Set("SipResponseCode", sipCode(l.State))
	}
	l.sequence++
	n.tell(l, StatusWebhook, l.statusURL, form, 0)
}

// tell posts a webhook after the others about the same call, and not before so many seconds.
func (n *Network) tell(l *leg, webhook Webhook, at string, form url.Values, seconds float64) {
	l.line.Finish(webhook, form)
	l.told.tell(callback.Callback{
		Provider: l.line.Name, Name: "call news", About: l.ID, At: world.Now().Add(n.seconds(seconds)), Waits: l.line.Waits,
		Request: l.line.Request(at, form),
	})
}

// sipCode is the answer of the phone's exchange.
func sipCode(state State) string {
	switch state {
	case Busy:
		return "486"
	case NoAnswer:
		return "480"
	case Failed:
		return "404"
	case Canceled:
		return "487"
	case Queued, Initiated, Ringing, InProgress, Completed:
	}
	return "200"
}
