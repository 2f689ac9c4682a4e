package sender_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// consent says what an address wants.
func (w *world) consent(ws workspace.ID, kind channel.Kind, address, state, source string) {
	w.t.Helper()
	w.put(event.BucketConsent, event.ConsentKey(ws, kind, address), &eventv1.Consent{
		WorkspaceId: ws.String(), Channel: string(kind), Address: address, State: state, Source: source,
		ChangedAt: timestamppb.Now(),
	})
}

// window opens the window of a conversation until an instant.
func (w *world) window(ws workspace.ID, conversation string, until time.Time) {
	w.t.Helper()
	w.put(event.BucketWindows, event.WindowKey(ws, conversation), &bucketv1.Window{
		WorkspaceId: ws.String(), ConversationId: conversation, ExpiresAt: timestamppb.New(until),
	})
}

func TestConsent_BlocksWhoDoesNotWantMessagesAndSaysWhy(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	w.start()
	cases := map[string]struct{ state, source, code string }{
		"a keyword":                  {"opted_out", channel.SourceKeyword, channel.CodeOptedOut},
		"the provider":               {"opted_out", channel.SourceProvider, channel.CodeOptedOut},
		"a complaint":                {"opted_out", channel.SourceComplaint, channel.CodeOptedOut},
		"a link to unsubscribe":      {"opted_out", channel.SourceUnsubscribe, channel.CodeOptedOut},
		"a person":                   {"opted_out", channel.SourcePerson, channel.CodeOptedOut},
		"a bounce":                   {"opted_out", channel.SourceBounce, channel.CodeSuppressed},
		"who opted in":               {"opted_in", channel.SourceKeyword, ""},
		"an address nobody knows of": {"", "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ws := w.newWorkspace(v)
			send := request(ws, v, "c", name)
			if c.state != "" {
				w.consent(ws, channel.SMS, send.GetTo(), c.state, c.source)
				w.consent(workspace.NewID(), channel.SMS, send.GetTo(), "opted_out", c.source)
				w.consent(ws, channel.WhatsApp, send.GetTo(), "opted_out", c.source)
			}
			if c.code != "" {
				w.settled(v, ws, send.GetTo())
			}
			w.publish(send)
			if c.code == "" {
				w.await(send, "accepted")
				return
			}
			receipt := w.await(send, "blocked")
			require.Equal(t, "blocked", receipt.GetStatus())
			require.Equal(t, c.code, receipt.GetFailure().GetCode())
			require.NotEmpty(t, receipt.GetFailure().GetMessage())
			require.NotEmpty(t, receipt.GetFailure().GetRemedy())
			require.Equal(t, "blocked", w.entry(send).GetStatus())
		})
	}
}

// settled waits until the sender has heard that an address has opted out.
func (w *world) settled(v *vendor, ws workspace.ID, address string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		probe := request(ws, v, uuid.NewString(), "probe")
		probe.To = address
		w.publish(probe)
		for {
			for _, receipt := range w.receipts.of(probe) {
				if step := receipt.GetStep(); step == "accepted" || step == "blocked" {
					return step == "blocked"
				}
			}
			select {
			case <-w.receipts.news:
			case <-w.t.Context().Done():
				return false
			}
		}
	}, patience, time.Millisecond)
}

func TestConsent_ACopyToWhoOptedOutBlocksAndNamesThem(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	w.consent(ws, channel.SMS, "unwilling@example.com", "opted_out", channel.SourceUnsubscribe)
	w.start()
	for i, place := range []func(*eventv1.SendMessage, []string){
		func(send *eventv1.SendMessage, to []string) { send.Cc = to },
		func(send *eventv1.SendMessage, to []string) { send.Bcc = to },
	} {
		send := request(ws, v, strconv.Itoa(i), "copy")
		place(send, []string{"willing@example.com", "unwilling@example.com"})
		w.publish(send)
		failure := w.await(send, "blocked").GetFailure()
		require.Equal(t, channel.CodeOptedOut, failure.GetCode())
		require.Contains(t, failure.GetMessage(), "unwilling@example.com")
	}
	require.Empty(t, v.bodies())
}

func TestConsent_StopWhileAMessageWaitsBehindAHeldCredentialBlocksIt(t *testing.T) {
	t.Parallel()
	broken, whole := newVendor(t, "broken"), newVendor(t, "whole")
	var valid atomic.Bool
	broken.valid = valid.Load
	broken.answer = func(channel.Outbound, int) (int, http.Header) {
		if !valid.Load() {
			return http.StatusUnauthorized, nil
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, broken, whole)
	w.start()
	ws := w.newWorkspace(broken)
	w.route(ws, whole)
	unwanted, behind := request(ws, broken, "c", "unwanted"), request(ws, broken, "c", "behind")
	wanted := request(ws, broken, "other", "wanted")
	wanted.To = "+14155550199"
	w.publish(unwanted)
	require.Eventually(t, func() bool { return broken.requests() > 0 }, patience, time.Millisecond, "the credential is held")
	w.publish(behind)
	w.publish(wanted)

	w.consent(ws, channel.SMS, unwanted.GetTo(), "opted_out", channel.SourceKeyword)
	w.settled(whole, ws, unwanted.GetTo())
	valid.Store(true)

	w.await(wanted, "accepted")
	for _, send := range []*eventv1.SendMessage{unwanted, behind} {
		require.Equal(t, channel.CodeOptedOut, w.await(send, "blocked").GetFailure().GetCode())
	}
	require.Equal(t, []string{"wanted"}, broken.bodies())
	w.requireQuiet()
}

func TestConsent_IsKnownWholeBeforeTheFirstSend(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	var sends []*eventv1.SendMessage
	for i := range 100 {
		send := request(ws, v, strconv.Itoa(i), "unwanted")
		send.To = fmt.Sprintf("+1415555%04d", i)
		w.consent(ws, channel.SMS, send.GetTo(), "opted_out", channel.SourceKeyword)
		sends = append(sends, send)
	}
	w.publishAll(sends)
	w.start()

	for _, send := range sends {
		w.await(send, "blocked")
	}
	require.Zero(t, v.requests())
}

func TestConsent_TheAnswerToAKeywordGoesToWhoHasJustOptedOut(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.about.Windows = map[channel.Kind]time.Duration{channel.SMS: 24 * time.Hour}
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	answer := request(ws, v, "c", "You will receive no more messages.")
	answer.Automatic, answer.AnswersKeyword = true, true
	w.consent(ws, channel.SMS, answer.GetTo(), "opted_out", channel.SourceKeyword)
	w.start()
	w.publish(answer)

	w.await(answer, "accepted")
	require.True(t, v.calls[0].Automatic)
}

func TestWindow_OutsideItOnlyTemplatesGo(t *testing.T) {
	t.Parallel()
	v, free := newVendor(t, "acme"), newVendor(t, "free")
	v.about.Windows = map[channel.Kind]time.Duration{channel.SMS: 24 * time.Hour}
	w := newWorld(t, v, free)
	ws := w.newWorkspace(v)
	w.window(ws, "open", time.Now().Add(time.Hour))
	w.window(ws, "over", time.Now().Add(-time.Second))
	w.window(workspace.NewID(), "never", time.Now().Add(time.Hour))
	w.start()

	for _, conversation := range []string{"over", "never"} {
		closed, template := request(ws, v, conversation, "closed"), request(ws, v, conversation, "template")
		template.Template = &eventv1.Template{Id: "order", Language: "en_US", Parameters: map[string]string{"1": "Ana"}}
		w.publish(closed)
		w.publish(template)
		failure := w.await(closed, "blocked").GetFailure()
		require.Equal(t, channel.CodeWindowClosed, failure.GetCode())
		require.Contains(t, strings.ToLower(failure.GetRemedy()), "send a template")
		w.await(template, "accepted")
	}
	open, unbounded := request(ws, v, "open", "open"), request(w.newWorkspace(free), free, "never", "unbounded")
	w.publish(open)
	w.publish(unbounded)
	w.await(open, "accepted")
	w.await(unbounded, "accepted")
	require.Equal(t, []string{"template", "template", "open"}, v.bodies())
	require.Equal(t, &channel.TemplateUse{
		ID: "order", Language: "en_US", Parameters: map[string]string{"1": "Ana"},
	}, v.calls[0].Template)
}

func TestWindow_OneThatOpensWhileTheSenderRunsCountsAtOnce(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.about.Windows = map[channel.Kind]time.Duration{channel.SMS: 24 * time.Hour}
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	w.start()
	for i := range 20 {
		send := request(ws, v, strconv.Itoa(i), "answer")
		w.window(ws, send.GetConversationId(), time.Now().Add(time.Hour))
		w.publish(send)
		w.await(send, "accepted")
	}
}

func TestAutomatic_FiveInAConversationThenAPersonHasToAnswer(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.answer = func(_ channel.Outbound, nth int) (int, http.Header) {
		if nth == 1 {
			return http.StatusTooEarly, nil // a second try is no second message
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, v)
	w.start()
	ws := w.newWorkspace(v)
	automatic := func(conversation string, keyword bool) *eventv1.SendMessage {
		send := request(ws, v, conversation, "automatic")
		send.Automatic, send.AnswersKeyword = true, keyword
		w.publish(send)
		return send
	}
	for i := range 5 {
		w.await(automatic("loop", i%2 == 0), "accepted")
	}
	for _, keyword := range []bool{false, true} {
		failure := w.await(automatic("loop", keyword), "blocked").GetFailure()
		require.Equal(t, channel.CodeAutomaticLimit, failure.GetCode())
		require.NotEmpty(t, failure.GetRemedy())
	}
	w.await(automatic("other", false), "accepted")
	byHand := request(ws, v, "loop", "by hand")
	w.publish(byHand)
	w.await(byHand, "accepted")
}
