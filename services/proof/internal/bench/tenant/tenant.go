// Package tenant puts many workspaces in place within seconds: signing each up costs a password's hash. The first signs
// up through the API; the others are rows and bucket entries like those the store made for it.
package tenant

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

var (
	//go:embed sql/homes.sql
	createHomes string
	//go:embed sql/workspaces.sql
	insertWorkspaces string
	//go:embed sql/accounts.sql
	insertAccounts string
	//go:embed sql/routes.sql
	insertRoutes string
	//go:embed sql/settings.sql
	insertSettings string
	//go:embed sql/calls.sql
	insertCalls string
	//go:embed sql/keys.sql
	insertKeys string
	//go:embed sql/select_keys.sql
	selectKeys string
	//go:embed sql/select_accounts.sql
	selectAccounts string
)

// writers is how many bucket entries are written at one time.
const writers = 16

// Place is where the workspaces go. The database is reached as its superuser, past its walls.
type Place struct{ Gateway, NATSURL, DatabaseURL string }

// Workspace is one of them, with the secret of an API key.
type Workspace struct {
	ID  workspace.ID
	Key string
	// Accounts are the default channel accounts.
	Accounts map[channel.Kind]Account
}

// Account is a channel account.
type Account struct{ ID, Provider, Mode, Address string }

// Fill makes count workspaces.
func Fill(ctx context.Context, place Place, count int) ([]Workspace, error) {
	template, err := signUp(ctx, place.Gateway)
	if err != nil {
		return nil, err
	}
	secrets, err := newSecrets(count)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, place.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var filled filling
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		filled, err = fill(ctx, tx, template, secrets)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := project(ctx, place.NATSURL, filled.entries); err != nil {
		return nil, err
	}
	return filled.workspaces, nil
}

// newSecrets makes the secrets of API keys.
func newSecrets(count int) ([]string, error) {
	secrets := make([]string, count)
	for i := range secrets {
		var raw [32]byte
		if _, err := rand.Read(raw[:]); err != nil {
			return nil, fmt.Errorf("reading random bytes: %w", err)
		}
		secrets[i] = "ck_" + base64.RawURLEncoding.EncodeToString(raw[:])
	}
	return secrets, nil
}

// filling is what was made, and what the buckets must say of it.
type filling struct {
	workspaces []Workspace
	entries    []entry
}

// entry is a value for a key of a bucket.
type entry struct {
	bucket, key string
	value       proto.Message
}

func fill(ctx context.Context, tx pgx.Tx, template string, secrets []string) (filling, error) {
	hashes := make([][]byte, len(secrets))
	for i, secret := range secrets {
		sum := sha256.Sum256([]byte(secret))
		hashes[i] = sum[:]
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{createHomes, []any{len(secrets)}},
		{insertWorkspaces, nil},
		{insertAccounts, []any{template}},
		{insertRoutes, nil},
		{insertSettings, nil},
		{insertCalls, []any{template}},
		{insertKeys, []any{hashes}},
	} {
		// CREATE TABLE AS takes no parameters in the extended protocol.
		if _, err := tx.Exec(ctx, step.sql, append([]any{pgx.QueryExecModeSimpleProtocol}, step.args...)...); err != nil {
			return filling{}, fmt.Errorf("making workspaces: %w", err)
		}
	}
	var filled filling
	if err := filled.readKeys(ctx, tx, secrets); err != nil {
		return filling{}, err
	}
	return filled, filled.readAccounts(ctx, tx)
}

func (f *filling) readKeys(ctx context.Context, tx pgx.Tx, secrets []string) error {
	rows, err := tx.Query(ctx, selectKeys)
	if err != nil {
		return fmt.Errorf("reading the workspaces: %w", err)
	}
	var ws, key string
	_, err = pgx.ForEachRow(rows, []any{&ws, &key}, func() error {
		id, err := workspace.ParseID(ws)
		if err != nil {
			return err
		}
		secret := secrets[len(f.workspaces)]
		f.workspaces = append(f.workspaces, Workspace{ID: id, Key: secret, Accounts: map[channel.Kind]Account{}})
		f.entries = append(f.entries, entry{event.BucketAccess, event.AccessKey(secret), &bucketv1.Principal{
			Kind: "api_key", Id: key, WorkspaceId: ws, Role: "admin",
		}})
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the workspaces: %w", err)
	}
	return nil
}

func (f *filling) readAccounts(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, selectAccounts)
	if err != nil {
		return fmt.Errorf("reading channel accounts: %w", err)
	}
	at := map[string]int{}
	for i, ws := range f.workspaces {
		at[ws.ID.String()] = i
	}
	r := &bucketv1.Route{}
	_, err = pgx.ForEachRow(rows, []any{
		&r.WorkspaceId, &r.ChannelAccountId, &r.Channel, &r.Provider, &r.ProviderAccount, &r.Address, &r.Mode, &r.Sandbox,
		&r.DisplayName, &r.IsDefault,
	}, func() error {
		kind := channel.Kind(r.GetChannel())
		if r.GetIsDefault() {
			f.workspaces[at[r.GetWorkspaceId()]].Accounts[kind] = Account{
				ID: r.GetChannelAccountId(), Provider: r.GetProvider(), Mode: r.GetMode(), Address: r.GetAddress(),
			}
		}
		key := event.RouteKey(r.GetProvider(), r.GetProviderAccount(), kind, r.GetAddress())
		f.entries = append(f.entries, entry{event.BucketRoutes, key, proto.CloneOf(r)})
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading channel accounts: %w", err)
	}
	if len(f.entries) == len(f.workspaces) {
		return errors.New("making workspaces: the first one has no channels")
	}
	return nil
}

// project writes the entries into their buckets, as the store would have.
func project(ctx context.Context, natsURL string, entries []entry) error {
	connected, err := bus.Connect(ctx, bus.Config{URL: natsURL, Name: "bench"})
	if err != nil {
		return fmt.Errorf("connecting to the bus: %w", err)
	}
	defer connected.Close()
	buckets := map[string]*bus.Bucket{}
	for _, name := range []string{event.BucketAccess, event.BucketRoutes} {
		if buckets[name], err = connected.Bucket(ctx, name); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for _, e := range entries {
		group.Go(func() error {
			data, err := proto.Marshal(e.value)
			if err != nil {
				return fmt.Errorf("encoding an entry of %s: %w", e.bucket, err)
			}
			_, err = buckets[e.bucket].Put(ctx, e.key, data)
			return err
		})
	}
	return group.Wait()
}
