package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
)

type callSettingsOutput struct{ Body CallSettings }

type setCallSettingsInput struct {
	Idempotent
	Body CallSettings
}

type setCallSettingsOutput struct {
	Replayable
	Body CallSettings
}

func (a *API) registerCallSettings() {
	register(a, protected("get-call-settings", http.MethodGet, "/api/settings/calls", tagSettings, "What happens with calls"), a.getCallSettings)
	registerOnce(a, with(protected("set-call-settings", http.MethodPut, "/api/settings/calls", tagSettings, "Change what happens with calls"),
		http.StatusOK, "Owners and admins change all of it; an agent only the own entry in agents: add, change or remove the own phone."),
		a.setCallSettings)
}

func (a *API) getCallSettings(ctx context.Context, _ *struct{}) (*callSettingsOutput, error) {
	settings, err := a.callSettings(ctx, principalOf(ctx).Workspace)
	if err != nil {
		return nil, err
	}
	return &callSettingsOutput{Body: toCallSettings(settings)}, nil
}

func (a *API) callSettings(ctx context.Context, ws workspace.ID) (*bucketv1.CallSettings, error) {
	response := &storev1.GetCallSettingsResponse{}
	if err := a.ask(ctx, ws, "call-settings", "get", &storev1.GetCallSettingsRequest{}, response); err != nil {
		return nil, err
	}
	return response.GetSettings(), nil
}

// setCallSettings replaces the settings: the second time changes nothing.
func (a *API) setCallSettings(ctx context.Context, input *setCallSettingsInput) (*setCallSettingsOutput, error) {
	principal := principalOf(ctx)
	wanted, err := fromCallSettings(principal.Workspace, input.Body)
	if err != nil {
		return nil, err
	}
	if !principal.Manages() {
		current, err := a.callSettings(ctx, principal.Workspace)
		if err != nil {
			return nil, err
		}
		if !changesOnlyOwn(principal, toCallSettings(current), toCallSettings(wanted)) {
			return nil, forbidden("Only owners and admins change more than their own phone.")
		}
	}
	response := &storev1.SetCallSettingsResponse{}
	request := &storev1.SetCallSettingsRequest{Actor: actorOf(ctx), Settings: wanted}
	if err := a.ask(ctx, principal.Workspace, "call-settings", "set", request, response); err != nil {
		return nil, err
	}
	return &setCallSettingsOutput{Body: toCallSettings(response.GetSettings())}, nil
}

// changesOnlyOwn tells whether nothing differs but the entry of the one who asks.
func changesOnlyOwn(principal access.Principal, current, wanted CallSettings) bool {
	if principal.UserID == "" {
		return false
	}
	others := func(settings CallSettings) CallSettings {
		settings.Agents = slices.DeleteFunc(slices.Clone(settings.Agents), func(each CallAgent) bool { return each.UserID == principal.UserID })
		for i := range settings.Agents {
			settings.Agents[i].Name = ""
		}
		return settings
	}
	before, after := others(current), others(wanted)
	same := slices.Equal(before.Agents, after.Agents)
	before.Agents, after.Agents = nil, nil
	return same && before.RingMode == after.RingMode && before.RingSeconds == after.RingSeconds && before.Record == after.Record &&
		before.Announcement == after.Announcement && before.Voicemail == after.Voicemail &&
		before.VoicemailGreeting == after.VoicemailGreeting && before.Language == after.Language
}

// fromCallSettings checks the settings and writes the phones as everything compares them.
func fromCallSettings(ws workspace.ID, body CallSettings) (*bucketv1.CallSettings, error) {
	settings := &bucketv1.CallSettings{
		WorkspaceId: ws.String(), RingMode: body.RingMode, RingSeconds: body.RingSeconds, Record: body.Record,
		Announcement: body.Announcement, Voicemail: body.Voicemail, VoicemailGreeting: body.VoicemailGreeting, Language: body.Language,
	}
	for field, text := range map[string]string{"announcement": body.Announcement, "voicemailGreeting": body.VoicemailGreeting} {
		if !isSpeakable(text) {
			return nil, invalid(field, "holds a control character")
		}
	}
	known := map[string]bool{}
	for i, agent := range body.Agents {
		field := "agents[" + strconv.Itoa(i) + "]"
		phone, err := channel.NormalizeAddress(channel.Call, agent.Phone)
		if err != nil {
			return nil, invalid(field+".phone", addressHint(channel.Call))
		}
		if !isID(agent.UserID) {
			return nil, invalid(field+".userId", "is no user of the workspace")
		}
		if known[agent.UserID] {
			return nil, invalid(field+".userId", "is there twice")
		}
		known[agent.UserID] = true
		settings.Agents = append(settings.Agents, &bucketv1.CallAgent{UserId: agent.UserID, Phone: phone})
	}
	return settings, nil
}

// isSpeakable tells whether a text can be said.
func isSpeakable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}
