package quarantine_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/blobtest"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/hook"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/quarantine"
)

// releaser notes the bodies that are let through, or refuses them.
type releaser struct {
	bodies [][]byte
	err    error
}

func (r *releaser) Release(_ context.Context, _ *eventv1.WebhookQuarantined, body []byte, _ *operatorv1.Fix) (int, error) {
	r.bodies = append(r.bodies, body)
	return 1, r.err
}

const (
	key     = "quarantine/acme/large"
	maxBody = 5 << 20
)

// office is a desk with one webhook in quarantine, whose body is to be in the blob store.
type office struct {
	desk     *quarantine.Desk
	bus      *bus.Bus
	files    *blobtest.Store
	releaser *releaser
}

func open(t *testing.T) *office {
	t.Helper()
	files, bucket := blobtest.New(t)
	o := &office{bus: bustest.New(t), files: files, releaser: &releaser{}}
	_, err := o.bus.Publish(t.Context(), bus.Publishing{
		Subject: event.QuarantineSubject("acme"), ID: "1",
		Payload: &eventv1.WebhookQuarantined{
			Provider: "acme", Reason: "bad_signature", Raw: &eventv1.RawPayload{Method: "POST", BodyBlobKey: key},
		},
	})
	require.NoError(t, err)
	o.desk, err = quarantine.New(t.Context(), o.bus, bucket, o.releaser, maxBody, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return o
}

// ask asks the desk as an operator does.
func ask[Response proto.Message](t *testing.T, o *office, verb string, request proto.Message) (Response, error) {
	t.Helper()
	var none Response
	data, err := proto.Marshal(request)
	require.NoError(t, err)
	for _, endpoint := range o.desk.Endpoints() {
		if endpoint.Verb != verb {
			continue
		}
		answer, err := endpoint.Handle(t.Context(), workspace.ID{}, data)
		if err != nil {
			return none, err
		}
		given, ok := none.ProtoReflect().New().Interface().(Response)
		require.True(t, ok)
		require.NoError(t, proto.Unmarshal(answer, given))
		return given, nil
	}
	require.Fail(t, "no such question", verb)
	return none, nil
}

func (o *office) get(t *testing.T) (*operatorv1.GetQuarantineResponse, error) {
	t.Helper()
	return ask[*operatorv1.GetQuarantineResponse](t, o, "get", &operatorv1.GetQuarantineRequest{Id: 1})
}

func (o *office) release(t *testing.T) (*operatorv1.ReleaseQuarantineResponse, error) {
	t.Helper()
	return ask[*operatorv1.ReleaseQuarantineResponse](t, o, "release", &operatorv1.ReleaseQuarantineRequest{Id: 1, By: "ada"})
}

func TestRelease_OfALargeBodyLetsTheWholeOfItThroughAndClosesIt(t *testing.T) {
	t.Parallel()
	o := open(t)
	body := bytes.Repeat([]byte("0123456789abcdef"), 2<<20/16)
	o.files.Put(key, body)

	shown, err := o.get(t)
	require.NoError(t, err)
	require.True(t, bytes.Equal(body, shown.GetItem().GetRaw().GetBody()))
	o.files.RequireClosed(t)

	o.releaser.err = hook.ErrStays
	_, err = o.release(t)
	require.Error(t, err)
	o.files.RequireClosed(t)

	o.releaser.err = nil
	released, err := o.release(t)
	require.NoError(t, err)
	require.EqualValues(t, 1, released.GetEvents())
	require.Equal(t, "ada", released.GetItem().GetHandling().GetBy())
	require.Len(t, o.releaser.bodies, 2)
	for _, released := range o.releaser.bodies {
		require.True(t, bytes.Equal(body, released))
	}
	o.files.RequireClosed(t)
}

func TestRelease_OfABodyThatIsNotThereIsToBeTriedAgain(t *testing.T) {
	t.Parallel()
	o := open(t)
	_, err := o.get(t)
	require.ErrorIs(t, err, bus.ErrUnavailable)
	_, err = o.release(t)
	require.ErrorIs(t, err, bus.ErrUnavailable)
	require.Empty(t, o.releaser.bodies, "nothing is let through in its place")

	o.files.Put(key, []byte("it came back"))
	_, err = o.release(t)
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte("it came back")}, o.releaser.bodies)
}

func TestRelease_OfABodyBeyondTheBoundReadsNoneOfIt(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.files.Put(key, make([]byte, maxBody+1))

	shown, err := o.get(t)
	require.NoError(t, err)
	require.Empty(t, shown.GetItem().GetRaw().GetBody(), "it is too large for an answer")
	require.Equal(t, key, shown.GetItem().GetRaw().GetBodyBlobKey(), "where it is, is told")
	_, err = o.release(t)
	refusal, isRefusal := errors.AsType[*bus.AskError](err)
	require.True(t, isRefusal, "%v", err)
	require.Equal(t, bus.CodeConflict, refusal.Code)
	require.Contains(t, refusal.Message, "more than 5242880 bytes")
	require.Empty(t, o.releaser.bodies)
	o.files.RequireClosed(t)

	_, err = ask[*operatorv1.FixQuarantineResponse](t, o, "fix", &operatorv1.FixQuarantineRequest{
		Id: 1, By: "ada", Fix: &operatorv1.Fix{Body: []byte("what of it matters"), Trusted: true, Reason: "Cut down."},
	})
	require.NoError(t, err)
	_, err = o.release(t)
	require.NoError(t, err, "the body of the fix comes in its place")
}

func TestRelease_OfTheLargestBodyThereMayBe(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.files.Put(key, make([]byte, maxBody))
	_, err := o.release(t)
	require.NoError(t, err)
	require.Len(t, o.releaser.bodies, 1)
	require.Len(t, o.releaser.bodies[0], maxBody)
	o.files.RequireClosed(t)
}
