package setting

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// maxFields bounds what is kept of a credential, in bytes.
const maxFields = 64 << 10

// Set chooses whose account a channel goes by. The same choice again changes nothing.
func (s *Settings) Set(
	ctx context.Context, ws workspace.ID, request *storev1.SetCommunicationSettingRequest,
) (*storev1.SetCommunicationSettingResponse, error) {
	c, err := newChange(ws, request)
	if err != nil {
		return nil, err
	}
	c.sandbox = s.sandbox
	err = s.db.ChangeInWorkspace(ctx, ws, c.apply)
	if err != nil {
		return nil, err
	}
	s.flush(ctx)
	return c.response, nil
}

// change is a checked request on its way into the database.
type change struct {
	ws       workspace.ID
	request  *storev1.SetCommunicationSettingRequest
	response *storev1.SetCommunicationSettingResponse
	// id is the credential's.
	id      uuid.UUID
	sandbox bool
	// isNews tells that something is another than it was.
	isNews bool
}

func newChange(ws workspace.ID, request *storev1.SetCommunicationSettingRequest) (*change, error) {
	c := &change{ws: ws, request: request, response: &storev1.SetCommunicationSettingResponse{}}
	if _, err := channel.ParseKind(request.GetChannel()); err != nil {
		return nil, refuse.Invalid("channel", "is no channel")
	}
	switch request.GetMode() {
	case modePlatform:
		return c, nil
	case modeOwn:
	default:
		return nil, refuse.Invalid("mode", "is neither platform nor byoc")
	}
	given := request.GetCredential()
	if given.GetProvider() == "" {
		return nil, refuse.Invalid("provider", "is missing")
	}
	address, err := channel.NormalizeAddress(channel.Kind(request.GetChannel()), request.GetAddress())
	if err != nil || address != request.GetAddress() {
		return nil, refuse.Invalid("address", "is no address of the channel")
	}
	if c.id, err = uuid.Parse(given.GetId()); err != nil {
		return nil, refuse.Invalid("credential", "has no id")
	}
	return c, nil
}

// apply writes the change, and who made it.
func (c *change) apply(ctx context.Context, tx postgres.ChangeTx) error {
	var (
		id       uuid.UUID
		provider string
		err      error
	)
	if c.request.GetMode() == modeOwn {
		provider = c.request.GetCredential().GetProvider()
		id, err = c.own(ctx, tx)
	} else {
		id, provider, err = platformFor(ctx, tx, c.request.GetChannel())
	}
	if err != nil {
		return err
	}
	before, _, err := only(ctx, tx, pgx.RowToStructByPos[struct{ Mode, Provider string }], getSetting, c.request.GetChannel())
	if err != nil {
		return fmt.Errorf("reading the setting: %w", err)
	}
	c.isNews = c.isNews || before.Mode != c.request.GetMode() || before.Provider != provider
	if err := switchTo(ctx, tx, c.ws, c.request.GetChannel(), id); err != nil {
		return err
	}
	c.response.Setting, _, err = only(ctx, tx, scanSetting, saveSetting, c.ws.UUID(), c.request.GetChannel(), c.request.GetMode(), provider)
	if err != nil {
		return fmt.Errorf("writing the setting: %w", err)
	}
	if !c.isNews {
		return nil
	}
	return audit.Write(ctx, tx, c.ws, c.request.GetActor(), audit.Entry{
		Action: "communication_setting.changed", Subject: c.request.GetChannel(),
		Detail: c.request.GetMode() + " " + provider + " " + c.request.GetAddress(),
	})
}

// own is the channel account of the workspace's own address, with the credential it is reached by.
func (c *change) own(ctx context.Context, tx postgres.ChangeTx) (uuid.UUID, error) {
	saved, err := c.save(ctx, tx)
	if err != nil {
		return uuid.UUID{}, err
	}
	c.response.Credential = saved.told()
	taken, err := account.Claim(ctx, tx, c.ws, saved.Provider, saved.ProviderAccount, c.request.GetAddress())
	if err != nil {
		return uuid.UUID{}, err
	}
	if !taken {
		return uuid.UUID{}, refuse.Conflict("address", "Another workspace uses this address of the account.")
	}
	fresh, err := uuid.NewV7()
	if err != nil {
		return uuid.UUID{}, fmt.Errorf("making a channel account id: %w", err)
	}
	id, ok, err := only(ctx, tx, idOf, ownAccount, c.ws.UUID(), fresh, c.request.GetChannel(), saved.Provider,
		saved.ProviderAccount, c.request.GetAddress(), c.sandbox, saved.ID)
	if err != nil {
		return uuid.UUID{}, fmt.Errorf("writing the channel account: %w", err)
	}
	if !ok {
		return uuid.UUID{}, refuse.Conflict("address", "This is the platform's own address. Choose the platform's account to use it.")
	}
	c.isNews = c.isNews || id == fresh
	return id, outbox.Put(ctx, tx, c.ws, event.BucketCredentials, saved.Key(), saved.Value())
}

// save writes the credential: its new fields over those it has.
func (c *change) save(ctx context.Context, tx postgres.ChangeTx) (credential, error) {
	given := c.request.GetCredential()
	before, exists, err := only(ctx, tx, pgx.RowToStructByName[credential], getCredential, given.GetProvider())
	if err != nil {
		return credential{}, fmt.Errorf("reading the credential: %w", err)
	}
	if exists && before.ID != c.id {
		return credential{}, refuse.Conflict("credential", "The credential was changed meanwhile. Try again.")
	}
	providerAccount := given.GetProviderAccount()
	if providerAccount == "" {
		providerAccount = c.id.String()
	}
	if exists && before.ProviderAccount != providerAccount {
		return credential{}, refuse.Conflict("credential", "This is another account than the one in use. Remove that one first.")
	}
	fields, err := merged(before.Fields, given)
	if err != nil {
		return credential{}, err
	}
	state := c.request.GetState()
	if exists && state == before.State && string(fields) == string(before.Fields) {
		return before, nil
	}
	c.isNews = true
	saved, _, err := only(ctx, tx, pgx.RowToStructByName[credential], saveCredential, c.ws.UUID(), c.id, given.GetProvider(),
		providerAccount, fields, rand.Text(), state)
	if err != nil {
		return credential{}, fmt.Errorf("writing the credential: %w", err)
	}
	action := "credential.added"
	if exists {
		action = "credential.replaced"
	}
	return saved, audit.Write(ctx, tx, c.ws, c.request.GetActor(), audit.Entry{
		Action: action, Subject: given.GetProvider(), Detail: state,
	})
}

var errTooManyFields = errors.New("a credential of this size is not kept")

// merged puts the given fields over the encoded ones.
func merged(encoded []byte, given *bucketv1.Credential) ([]byte, error) {
	fields := &bucketv1.Credential{}
	if err := proto.Unmarshal(encoded, fields); err != nil {
		return nil, fmt.Errorf("reading the fields of the credential: %w", err)
	}
	proto.Merge(fields, &bucketv1.Credential{Values: given.GetValues(), Secrets: given.GetSecrets()})
	return encode(fields)
}

func encode(fields *bucketv1.Credential) ([]byte, error) {
	whole, err := proto.MarshalOptions{Deterministic: true}.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encoding the fields of the credential: %w", err)
	}
	if len(whole) > maxFields {
		return nil, refuse.Invalid("credential", errTooManyFields.Error())
	}
	return whole, nil
}

// platformFor is the channel account a workspace has on the platform's.
func platformFor(ctx context.Context, tx postgres.ChangeTx, kind string) (id uuid.UUID, provider string, err error) {
	found, ok, err := only(ctx, tx, pgx.RowToStructByPos[struct {
		ID       uuid.UUID
		Provider string
	}], platformAccount, kind)
	if err != nil {
		return id, "", fmt.Errorf("reading the platform's account: %w", err)
	}
	if !ok {
		return id, "", refuse.Conflict("mode", "The platform has no "+kind+" account for this workspace.")
	}
	return found.ID, found.Provider, nil
}

// switchTo makes a channel account the one that messages leave by.
func switchTo(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, kind string, id uuid.UUID) error {
	for _, step := range []struct {
		sql  string
		args []any
	}{{leaveDefault, []any{kind, id}}, {makeDefault, []any{id}}} {
		changed, err := tx.Query(ctx, step.sql, step.args...)
		if err != nil {
			return fmt.Errorf("switching the channel: %w", err)
		}
		routes, err := pgx.CollectRows(changed, pgx.RowToStructByName[bucket.Route])
		if err != nil {
			return fmt.Errorf("switching the channel: %w", err)
		}
		for _, route := range routes {
			if err := outbox.Put(ctx, tx, ws, event.BucketRoutes, route.Key(), route.Value()); err != nil {
				return err
			}
		}
	}
	return nil
}
