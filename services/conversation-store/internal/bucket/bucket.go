// Package bucket says how the rows of accounts and channels look in the projection buckets. Whoever changes a row and
// whoever rebuilds a bucket from all rows write the same keys and values because both ask here.
package bucket

import (
	_ "embed"
	"encoding/hex"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// Route is a channel account with its address: one entry of the routes bucket. The names are those of the columns.
type Route struct {
	WorkspaceID      uuid.UUID
	ChannelAccountID uuid.UUID
	Channel          string
	Provider         string
	ProviderAccount  string
	Address          string
	Mode             string
	Sandbox          bool
	DisplayName      string
	IsDefault        bool
	// CredentialID is nil for the platform's account.
	CredentialID *uuid.UUID
}

// Key is where the route is found by an inbound webhook.
func (r Route) Key() string {
	return event.RouteKey(r.Provider, r.ProviderAccount, channel.Kind(r.Channel), r.Address)
}

// Value is the entry.
func (r Route) Value() *bucketv1.Route {
	value := &bucketv1.Route{
		WorkspaceId: r.WorkspaceID.String(), ChannelAccountId: r.ChannelAccountID.String(),
		Channel: r.Channel, Provider: r.Provider, ProviderAccount: r.ProviderAccount, Address: r.Address,
		Mode: r.Mode, Sandbox: r.Sandbox, DisplayName: r.DisplayName, IsDefault: r.IsDefault,
	}
	if r.CredentialID != nil {
		value.CredentialId = r.CredentialID.String()
	}
	return value
}

// Credential is a workspace's own account at a provider: one entry of the credentials bucket.
type Credential struct {
	WorkspaceID     uuid.UUID
	ID              uuid.UUID
	Provider        string
	ProviderAccount string
	// Fields is an encoded bucketv1.Credential of which values and secrets count.
	Fields []byte
	Token  string
}

// Key is where the credential is found by who opens it.
func (c Credential) Key() string { return event.CredentialKey(idOf(c.WorkspaceID), c.ID.String()) }

// Value is the entry.
func (c Credential) Value() *bucketv1.Credential {
	value := &bucketv1.Credential{}
	if err := proto.Unmarshal(c.Fields, value); err != nil {
		value.Reset() // a credential without fields opens nothing
	}
	value.WorkspaceId, value.Id, value.Provider = c.WorkspaceID.String(), c.ID.String(), c.Provider
	value.ProviderAccount, value.Token = c.ProviderAccount, c.Token
	return value
}

// Kinds of a principal.
const (
	KindSession = "session"
	KindAPIKey  = "api_key"
)

// Access is a session or an API key: one entry of the access bucket.
type Access struct {
	Kind        string
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	// UserID is nil for an API key.
	UserID *uuid.UUID
	Role   string
	// ExpiresAt is nil for an API key.
	ExpiresAt *time.Time
	// SecretHash is the SHA-256 of the token or key.
	SecretHash []byte
	// Operator tells that the user runs the platform.
	Operator bool
}

// Key is where the principal is found by the secret: event.AccessKey, of a secret that only its owner has.
func (a Access) Key() string { return AccessKey(a.SecretHash) }

// AccessKey is the key of a secret of which only the SHA-256 is known.
func AccessKey(secretHash []byte) string { return hex.EncodeToString(secretHash) }

// Value is the entry.
func (a Access) Value() *bucketv1.Principal {
	principal := &bucketv1.Principal{
		Kind: a.Kind, Id: a.ID.String(), WorkspaceId: a.WorkspaceID.String(), Role: a.Role, Operator: a.Operator,
	}
	if a.UserID != nil {
		principal.UserId = a.UserID.String()
	}
	if a.ExpiresAt != nil {
		principal.ExpiresAt = timestamppb.New(*a.ExpiresAt)
	}
	return principal
}

// Consent is what an address wants on a channel: one entry of the consent bucket.
type Consent struct {
	WorkspaceID uuid.UUID
	Channel     string
	Address     string
	State       string
	Source      string
	Reason      string
	// ChangedBy is nil when nobody of the workspace decided.
	ChangedBy *uuid.UUID
	ChangedAt time.Time
}

// Key is where the consent is found by whoever is about to send.
func (c Consent) Key() string {
	return event.ConsentKey(idOf(c.WorkspaceID), channel.Kind(c.Channel), c.Address)
}

// Value is the entry.
func (c Consent) Value() *eventv1.Consent {
	value := &eventv1.Consent{
		WorkspaceId: c.WorkspaceID.String(), Channel: c.Channel, Address: c.Address, State: c.State, Source: c.Source,
		Reason: c.Reason, ChangedAt: timestamppb.New(c.ChangedAt),
	}
	if c.ChangedBy != nil {
		value.ChangedBy = c.ChangedBy.String()
	}
	return value
}

// Window is until when the customer of a conversation can be answered freely: one entry of the windows bucket. The
// conversation may go by other ids, those derived from the customer's other addresses; each has its entry.
type Window struct {
	WorkspaceID    uuid.UUID
	ConversationID uuid.UUID
	ExpiresAt      time.Time
}

// Key is where the window is found by whoever is about to send.
func (w Window) Key() string { return event.WindowKey(idOf(w.WorkspaceID), w.ConversationID.String()) }

// Value is the entry.
func (w Window) Value() *bucketv1.Window {
	return &bucketv1.Window{
		WorkspaceId: w.WorkspaceID.String(), ConversationId: w.ConversationID.String(), ExpiresAt: timestamppb.New(w.ExpiresAt),
	}
}

// CallSettings is what a workspace does with calls: one entry of the calls bucket.
type CallSettings struct {
	WorkspaceID       uuid.UUID
	RingMode          string
	RingSeconds       int32
	Record            bool
	Announcement      string
	Voicemail         bool
	VoicemailGreeting string
	Language          string
	Agents            []CallAgent
}

// CallAgent is whose phone rings.
type CallAgent struct {
	UserID string `json:"user_id"`
	Name   string `json:"name"`
	Phone  string `json:"phone"`
}

// Key is where the settings are found by who answers a call.
func (c CallSettings) Key() string { return event.CallSettingsKey(idOf(c.WorkspaceID)) }

// Value is the entry.
func (c CallSettings) Value() *bucketv1.CallSettings {
	agents := make([]*bucketv1.CallAgent, 0, len(c.Agents))
	for _, agent := range c.Agents {
		agents = append(agents, &bucketv1.CallAgent{UserId: agent.UserID, Name: agent.Name, Phone: agent.Phone})
	}
	return &bucketv1.CallSettings{
		WorkspaceId: c.WorkspaceID.String(), RingMode: c.RingMode, RingSeconds: c.RingSeconds, Agents: agents,
		Record: c.Record, Announcement: c.Announcement, Voicemail: c.Voicemail, VoicemailGreeting: c.VoicemailGreeting,
		Language: c.Language,
	}
}

// SelectTerms reads the Terms of every workspace that the reader sees.
//
//go:embed terms.sql
var SelectTerms string

// Terms are what a workspace may use and what it costs: one entry of the plans bucket.
type Terms struct {
	WorkspaceID   uuid.UUID   `json:"-"`
	PlanID        string      `json:"plan_id"`
	PlanName      string      `json:"plan_name"`
	Currency      string      `json:"currency"`
	PriceMinor    int64       `json:"price_minor"`
	TimeZone      string      `json:"time_zone"`
	SpendCapMinor int64       `json:"spend_cap_minor"`
	Allowances    []Allowance `json:"allowances"`
}

// Allowance is what a plan includes of a meter.
type Allowance struct {
	Meter         string `json:"meter"`
	Included      int64  `json:"included"`
	Unlimited     bool   `json:"unlimited"`
	OverageMicros int64  `json:"overage_micros"`
}

// Key is where the terms are found by whoever accepts messages.
func (t Terms) Key() string { return event.TermsKey(idOf(t.WorkspaceID)) }

// Value is the entry.
func (t Terms) Value() *bucketv1.Terms {
	return &bucketv1.Terms{
		WorkspaceId: t.WorkspaceID.String(), PlanId: t.PlanID, PlanName: t.PlanName, Currency: t.Currency,
		PriceMinor: t.PriceMinor, TimeZone: t.TimeZone, Allowances: Allowances(t.Allowances), SpendCapMinor: t.SpendCapMinor,
	}
}

// Allowances are those of a plan as others read them.
func Allowances(allowances []Allowance) []*bucketv1.Allowance {
	told := make([]*bucketv1.Allowance, 0, len(allowances))
	for _, a := range allowances {
		told = append(told, &bucketv1.Allowance{
			Meter: a.Meter, Included: a.Included, Unlimited: a.Unlimited, OverageMicros: a.OverageMicros,
		})
	}
	return told
}

// idOf is the id of a row's workspace; it fails for the zero id alone, which no row has.
func idOf(id uuid.UUID) workspace.ID {
	ws, _ := workspace.ParseID(id.String())
	return ws
}
