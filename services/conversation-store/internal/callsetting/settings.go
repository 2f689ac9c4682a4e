package callsetting

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

var (
	//go:embed sql/get.sql
	getSettings string
	//go:embed sql/begin.sql
	beginSettings string
	//go:embed sql/set.sql
	setSettings string
	//go:embed sql/delete_agents.sql
	deleteAgents string
	//go:embed sql/create_agents.sql
	createAgents string
	//go:embed sql/members.sql
	selectMembers string
)

// Relay publishes what has been committed to the outbox.
type Relay interface {
	// Flush returns when everything committed before the call is published.
	Flush(ctx context.Context) error
}

// Settings answers the questions about calls. It is safe for concurrent use.
type Settings struct {
	db     *postgres.DB
	relay  Relay
	logger *slog.Logger
}

// New makes Settings.
func New(db *postgres.DB, relay Relay, logger *slog.Logger) *Settings {
	return &Settings{db: db, relay: relay, logger: logger}
}

// defaults is what happens with calls before anybody has decided: nobody's phone rings, and the caller may leave a
// message.
func defaults(ws workspace.ID) bucket.CallSettings {
	return bucket.CallSettings{
		WorkspaceID: ws.UUID(), RingMode: ringParallel, RingSeconds: 20, Voicemail: true, Language: "en-US",
		Agents: []bucket.CallAgent{},
	}
}

// Begin gives a workspace the defaults, unless it has settings, so that calls are answered before anybody decides.
func Begin(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID) error {
	first := defaults(ws)
	tag, err := tx.Exec(ctx, beginSettings, argsOf(first))
	if err != nil {
		return fmt.Errorf("writing the first call settings: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return outbox.Put(ctx, tx, ws, event.BucketCalls, first.Key(), first.Value())
}

// Get answers the settings, the defaults when nobody has set any.
func (s *Settings) Get(
	ctx context.Context, ws workspace.ID, _ *storev1.GetCallSettingsRequest,
) (*storev1.GetCallSettingsResponse, error) {
	found, err := postgres.Query(ctx, s.db, ws, pgx.RowToStructByName[bucket.CallSettings], getSettings)
	if err != nil {
		return nil, err
	}
	settings := defaults(ws)
	if len(found) > 0 {
		settings = found[0]
	}
	return &storev1.GetCallSettingsResponse{Settings: settings.Value()}, nil
}

// Set replaces the settings. The same settings again change nothing.
func (s *Settings) Set(
	ctx context.Context, ws workspace.ID, request *storev1.SetCallSettingsRequest,
) (*storev1.SetCallSettingsResponse, error) {
	wanted, err := checked(ws, request.GetSettings())
	if err != nil {
		return nil, err
	}
	err = s.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		if err := nameAgents(ctx, tx, wanted.Agents); err != nil {
			return err
		}
		if err := write(ctx, tx, wanted); err != nil {
			return err
		}
		detail := fmt.Sprintf("%d phones, recording %t, voicemail %t", len(wanted.Agents), wanted.Record, wanted.Voicemail)
		entry := audit.Entry{Action: "call_settings.changed", Subject: "calls", Detail: detail}
		if err := audit.Write(ctx, tx, ws, request.GetActor(), entry); err != nil {
			return err
		}
		return outbox.Put(ctx, tx, ws, event.BucketCalls, wanted.Key(), wanted.Value())
	})
	if err != nil {
		return nil, err
	}
	if err := s.relay.Flush(ctx); err != nil {
		s.logger.WarnContext(ctx, "publishing after a commit is delayed", slog.Any("err", err))
	}
	return &storev1.SetCallSettingsResponse{Settings: wanted.Value()}, nil
}

func write(ctx context.Context, tx postgres.Tx, wanted bucket.CallSettings) error {
	if _, err := tx.Exec(ctx, setSettings, argsOf(wanted)); err != nil {
		return fmt.Errorf("writing call settings: %w", err)
	}
	if _, err := tx.Exec(ctx, deleteAgents); err != nil {
		return fmt.Errorf("deleting agents: %w", err)
	}
	var users, names, phones []string
	for _, agent := range wanted.Agents {
		users, names, phones = append(users, agent.UserID), append(names, agent.Name), append(phones, agent.Phone)
	}
	if _, err := tx.Exec(ctx, createAgents, wanted.WorkspaceID, users, names, phones); err != nil {
		return fmt.Errorf("writing agents: %w", err)
	}
	return nil
}

func argsOf(s bucket.CallSettings) pgx.NamedArgs {
	return pgx.NamedArgs{
		"workspace_id": s.WorkspaceID, "ring_mode": s.RingMode, "ring_seconds": s.RingSeconds, "record": s.Record,
		"announcement": s.Announcement, "voicemail": s.Voicemail, "voicemail_greeting": s.VoicemailGreeting,
		"language": s.Language,
	}
}
