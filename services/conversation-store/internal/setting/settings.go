package setting

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

var (
	//go:embed sql/list.sql
	listSettings string
	//go:embed sql/get.sql
	getSetting string
	//go:embed sql/save.sql
	saveSetting string
	//go:embed sql/delete.sql
	deleteSetting string
	//go:embed sql/list_credentials.sql
	listCredentials string
	//go:embed sql/get_credential.sql
	getCredential string
	//go:embed sql/list_sealed.sql
	listSealed string
	//go:embed sql/lock_credential.sql
	lockCredential string
	//go:embed sql/save_credential.sql
	saveCredential string
	//go:embed sql/delete_credential.sql
	deleteCredential string
	//go:embed sql/own_account.sql
	ownAccount string
	//go:embed sql/platform_account.sql
	platformAccount string
	//go:embed sql/leave_default.sql
	leaveDefault string
	//go:embed sql/make_default.sql
	makeDefault string
	//go:embed sql/clear_default.sql
	clearDefault string
	//go:embed sql/accounts_of_credential.sql
	accountsOfCredential string
	//go:embed sql/release_addresses.sql
	releaseAddresses string
)

// Modes: whose account a channel goes by.
const (
	modePlatform = "platform"
	modeOwn      = "byoc"
)

// Relay publishes what has been committed to the outbox.
type Relay interface {
	// Flush returns when everything committed before the call is published.
	Flush(ctx context.Context) error
}

// Settings answers the questions about whose account pays. It is safe for concurrent use.
type Settings struct {
	db      *postgres.DB
	relay   Relay
	logger  *slog.Logger
	sandbox bool
}

// New makes Settings. sandbox tells that the providers are the sandbox.
func New(db *postgres.DB, relay Relay, logger *slog.Logger, sandbox bool) *Settings {
	return &Settings{db: db, relay: relay, logger: logger, sandbox: sandbox}
}

// credential is a row, its columns by name.
type credential struct {
	bucket.Credential
	State     string
	UpdatedAt time.Time
}

// told is the credential without what is sealed.
func (c credential) told() *storev1.OwnCredential {
	value := c.Value()
	for _, secret := range value.GetSecrets() {
		secret.Sealed = nil
	}
	return &storev1.OwnCredential{Credential: value, State: c.State, UpdatedAt: timestamppb.New(c.UpdatedAt)}
}

// List answers what is set, and the workspace's own credentials.
func (s *Settings) List(
	ctx context.Context, ws workspace.ID, _ *storev1.ListCommunicationSettingsRequest,
) (*storev1.ListCommunicationSettingsResponse, error) {
	settings, err := postgres.Query(ctx, s.db, ws, scanSetting, listSettings)
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	own, err := postgres.Query(ctx, s.db, ws, pgx.RowToStructByName[credential], listCredentials)
	if err != nil {
		return nil, fmt.Errorf("reading the credentials: %w", err)
	}
	response := &storev1.ListCommunicationSettingsResponse{Settings: settings}
	for _, each := range own {
		response.Credentials = append(response.Credentials, each.told())
	}
	return response, nil
}

func scanSetting(row pgx.CollectableRow) (*storev1.CommunicationSetting, error) {
	setting := &storev1.CommunicationSetting{}
	var at time.Time
	err := row.Scan(&setting.Channel, &setting.Mode, &setting.Provider, &at)
	setting.UpdatedAt = timestamppb.New(at)
	return setting, err //nolint:wrapcheck // the caller says what was read
}

// flush publishes what was committed, so that the asker reads its own write.
func (s *Settings) flush(ctx context.Context) {
	if err := s.relay.Flush(ctx); err != nil {
		s.logger.WarnContext(ctx, "publishing after a commit is delayed", slog.Any("err", err))
	}
}

// only reads the row of a statement that returns at most one.
func only[T any](ctx context.Context, tx postgres.Tx, collect pgx.RowToFunc[T], sql string, args ...any) (found T, ok bool, err error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return found, false, err //nolint:wrapcheck // the caller says what was read
	}
	all, err := pgx.CollectRows(rows, collect)
	if err != nil || len(all) == 0 {
		return found, false, err //nolint:wrapcheck // the caller says what was read
	}
	return all[0], true, nil
}

func idOf(row pgx.CollectableRow) (uuid.UUID, error) { return pgx.RowTo[uuid.UUID](row) }
