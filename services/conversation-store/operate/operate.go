// Package operate is the command with which operators see and handle what is left over.
package operate

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

const usage = `operator quarantine   list [-provider P] [-reason R] [-since T] [-all] [-before ID]
operator quarantine   show ID | release ID
operator quarantine   fix -reason TEXT [-workspace ID] [-trusted] [-body FILE] ID
operator dead-letters list [-service S] [-workspace ID] [-since T] [-all] [-before ID]
operator dead-letters show ID | drive ID
operator inbound      replay [-message ID] [-workspace ID] [-from T] [-to T]
operator credentials  list | reseal

T is a time as 2026-05-06T07:08:09Z. -by says who does it; else it is the user of the machine.
NATS_URL is the message bus. Answers are JSON.
`

const (
	exitFailed = 1
	exitUsage  = 2
)

var errUsage = errors.New("unknown command")

// options are what the flags say.
type options struct {
	provider, reason, service, workspace, message, body, by string
	since, from, to                                         moment
	all, trusted                                            bool
	before, id                                              uint64
}

// moment is a time in a flag.
type moment struct{ at *timestamppb.Timestamp }

var _ flag.Value = (*moment)(nil)

// String implements flag.Value.
func (m *moment) String() string { return "" }

// Set implements flag.Value.
func (m *moment) Set(text string) error {
	at, err := time.Parse(time.RFC3339, text)
	m.at = timestamppb.New(at)
	return err
}

// Main runs one command and returns the exit code.
func Main(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	if len(args) < 2 {
		_, _ = io.WriteString(stderr, usage)
		return exitUsage
	}
	o, err := parse(args[2:], getenv, stderr)
	if err == nil {
		err = run(ctx, args[0]+" "+args[1], o, cmp.Or(getenv("NATS_URL"), "nats://127.0.0.1:4222"), stdout)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		_, _ = io.WriteString(stderr, usage)
		return exitUsage
	default:
		_, _ = fmt.Fprintln(stderr, "operator:", err)
		return exitFailed
	}
}

func parse(args []string, getenv func(string) string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("operator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.provider, "provider", "", "")
	flags.StringVar(&o.reason, "reason", "", "")
	flags.StringVar(&o.service, "service", "", "")
	flags.StringVar(&o.workspace, "workspace", "", "")
	flags.StringVar(&o.message, "message", "", "")
	flags.StringVar(&o.body, "body", "", "")
	flags.StringVar(&o.by, "by", cmp.Or(getenv("USER"), "operator"), "")
	flags.Var(&o.since, "since", "")
	flags.Var(&o.from, "from", "")
	flags.Var(&o.to, "to", "")
	flags.BoolVar(&o.all, "all", false, "")
	flags.BoolVar(&o.trusted, "trusted", false, "")
	flags.Uint64Var(&o.before, "before", 0, "")
	if err := flags.Parse(args); err != nil {
		return o, errUsage
	}
	if flags.NArg() == 0 {
		return o, nil
	}
	id, err := strconv.ParseUint(flags.Arg(0), 10, 64)
	if err != nil || flags.NArg() > 1 {
		return o, errUsage
	}
	o.id = id
	return o, nil
}

// question is what a command asks.
type question struct {
	entity, verb      string
	request, response proto.Message
}

func (o options) question(command string) (question, error) {
	switch command {
	case "quarantine list":
		return question{"quarantine", "list", &operatorv1.ListQuarantineRequest{
			Provider: o.provider, Reason: o.reason, Since: o.since.at, All: o.all, Before: o.before,
		}, &operatorv1.ListQuarantineResponse{}}, nil
	case "quarantine show":
		return question{"quarantine", "get", &operatorv1.GetQuarantineRequest{Id: o.id}, &operatorv1.GetQuarantineResponse{}}, nil
	case "quarantine fix":
		fix, err := o.fix()
		return question{"quarantine", "fix", &operatorv1.FixQuarantineRequest{Id: o.id, By: o.by, Fix: fix}, &operatorv1.FixQuarantineResponse{}}, err
	case "quarantine release":
		return question{"quarantine", "release", &operatorv1.ReleaseQuarantineRequest{Id: o.id, By: o.by}, &operatorv1.ReleaseQuarantineResponse{}}, nil
	case "dead-letters list":
		return question{"dead-letter", "list", &operatorv1.ListDeadRequest{
			Service: o.service, WorkspaceId: o.workspace, Since: o.since.at, All: o.all, Before: o.before,
		}, &operatorv1.ListDeadResponse{}}, nil
	case "dead-letters show":
		return question{"dead-letter", "get", &operatorv1.GetDeadRequest{Id: o.id}, &operatorv1.GetDeadResponse{}}, nil
	case "dead-letters drive":
		return question{"dead-letter", "drive", &operatorv1.DriveDeadRequest{Id: o.id, By: o.by}, &operatorv1.DriveDeadResponse{}}, nil
	case "inbound replay":
		return question{"inbound", "replay", &operatorv1.ReplayInboundRequest{
			MessageId: o.message, WorkspaceId: o.workspace, From: o.from.at, To: o.to.at, By: o.by,
		}, &operatorv1.ReplayInboundResponse{}}, nil
	default:
		return question{}, errUsage
	}
}

func (o options) fix() (*operatorv1.Fix, error) {
	fix := &operatorv1.Fix{Reason: o.reason, WorkspaceId: o.workspace, Trusted: o.trusted}
	if o.body == "" {
		return fix, nil
	}
	body, err := os.ReadFile(o.body)
	if err != nil {
		return nil, fmt.Errorf("reading the corrected body: %w", err)
	}
	fix.Body = body
	return fix, nil
}

// run asks, again and again for a replay that comes in parts, and prints every answer.
func run(ctx context.Context, command string, o options, url string, stdout io.Writer) error {
	about, isAboutCredentials := credentialsCommand(command)
	q, err := o.question(command)
	if err != nil && !isAboutCredentials {
		return err
	}
	connected, err := bus.Connect(ctx, bus.Config{URL: url, Name: "operator"})
	if err != nil {
		return err
	}
	defer connected.Close()
	if isAboutCredentials {
		return about(ctx, connected, stdout)
	}
	return q.ask(ctx, connected, stdout)
}

// ask asks, and prints the answer; a replay is asked for part by part.
func (q question) ask(ctx context.Context, connected *bus.Bus, stdout io.Writer) error {
	for {
		if err := connected.Ask(ctx, event.AskSubject(workspace.ID{}, q.entity, q.verb), q.request, q.response); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(stdout, protojson.Format(q.response)); err != nil {
			return fmt.Errorf("printing the answer: %w", err)
		}
		request, isReplay := q.request.(*operatorv1.ReplayInboundRequest)
		response, _ := q.response.(*operatorv1.ReplayInboundResponse)
		if !isReplay || response.GetNext() == 0 {
			return nil
		}
		request.Next = response.GetNext()
	}
}
