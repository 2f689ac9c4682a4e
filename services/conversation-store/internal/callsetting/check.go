package callsetting

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// How the phones of several agents ring.
const (
	ringParallel = "parallel"
	ringInTurn   = "in_turn"
)

const (
	minRing = 5
	maxRing = 60
	// maxAgents is how many numbers the providers ring at once.
	maxAgents = 10
	// maxSaid is the longest text that is said to a caller, in characters: about a minute.
	maxSaid = 1000
	maxName = 100
)

// checked reads what is asked for, or refuses it by field.
func checked(ws workspace.ID, asked *bucketv1.CallSettings) (bucket.CallSettings, error) {
	settings := bucket.CallSettings{
		WorkspaceID: ws.UUID(), RingMode: cmp.Or(asked.GetRingMode(), ringParallel), RingSeconds: asked.GetRingSeconds(),
		Record: asked.GetRecord(), Announcement: strings.TrimSpace(asked.GetAnnouncement()), Voicemail: asked.GetVoicemail(),
		VoicemailGreeting: strings.TrimSpace(asked.GetVoicemailGreeting()), Language: cmp.Or(asked.GetLanguage(), "en-US"),
	}
	if settings.RingMode != ringParallel && settings.RingMode != ringInTurn {
		return settings, refuse.Invalid("ringMode", "Must be parallel or in_turn.")
	}
	if settings.RingSeconds < minRing || settings.RingSeconds > maxRing {
		return settings, refuse.Invalid("ringSeconds", "Must be 5 to 60.")
	}
	for field, text := range map[string]string{
		"announcement": settings.Announcement, "voicemailGreeting": settings.VoicemailGreeting,
	} {
		if utf8.RuneCountInString(text) > maxSaid || strings.ContainsFunc(text, isUnspeakable) {
			return settings, refuse.Invalid(field, "Must have at most 1000 characters and no control characters.")
		}
	}
	if !regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`).MatchString(settings.Language) {
		return settings, refuse.Invalid("language", "Must be a language such as en-US.")
	}
	var err error
	settings.Agents, err = agents(asked.GetAgents())
	return settings, err
}

func agents(asked []*bucketv1.CallAgent) ([]bucket.CallAgent, error) {
	if len(asked) > maxAgents {
		return nil, refuse.Invalid("agents", "Must be at most 10.")
	}
	list := make([]bucket.CallAgent, 0, len(asked))
	for i, agent := range asked {
		field := fmt.Sprintf("agents[%d]", i)
		phone, err := channel.NormalizeAddress(channel.Call, strings.TrimSpace(agent.GetPhone()))
		if err != nil {
			return nil, refuse.Invalid(field+".phone", "Must be an international phone number such as +14155550123.")
		}
		if slices.ContainsFunc(list, func(other bucket.CallAgent) bool { return other.Phone == phone }) {
			return nil, refuse.Invalid(field+".phone", "Must be another number than those before it.")
		}
		user, err := uuid.Parse(agent.GetUserId())
		if err != nil {
			return nil, errAgent(field)
		}
		name := strings.TrimSpace(agent.GetName())
		if utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, isUnspeakable) {
			return nil, refuse.Invalid(field+".name", "Must have at most 100 characters and no control characters.")
		}
		list = append(list, bucket.CallAgent{UserID: user.String(), Name: name, Phone: phone})
	}
	return list, nil
}

// nameAgents refuses agents who are no members and gives those without a name that of their user.
func nameAgents(ctx context.Context, tx postgres.Tx, list []bucket.CallAgent) error {
	rows, err := tx.Query(ctx, selectMembers)
	if err != nil {
		return fmt.Errorf("reading members: %w", err)
	}
	names := map[string]string{}
	var id, name string
	_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		names[id] = name
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading members: %w", err)
	}
	for i := range list {
		member, ok := names[list[i].UserID]
		if !ok {
			return errAgent(fmt.Sprintf("agents[%d]", i))
		}
		list[i].Name = cmp.Or(list[i].Name, member)
	}
	return nil
}

func errAgent(field string) error {
	return refuse.Invalid(field+".userId", "Must be the id of a member of the workspace.")
}

func isUnspeakable(r rune) bool {
	return (unicode.IsControl(r) && r != '\n') || r == utf8.RuneError
}
