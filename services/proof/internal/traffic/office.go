package traffic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

// lanesOf is how many customers a workspace talks to on each channel.
const lanesOf = 8

// office is a workspace with the customers it talks to.
type office struct {
	*web
	number          int
	workspace, user string
	addresses       map[string]string
	template        *template
	// phone is the telephone of the person in the workspace.
	phone string
	lanes map[string][]*lane
	// reserved are the customers who say STOP and START.
	reserved []*lane

	// messages and conversations are some of those it knows of.
	messages, conversations memory
	calls                   atomic.Int64
	// followers are the clients between two connections, once the load has ended.
	followers chan *follower
}

// template is an approved template with the names of its gaps.
type template struct {
	ID, Language string
	gaps         []string
}

// open signs a workspace up and learns what it has.
func (d *Driver) open(ctx context.Context, at int) (*office, error) {
	person := newWeb(d.cfg.Gateway, "")
	name := fmt.Sprintf("Load %d-%d", d.cfg.Seed, at)
	if err := person.demand(ctx, http.MethodPost, "/api/auth/signup", map[string]any{
		"name": "Owner", "email": fmt.Sprintf("owner-%d-%d@example.com", d.cfg.Seed, at),
		"password": "correct horse battery staple", "workspaceName": name,
	}, nil); err != nil {
		return nil, err
	}
	var me struct {
		User      struct{ ID string }
		Workspace struct{ ID string }
	}
	var key struct{ Secret string }
	if err := errors.Join(
		person.demand(ctx, http.MethodGet, "/api/me", nil, &me),
		person.demand(ctx, http.MethodPost, "/api/api-keys", map[string]any{"name": "load", "role": "admin"}, &key),
	); err != nil {
		return nil, err
	}
	o := &office{
		web: newWeb(d.cfg.Gateway, key.Secret), number: at, followers: make(chan *follower, d.cfg.Sockets), workspace: me.Workspace.ID, user: me.User.ID,
		addresses: map[string]string{}, lanes: map[string][]*lane{}, phone: phoneNumber(d.cfg.Seed, at, 0),
	}
	if err := o.learn(ctx, d.cfg.Channels); err != nil {
		return nil, err
	}
	d.furnish(o, at)
	d.record.Add(history.Record{
		Kind: history.Workspace, Outcome: history.Accepted, Workspace: o.workspace, Name: name, Key: key.Secret, Addresses: o.addresses,
	})
	return o, nil
}

// learn reads the addresses of the workspace and sets up what its channels need.
func (o *office) learn(ctx context.Context, channels []string) error {
	var settings struct {
		Channels []struct{ Channel, From string }
	}
	if err := o.demand(ctx, http.MethodGet, "/api/settings/communications", nil, &settings); err != nil {
		return err
	}
	for _, one := range settings.Channels {
		o.addresses[one.Channel] = one.From
	}
	for _, channel := range channels {
		if o.addresses[channel] == "" {
			return fmt.Errorf("the workspace has no address on the channel %s", channel)
		}
	}
	if slices.Contains(channels, whatsApp) {
		if err := o.findTemplate(ctx); err != nil {
			return err
		}
	}
	if !slices.Contains(channels, call) {
		return nil
	}
	return o.demand(ctx, http.MethodPut, "/api/settings/calls", map[string]any{
		"ringMode": "parallel", "ringSeconds": 15, "record": false, "voicemail": false, "voicemailGreeting": "",
		"announcement": "", "language": "en-US",
		"agents": []any{map[string]any{"userId": o.user, "name": "Owner", "phone": o.phone}},
	}, nil)
}

// findTemplate finds an approved template with a gap for the marker.
func (o *office) findTemplate(ctx context.Context) error {
	var found struct {
		Items []struct {
			ID, Language, Status string
			Parameters           []struct{ Name string }
		}
	}
	if err := o.demand(ctx, http.MethodGet, "/api/templates?channel="+whatsApp, nil, &found); err != nil {
		return err
	}
	for _, item := range found.Items {
		if item.Status != "approved" || len(item.Parameters) == 0 {
			continue
		}
		o.template = &template{ID: item.ID, Language: item.Language}
		for _, gap := range item.Parameters {
			o.template.gaps = append(o.template.gaps, gap.Name)
		}
		return nil
	}
	return errors.New("the account has no approved template with a gap")
}

// furnish gives a workspace its customers. One of the texters' and one of the writers' messages never arrive.
func (d *Driver) furnish(o *office, at int) {
	for _, channel := range d.cfg.Channels {
		if channel == call {
			continue // every call is with somebody else
		}
		for number := range lanesOf {
			o.lanes[channel] = append(o.lanes[channel], newLane(o, channel, d.customer(channel, at, number)))
		}
	}
	if slices.Contains(d.cfg.Channels, sms) {
		for number := range 2 {
			o.reserved = append(o.reserved, newLane(o, sms, phoneNumber(d.cfg.Seed, at, 100+number)))
		}
	}
}

func (d *Driver) customer(channel string, office, number int) string {
	switch {
	case channel == email && number == 0:
		return fmt.Sprintf("softbounce-%d-%d@example.net", d.cfg.Seed, office)
	case channel == email:
		return fmt.Sprintf("customer-%d-%d-%d@example.net", d.cfg.Seed, office, number)
	case channel == sms && number == 0:
		return fmt.Sprintf("+1%d5550002", 601+office%380)
	case channel == whatsApp:
		return phoneNumber(d.cfg.Seed, office, 50+number)
	default:
		return phoneNumber(d.cfg.Seed, office, 10+number)
	}
}

// phoneNumber is a number of a fictitious exchange, another one for every customer of every workspace.
func phoneNumber(seed uint64, office, number int) string {
	// 700 area codes of 9,000 numbers each. The area code 500 is the sandbox's own.
	place := uint64(office)*1_000 + uint64(number) //nolint:gosec // both are small and not negative
	place = (place + seed%1_000*6_300) % (380 * 9_000)
	return fmt.Sprintf("+1%d555%d", 601+place/9_000, 1_000+place%9_000)
}
